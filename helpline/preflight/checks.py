"""The preflight checks. Each returns findings; none raises."""

from __future__ import annotations

import secrets
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from helpline import time_zones as helpline_time_zones
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.telephony import signature, webhook_probe
from helpline.telephony.carrier import (
    Carrier,
    CarrierError,
    NumberRoutes,
    OutcomeUnknown,
    RetryLater,
)
from helpline.telephony.country_rules import RULES
from helpline.telephony.status_map import Problem
from helpline.telephony.webhook_probe import Answer, NoAnswer

WORKER_IS_SILENT_AFTER = timedelta(seconds=60)
_CLOCKS_MAY_DIFFER = timedelta(seconds=30)
_FORWARDED_LATELY = timedelta(days=2)
_ZONES_ARE_OLD_AFTER_YEARS = 2
_BALANCE_IS_LOW = Decimal(10)
_DEMO_HOST = "demo.twilio.com"
"""Webhook host of a newly bought number (https://www.twilio.com/docs/voice/quickstart)."""


class Check(StrEnum):
    """The subject of a check."""

    CREDENTIALS = "credentials"
    BALANCE = "balance"
    NUMBER = "number"
    ROUTES = "routes"
    CALLER_IDS = "caller_ids"
    ADDRESS = "address"
    REGIONS = "regions"
    KEYS = "keys"
    WORKER = "worker"
    CLOCK = "clock"
    TIME_ZONES = "time_zones"


class Level(StrEnum):
    """The level of a finding. What could not be checked is neither right nor wrong."""

    RIGHT = "right"
    UNCHECKED = "unchecked"
    CARE = "care"
    WRONG = "wrong"


class FindingCode(StrEnum):
    """The code of a finding; its text is in web/preflight_text."""

    NO_CARRIER = "no_carrier"
    ACCOUNT_ACTIVE = "account_active"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    ACCOUNT_TRIAL = "account_trial"
    BASE_ADDRESS_RETIRED = "base_address_retired"
    BALANCE_GOOD = "balance_good"
    BALANCE_LOW = "balance_low"
    BALANCE_GONE = "balance_gone"
    BALANCE_UNCHECKED = "balance_unchecked"
    CREDENTIALS_REFUSED = "credentials_refused"
    CARRIER_UNREACHABLE = "carrier_unreachable"
    NUMBER_GOOD = "number_good"
    NUMBER_NOT_OWNED = "number_not_owned"
    NUMBER_NO_VOICE = "number_no_voice"
    NUMBER_NO_SMS = "number_no_sms"
    NUMBER_UNCHECKED = "number_unchecked"
    ROUTES_GOOD = "routes_good"
    VOICE_DEMO = "voice_demo"
    VOICE_ELSEWHERE = "voice_elsewhere"
    VOICE_METHOD = "voice_method"
    VOICE_TAKEN = "voice_taken"
    FALLBACK_MISSING = "fallback_missing"
    STATUS_ELSEWHERE = "status_elsewhere"
    SMS_ELSEWHERE = "sms_elsewhere"
    SMS_METHOD = "sms_method"
    SMS_TAKEN = "sms_taken"
    SMS_FALLBACK_MISSING = "sms_fallback_missing"
    CALLER_ID_NOT_INTO = "caller_id_not_into"
    TEXTS_ONE_WAY = "texts_one_way"
    ADDRESS_GOOD = "address_good"
    ADDRESS_LOCAL = "address_local"
    ADDRESS_PLAIN = "address_plain"
    ADDRESS_UNREACHABLE = "address_unreachable"
    ADDRESS_REDIRECTS = "address_redirects"
    ADDRESS_NOT_OURS = "address_not_ours"
    SIGNATURE_REFUSED = "signature_refused"
    TOKEN_NOT_KNOWN = "token_not_known"  # noqa: S105  # nosec B105
    SIGNATURE_UNCHECKED = "signature_unchecked"
    PROXY_NOT_TRUSTED = "proxy_not_trusted"
    REGIONS_GOOD = "regions_good"
    REGIONS_UNCHECKED = "regions_unchecked"
    REGION_REFUSED = "region_refused"
    KEYS_GOOD = "keys_good"
    KEYS_WRONG = "keys_wrong"
    WORKER_ALIVE = "worker_alive"
    WORKER_NEVER = "worker_never"
    WORKER_SILENT = "worker_silent"
    CLOCK_GOOD = "clock_good"
    CLOCK_UNKNOWN = "clock_unknown"
    CLOCK_OFF = "clock_off"
    CLOCK_SIMULATED = "clock_simulated"
    CLOCKS_DIFFER = "clocks_differ"
    ZONES_GOOD = "zones_good"
    ZONES_OLD = "zones_old"
    ZONES_DIFFER = "zones_differ"
    ZONE_UNKNOWN = "zone_unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check."""

    check: Check
    level: Level
    said: FindingCode
    about: str = ""

    def to_data(self) -> dict[str, str]:
        """Return the finding as JSON data."""
        return {"check": self.check, "level": self.level, "said": self.said, "about": self.about}

    @classmethod
    def from_data(cls, data: dict[str, str]) -> Finding:
        """Read what ``to_data`` returned."""
        return cls(
            Check(data["check"]),
            Level(data["level"]),
            FindingCode(data["said"]),
            data.get("about", ""),
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """The operator's settings that calls need."""

    webhook_secrets: Sequence[str]
    caller_id: str
    public_url: str
    allowed_regions: Sequence[str]
    uses_real_carrier: bool
    clock_ahead: timedelta
    timeout_seconds: float
    trusted_proxies: int = 0
    carrier_url: str = ""
    texts_enabled: bool = False
    routes: NumberRoutes = field(default_factory=NumberRoutes)


def credentials(carrier: Carrier) -> Finding:
    """Check whether the carrier accepts the account and its token and may call anyone.

    A trial account reaches only numbers verified with it
    (https://www.twilio.com/docs/usage/trials).
    """
    try:
        account = carrier.account()
    except (RetryLater, OutcomeUnknown):
        return Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.CARRIER_UNREACHABLE)
    except CarrierError as error:
        said = FindingCode.CREDENTIALS_REFUSED
        about = "" if error.problem == Problem.CREDENTIALS else str(error.code or "")
        return Finding(Check.CREDENTIALS, Level.WRONG, said, about)
    if account.status != "active":
        return Finding(
            Check.CREDENTIALS, Level.WRONG, FindingCode.ACCOUNT_NOT_ACTIVE, account.status
        )
    if account.kind == "Trial":
        return Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.ACCOUNT_TRIAL)
    return Finding(Check.CREDENTIALS, Level.RIGHT, FindingCode.ACCOUNT_ACTIVE)


def base_address(carrier_url: str) -> Iterator[Finding]:
    """Check whether the base address of a region still works.

    The form without an edge (api.ie1.twilio.com) was retired on 28 April 2026:
    https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
    """
    host = urlsplit(carrier_url).hostname or ""
    if host.endswith(".twilio.com") and len(host.split(".")) == 4:
        yield Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.BASE_ADDRESS_RETIRED, carrier_url)


def balance(carrier: Carrier) -> Finding:
    """Check the account's balance. A subaccount has none of its own."""
    try:
        found = carrier.balance()
    except CarrierError:
        return Finding(Check.BALANCE, Level.UNCHECKED, FindingCode.BALANCE_UNCHECKED)
    about = f"{found.amount:.2f} {found.currency}"
    if found.amount <= 0:
        return Finding(Check.BALANCE, Level.WRONG, FindingCode.BALANCE_GONE, about)
    if found.amount < _BALANCE_IS_LOW:
        return Finding(Check.BALANCE, Level.CARE, FindingCode.BALANCE_LOW, about)
    return Finding(Check.BALANCE, Level.RIGHT, FindingCode.BALANCE_GOOD, about)


def number(
    carrier: Carrier, deployment: Deployment, wanted: str, check: Check = Check.NUMBER
) -> Iterator[Finding]:
    """Check whether the account owns a number, its capabilities and its webhooks."""
    try:
        found = carrier.number(wanted)
    except CarrierError:
        yield Finding(check, Level.UNCHECKED, FindingCode.NUMBER_UNCHECKED, wanted)
        return
    if found is None:
        yield Finding(check, Level.WRONG, FindingCode.NUMBER_NOT_OWNED, wanted)
        return
    if not found.voice:
        yield Finding(check, Level.WRONG, FindingCode.NUMBER_NO_VOICE, wanted)
    elif not found.sms:
        yield Finding(check, Level.CARE, FindingCode.NUMBER_NO_SMS, wanted)
    else:
        yield Finding(check, Level.RIGHT, FindingCode.NUMBER_GOOD, wanted)
    yield from routes(deployment, wanted, found.routes)


def routes_at(public_url: str) -> NumberRoutes:
    """Return the webhook URLs that our numbers need."""
    voice, texts = f"{public_url}/webhooks/voice/inbound", f"{public_url}/webhooks/text"
    return NumberRoutes(
        voice_url=voice,
        voice_fallback_url=f"{voice}/fallback",
        status_callback=f"{voice}/status",
        sms_url=texts,
        sms_fallback_url=f"{texts}/fallback",
    )


def routes(deployment: Deployment, wanted: str, found: NumberRoutes) -> Iterator[Finding]:
    """Check whether calls and text messages to a number reach this service."""
    ours = deployment.routes
    wrong = list(_voice_routes(ours, found))
    if deployment.texts_enabled:
        wrong += _sms_routes(ours, found)
    for level, said, address in wrong:
        yield Finding(Check.ROUTES, level, said, f"{wanted} {address}".strip())
    if not wrong:
        yield Finding(Check.ROUTES, Level.RIGHT, FindingCode.ROUTES_GOOD, wanted)


def _voice_routes(
    ours: NumberRoutes, found: NumberRoutes
) -> Iterator[tuple[Level, FindingCode, str]]:
    if taken := found.trunk_sid or found.voice_application_sid:
        yield Level.WRONG, FindingCode.VOICE_TAKEN, taken
    elif (urlsplit(found.voice_url).hostname or "") == _DEMO_HOST:
        yield Level.WRONG, FindingCode.VOICE_DEMO, found.voice_url
    elif found.voice_url != ours.voice_url:
        yield Level.WRONG, FindingCode.VOICE_ELSEWHERE, found.voice_url
    elif found.voice_method.upper() != ours.voice_method:
        yield Level.WRONG, FindingCode.VOICE_METHOD, found.voice_method
    if not _falls_back(found.voice_fallback_url, found.voice_fallback_method, ours.voice_url):
        yield Level.CARE, FindingCode.FALLBACK_MISSING, found.voice_fallback_url
    callback = (found.status_callback, found.status_callback_method.upper())
    if callback != (ours.status_callback, ours.status_callback_method):
        yield Level.CARE, FindingCode.STATUS_ELSEWHERE, found.status_callback


def _sms_routes(
    ours: NumberRoutes, found: NumberRoutes
) -> Iterator[tuple[Level, FindingCode, str]]:
    if found.sms_application_sid:
        yield Level.WRONG, FindingCode.SMS_TAKEN, found.sms_application_sid
    elif found.sms_url != ours.sms_url:
        yield Level.WRONG, FindingCode.SMS_ELSEWHERE, found.sms_url
    elif found.sms_method.upper() != ours.sms_method:
        yield Level.WRONG, FindingCode.SMS_METHOD, found.sms_method
    if not _falls_back(found.sms_fallback_url, found.sms_fallback_method, ours.sms_url):
        yield Level.CARE, FindingCode.SMS_FALLBACK_MISSING, found.sms_fallback_url


def _falls_back(address: str, method: str, our_url: str) -> bool:
    """Return whether a fallback URL is this service's, or a file on another host."""
    if not address:
        return False
    if urlsplit(address).netloc != urlsplit(our_url).netloc:
        return True
    return address == f"{our_url}/fallback" and method.upper() == "POST"


def caller_ids_into(deployment: Deployment, caller_ids: Mapping[str, str]) -> Iterator[Finding]:
    """Check whether the caller ID of each region may call there and can receive replies
    (telephony/country_rules).
    """
    if not deployment.uses_real_carrier:
        return
    for region in deployment.allowed_regions:
        rule = RULES.get(region)
        if rule is None:
            continue
        caller_id = caller_ids.get(region, deployment.caller_id)
        if rule.foreign_caller_id_only and _region_of(caller_id) == region:
            yield Finding(
                Check.CALLER_IDS,
                Level.WRONG,
                FindingCode.CALLER_ID_NOT_INTO,
                f"{region} {caller_id}",
            )
        if rule.texts_one_way and deployment.texts_enabled:
            yield Finding(Check.CALLER_IDS, Level.CARE, FindingCode.TEXTS_ONE_WAY, region)


def _region_of(number_shown: str) -> str:
    try:
        return PhoneNumber(number_shown).region
    except InvalidPhoneNumber:
        return ""


def public_address(deployment: Deployment) -> Iterator[Finding]:
    """Check whether the public URL reaches this service and signatures hold behind the proxy: a
    correctly signed request is accepted, and a wrongly signed one refused.

    While the auth token is being changed there are several secrets, and the carrier changes at once
    which one signs, so a request is signed with each
    (https://www.twilio.com/docs/iam/api/authtoken). A secret refused where another is accepted is
    not yet known to the process that answered.
    """
    yield from _as_the_carrier_sees_it(deployment)
    address = f"{deployment.public_url}/webhooks/preflight"
    posted = {"Nonce": secrets.token_hex(8)}
    patience = deployment.timeout_seconds
    signed = [signature.sign(secret, address, posted) for secret in deployment.webhook_secrets]
    try:
        answers = [
            webhook_probe.ask(address, posted, each, timeout_seconds=patience) for each in signed
        ]
        wrong = webhook_probe.ask(address, posted, signed[0][::-1], timeout_seconds=patience)
    except NoAnswer:
        yield Finding(
            Check.ADDRESS, Level.WRONG, FindingCode.ADDRESS_UNREACHABLE, deployment.public_url
        )
        return
    said = {_said_of(answer, wrong, posted["Nonce"]): None for answer in answers}
    if FindingCode.ADDRESS_GOOD in said and FindingCode.SIGNATURE_REFUSED in said:
        said = {FindingCode.TOKEN_NOT_KNOWN: None}
    for each in said:
        level = Level.RIGHT if each == FindingCode.ADDRESS_GOOD else Level.WRONG
        yield Finding(Check.ADDRESS, level, each, deployment.public_url)


def proxies(
    deployment: Deployment, forwarded_at: datetime | None, now: datetime
) -> Iterator[Finding]:
    """Check whether an untrusted proxy seems to be in front, so that all visitors share a rate
    limit.

    Args:
        forwarded_at: when a web process last saw X-Forwarded-For while none was trusted.
    """
    if deployment.trusted_proxies or forwarded_at is None:
        return
    if now - forwarded_at < _FORWARDED_LATELY:
        yield Finding(Check.ADDRESS, Level.CARE, FindingCode.PROXY_NOT_TRUSTED)


def _as_the_carrier_sees_it(deployment: Deployment) -> Iterator[Finding]:
    parts = urlsplit(deployment.public_url)
    if deployment.uses_real_carrier and _is_local(parts.hostname or ""):
        yield Finding(Check.ADDRESS, Level.WRONG, FindingCode.ADDRESS_LOCAL, deployment.public_url)
    elif deployment.uses_real_carrier and parts.scheme != "https":
        yield Finding(Check.ADDRESS, Level.CARE, FindingCode.ADDRESS_PLAIN, deployment.public_url)


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


def _said_of(answer: Answer, wrong: Answer, nonce: str) -> FindingCode:
    if answer.leads_on:
        return FindingCode.ADDRESS_REDIRECTS
    if answer.refused:
        return FindingCode.SIGNATURE_REFUSED
    if not answer.ok or answer.nonce != nonce:
        return FindingCode.ADDRESS_NOT_OURS
    return FindingCode.SIGNATURE_UNCHECKED if wrong.ok else FindingCode.ADDRESS_GOOD


@dataclass(frozen=True, slots=True)
class Permissions:
    """Regions of visitors that the account may not call, and those that could not be checked."""

    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def permissions(carrier: Carrier, wanted: Sequence[str]) -> Permissions:
    """Ask the carrier which regions the account may call."""
    refused, unknown = [], []
    for region in wanted:
        try:
            if not carrier.may_ring(region):
                refused.append(region)
        except CarrierError:
            unknown.append(region)
    return Permissions(tuple(refused), tuple(unknown))


def regions(
    allowed: Sequence[str], refused: Sequence[str], unknown: Sequence[str] = ()
) -> Iterator[Finding]:
    """Check whether the carrier calls every region that visitors may be in.

    Args:
        unknown: regions that could not be checked.
    """
    for region in refused:
        level = Level.WRONG if region in allowed else Level.CARE
        yield Finding(Check.REGIONS, level, FindingCode.REGION_REFUSED, region)
    unchecked = [each for each in unknown if each not in refused]
    if unchecked:
        yield Finding(
            Check.REGIONS, Level.UNCHECKED, FindingCode.REGIONS_UNCHECKED, ", ".join(unchecked)
        )
    good = [each for each in allowed if each not in refused and each not in unchecked]
    if good:
        yield Finding(Check.REGIONS, Level.RIGHT, FindingCode.REGIONS_GOOD, ", ".join(good))


def keys(wrong_settings: str) -> Finding:
    """Check whether the database was written with the keys of this machine.

    Args:
        wrong_settings: settings that differ; empty if none does.
    """
    if wrong_settings:
        return Finding(Check.KEYS, Level.WRONG, FindingCode.KEYS_WRONG, wrong_settings)
    return Finding(Check.KEYS, Level.RIGHT, FindingCode.KEYS_GOOD)


def worker(last_beat: datetime | None, now: datetime) -> Iterator[Finding]:
    """Check whether a worker is alive and its clock agrees with this process."""
    if last_beat is None:
        yield Finding(Check.WORKER, Level.WRONG, FindingCode.WORKER_NEVER)
    elif last_beat < now - WORKER_IS_SILENT_AFTER:
        minutes = int((now - last_beat) / timedelta(minutes=1))
        yield Finding(Check.WORKER, Level.WRONG, FindingCode.WORKER_SILENT, str(minutes))
    else:
        yield Finding(Check.WORKER, Level.RIGHT, FindingCode.WORKER_ALIVE)
        if last_beat > now + _CLOCKS_MAY_DIFFER:
            seconds = int((last_beat - now) / timedelta(seconds=1))
            yield Finding(Check.CLOCK, Level.WRONG, FindingCode.CLOCKS_DIFFER, str(seconds))


def clock(carriers: datetime | None, now: datetime, ahead: timedelta) -> Iterator[Finding]:
    """Check this machine's clock against the carrier's.

    Args:
        carriers: the carrier's time from its latest response.
        now: the service's time.
        ahead: how far the service's clock is set ahead of the machine's.
    """
    if ahead:
        yield Finding(Check.CLOCK, Level.CARE, FindingCode.CLOCK_SIMULATED)
    if carriers is None:
        yield Finding(Check.CLOCK, Level.UNCHECKED, FindingCode.CLOCK_UNKNOWN)
        return
    off = now - ahead - carriers
    if abs(off) > _CLOCKS_MAY_DIFFER:
        seconds = str(int(off / timedelta(seconds=1)))
        yield Finding(Check.CLOCK, Level.WRONG, FindingCode.CLOCK_OFF, seconds)
    else:
        yield Finding(Check.CLOCK, Level.RIGHT, FindingCode.CLOCK_GOOD)


def time_zones(zone: str, now: datetime) -> Finding:
    """Check whether the helpline's time zone is known, whether the system's and the packaged
    tables agree, and how old the one in use is.
    """
    if zone not in zoneinfo.available_timezones():
        return Finding(Check.TIME_ZONES, Level.WRONG, FindingCode.ZONE_UNKNOWN, zone)
    version = helpline_time_zones.release()
    if found := helpline_time_zones.difference(zone, now):
        about = f"{zone} {found.at.date().isoformat()} {found.system or '?'} {found.packaged}"
        return Finding(Check.TIME_ZONES, Level.CARE, FindingCode.ZONES_DIFFER, about)
    year = int(version[:4]) if version[:4].isdigit() else None
    if year is None or year <= now.astimezone(UTC).year - _ZONES_ARE_OLD_AFTER_YEARS:
        return Finding(Check.TIME_ZONES, Level.CARE, FindingCode.ZONES_OLD, version)
    return Finding(Check.TIME_ZONES, Level.RIGHT, FindingCode.ZONES_GOOD, version)
