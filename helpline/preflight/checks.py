"""The preflight checks. Each returns findings; none raises."""

from __future__ import annotations

import secrets
import zoneinfo
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from helpline import time_zones as helpline_time_zones
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.messaging import sms_registration
from helpline.telephony import prompts, webhook_probe
from helpline.telephony.carrier_routes import CarrierRoute
from helpline.telephony.port import (
    Carrier,
    CarrierError,
    CarrierLimits,
    NumberRoutes,
    OutcomeUnknown,
    RetryLater,
    Route,
    Webhooks,
)
from helpline.telephony.problems import Problem
from helpline.telephony.regions import facts as regions_facts
from helpline.telephony.webhook_probe import NoAnswer, ProbeResponse

WORKER_SILENT_AFTER = timedelta(seconds=60)
_MAX_CLOCK_DIFFERENCE = timedelta(seconds=30)
_FORWARDED_RECENTLY = timedelta(days=2)
_ZONES_OLD_AFTER_YEARS = 2
_LOW_BALANCE = Decimal(10)


class Check(StrEnum):
    """The subject of a check."""

    CREDENTIALS = "credentials"
    BALANCE = "balance"
    NUMBER = "number"
    ROUTES = "routes"
    CALLER_IDS = "caller_ids"
    TEXTS = "texts"
    LIMITS = "limits"
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
    WARNING = "care"
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
    CALLER_ID_DOMESTIC = "caller_id_domestic"
    MACHINES_UNDETECTED = "machines_undetected"
    LANGUAGE_UNSPOKEN = "language_unspoken"
    NUMBER_UNREGISTERED = "number_unregistered"
    ROUTE_NO_ACCOUNT = "route_no_account"
    TEXTS_ONE_WAY = "texts_one_way"
    TEXTS_GOOD = "texts_good"
    TEXTS_UNREGISTERED = "texts_unregistered"
    SENDER_REGISTERED = "sender_registered"
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
    """What one check found.

    Args:
        about: the number, region or address that it is about.
        carrier: the name of the carrier that it is about, where it is about one.
    """

    check: Check
    level: Level
    code: FindingCode
    about: str = ""
    carrier: str = ""

    def to_data(self) -> dict[str, str]:
        return {
            "check": self.check,
            "level": self.level,
            "said": self.code,
            "about": self.about,
            "carrier": self.carrier,
        }

    @classmethod
    def from_data(cls, data: dict[str, str]) -> Finding:
        return cls(
            Check(data["check"]),
            Level(data["level"]),
            FindingCode(data["said"]),
            data.get("about", ""),
            data.get("carrier", ""),
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """The operator's settings that calls need."""

    webhooks: Mapping[str, Webhooks]
    public_url: str
    allowed_regions: Sequence[str]
    uses_real_carrier: bool
    clock_ahead: timedelta
    timeout_seconds: float
    trusted_proxies: int = 0
    texts_enabled: bool = False
    machine_detection: bool = False
    voice_languages: Sequence[str] = ()
    routes: NumberRoutes = field(default_factory=NumberRoutes)


def credentials(carrier: Carrier) -> Finding:
    """Check whether the carrier accepts the account and its token and may call anyone."""
    try:
        account = carrier.fetch_account()
    except (RetryLater, OutcomeUnknown):
        return Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.CARRIER_UNREACHABLE)
    except CarrierError as error:
        code = FindingCode.CREDENTIALS_REFUSED
        about = "" if error.problem == Problem.CREDENTIALS else str(error.code or "")
        return Finding(Check.CREDENTIALS, Level.WRONG, code, about)
    if not account.is_active:
        return Finding(
            Check.CREDENTIALS, Level.WRONG, FindingCode.ACCOUNT_NOT_ACTIVE, account.status
        )
    if account.is_trial:
        return Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.ACCOUNT_TRIAL)
    return Finding(Check.CREDENTIALS, Level.RIGHT, FindingCode.ACCOUNT_ACTIVE)


def api_base_url(retired_url: str) -> Iterator[Finding]:
    """Check whether the base address of the carrier's API still works."""
    if retired_url:
        yield Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.BASE_ADDRESS_RETIRED, retired_url)


def balance(carrier: Carrier) -> Finding:
    """Check the account's balance. A subaccount has none of its own."""
    try:
        account_balance = carrier.fetch_balance()
    except CarrierError:
        return Finding(Check.BALANCE, Level.UNCHECKED, FindingCode.BALANCE_UNCHECKED)
    about = f"{account_balance.amount:.2f} {account_balance.currency}"
    if account_balance.amount <= 0:
        return Finding(Check.BALANCE, Level.WRONG, FindingCode.BALANCE_GONE, about)
    if account_balance.amount < _LOW_BALANCE:
        return Finding(Check.BALANCE, Level.WARNING, FindingCode.BALANCE_LOW, about)
    return Finding(Check.BALANCE, Level.RIGHT, FindingCode.BALANCE_GOOD, about)


def number(
    carrier: Carrier, deployment: Deployment, e164: str, check: Check = Check.NUMBER
) -> Iterator[Finding]:
    """Check whether the account owns a number, its capabilities and its webhooks."""
    try:
        owned = carrier.fetch_number(e164)
    except CarrierError:
        yield Finding(check, Level.UNCHECKED, FindingCode.NUMBER_UNCHECKED, e164)
        return
    if owned is None:
        yield Finding(check, Level.WRONG, FindingCode.NUMBER_NOT_OWNED, e164)
        return
    if owned.is_registered is False:
        yield Finding(check, Level.WRONG, FindingCode.NUMBER_UNREGISTERED, e164)
    if not owned.voice:
        yield Finding(check, Level.WRONG, FindingCode.NUMBER_NO_VOICE, e164)
    elif not owned.sms:
        yield Finding(check, Level.WARNING, FindingCode.NUMBER_NO_SMS, e164)
    else:
        yield Finding(check, Level.RIGHT, FindingCode.NUMBER_GOOD, e164)
    yield from routes(deployment, e164, owned.routes)


def expected_routes(public_url: str) -> NumberRoutes:
    call, sms = f"{public_url}/webhooks/voice/inbound", f"{public_url}/webhooks/text"
    return NumberRoutes(
        call=Route(call),
        call_fallback=Route(f"{call}/fallback"),
        call_status=Route(f"{call}/status"),
        sms=Route(sms),
        sms_fallback=Route(f"{sms}/fallback"),
    )


def routes(deployment: Deployment, e164: str, actual: NumberRoutes) -> Iterator[Finding]:
    """Check whether calls and text messages to a number reach this service."""
    expected = deployment.routes
    wrong = list(_voice_routes(expected, actual))
    if deployment.texts_enabled:
        wrong += _sms_routes(expected, actual)
    for level, code, address in wrong:
        yield Finding(Check.ROUTES, level, code, f"{e164} {address}".strip())
    if not wrong:
        yield Finding(Check.ROUTES, Level.RIGHT, FindingCode.ROUTES_GOOD, e164)


def _voice_routes(
    expected: NumberRoutes, actual: NumberRoutes
) -> Iterator[tuple[Level, FindingCode, str]]:
    if actual.calls_go_to:
        yield Level.WRONG, FindingCode.VOICE_TAKEN, actual.calls_go_to
    elif actual.is_demo:
        yield Level.WRONG, FindingCode.VOICE_DEMO, actual.call.url
    elif actual.call.url != expected.call.url:
        yield Level.WRONG, FindingCode.VOICE_ELSEWHERE, actual.call.url
    elif actual.call.method != expected.call.method:
        yield Level.WRONG, FindingCode.VOICE_METHOD, actual.call.method
    if not _is_valid_fallback(actual.call_fallback, expected.call_fallback):
        yield Level.WARNING, FindingCode.FALLBACK_MISSING, actual.call_fallback.url
    if actual.call_status != expected.call_status:
        yield Level.WARNING, FindingCode.STATUS_ELSEWHERE, actual.call_status.url


def _sms_routes(
    expected: NumberRoutes, actual: NumberRoutes
) -> Iterator[tuple[Level, FindingCode, str]]:
    if actual.sms_goes_to:
        yield Level.WRONG, FindingCode.SMS_TAKEN, actual.sms_goes_to
    elif actual.sms.url != expected.sms.url:
        yield Level.WRONG, FindingCode.SMS_ELSEWHERE, actual.sms.url
    elif actual.sms.method != expected.sms.method:
        yield Level.WRONG, FindingCode.SMS_METHOD, actual.sms.method
    if actual.has_sms_fallback and not _is_valid_fallback(
        actual.sms_fallback, expected.sms_fallback
    ):
        yield Level.WARNING, FindingCode.SMS_FALLBACK_MISSING, actual.sms_fallback.url


def _is_valid_fallback(actual: Route, expected: Route) -> bool:
    """Return whether a fallback is this service's, or a file on another host."""
    if not actual.url:
        return False
    is_elsewhere = urlsplit(actual.url).netloc != urlsplit(expected.url).netloc
    return is_elsewhere or actual == expected


def country_facts(
    deployment: Deployment, carrier: str, caller_ids: Mapping[str, str]
) -> Iterator[Finding]:
    """Check by country what is known of caller ids, replies, registration and calling hours.

    Args:
        caller_ids: by region, of those that the carrier calls.
    """
    if not deployment.uses_real_carrier:
        return
    for region, caller_id in caller_ids.items():
        known = regions_facts(region)
        if is_refused_caller_id(carrier, region, caller_id):
            about = f"{region} {caller_id}"
            yield Finding(Check.CALLER_IDS, Level.WRONG, FindingCode.CALLER_ID_NOT_INTO, about)
        if known.two_way_texts(carrier).value is False and deployment.texts_enabled:
            yield Finding(Check.CALLER_IDS, Level.WARNING, FindingCode.TEXTS_ONE_WAY, region)
        sender_only = not known.template_registration(carrier).value
        if sender_only and known.sender_registration(carrier).value and deployment.texts_enabled:
            yield Finding(Check.CALLER_IDS, Level.WARNING, FindingCode.SENDER_REGISTERED, region)


def limits(
    deployment: Deployment, caller_ids: Mapping[str, str], carrier_limits: CarrierLimits
) -> Iterator[Finding]:
    """Check what the settings ask of a carrier against what it cannot do.

    Args:
        caller_ids: by region, of those that the carrier calls.
    """
    if deployment.machine_detection and not carrier_limits.detects_machines:
        yield Finding(Check.LIMITS, Level.WARNING, FindingCode.MACHINES_UNDETECTED)
    if carrier_limits.locales is not None:
        for language in deployment.voice_languages:
            if prompts.voice_for(language).locale not in carrier_limits.locales:
                yield Finding(Check.LIMITS, Level.WRONG, FindingCode.LANGUAGE_UNSPOKEN, language)
    for region, caller_id in caller_ids.items():
        own = _region_of(caller_id)
        if own in carrier_limits.domestic_only and own != region:
            about = f"{region} {caller_id}"
            yield Finding(Check.CALLER_IDS, Level.WRONG, FindingCode.CALLER_ID_DOMESTIC, about)


def is_refused_caller_id(carrier: str, region: str, caller_id: str) -> bool:
    """Return whether a carrier is known not to connect calls from this number to a region: its own
    numbers cannot be shown there.
    """
    is_own = _region_of(caller_id) == region
    return is_own and regions_facts(region).local_caller_id(carrier).value is False


def _region_of(number_shown: str) -> str:
    try:
        return PhoneNumber(number_shown).region
    except InvalidPhoneNumber:
        return ""


def text_registration(
    carrier: str, region_codes: Iterable[str], unregistered: Mapping[str, int]
) -> Iterator[Finding]:
    """Check that the texts of each region which requires it are registered as they are worded.

    Args:
        carrier: by name, the one that sends texts to these regions.
        unregistered: how many are not, by region.
    """
    for region in region_codes:
        if sms_registration.is_required(region, carrier):
            count = unregistered.get(region, 0)
            if count:
                code, level = FindingCode.TEXTS_UNREGISTERED, Level.WRONG
            else:
                code, level = FindingCode.TEXTS_GOOD, Level.RIGHT
            yield Finding(Check.TEXTS, level, code, f"{region} {count}")


def missing_accounts(
    routes: Mapping[str, CarrierRoute], carriers: Collection[str]
) -> Iterator[Finding]:
    """Check whether each saved route leads to a carrier with an account; calls take another one
    otherwise.
    """
    for region, route in routes.items():
        if route.carrier not in carriers:
            yield Finding(
                Check.CALLER_IDS, Level.WRONG, FindingCode.ROUTE_NO_ACCOUNT, region, route.carrier
            )


def public_url(deployment: Deployment, webhooks: Webhooks) -> Iterator[Finding]:
    """Check whether the public URL reaches this service and signatures hold behind the proxy: a
    correctly signed request is accepted, and a wrongly signed one refused.

    While the auth token is being changed there are several secrets, and the carrier changes at once
    which one signs, so a request is signed with each. A secret refused where another is accepted is
    not yet known to the process that answered.
    """
    address = f"{deployment.public_url}/webhooks/preflight"
    posted = {"Nonce": secrets.token_hex(8)}
    timeout = deployment.timeout_seconds
    signed = webhooks.sign(address, posted)
    forged = {name: value[::-1] for name, value in signed[0].items()}
    try:
        answers = [
            webhook_probe.send_probe(address, posted, headers, timeout_seconds=timeout)
            for headers in signed
        ]
        wrong = webhook_probe.send_probe(address, posted, forged, timeout_seconds=timeout)
    except NoAnswer:
        yield Finding(
            Check.ADDRESS, Level.WRONG, FindingCode.ADDRESS_UNREACHABLE, deployment.public_url
        )
        return
    codes = {_code_for(answer, wrong, posted["Nonce"]): None for answer in answers}
    if FindingCode.ADDRESS_GOOD in codes and FindingCode.SIGNATURE_REFUSED in codes:
        codes = {FindingCode.TOKEN_NOT_KNOWN: None}
    for item in codes:
        level = Level.RIGHT if item == FindingCode.ADDRESS_GOOD else Level.WRONG
        yield Finding(Check.ADDRESS, level, item, deployment.public_url)


def proxies(
    deployment: Deployment, forwarded_at: datetime | None, now: datetime
) -> Iterator[Finding]:
    """Check whether all visitors seem to share a rate limit behind an untrusted proxy.

    Args:
        forwarded_at: when a web process last saw X-Forwarded-For while none was trusted.
    """
    if deployment.trusted_proxies or forwarded_at is None:
        return
    if now - forwarded_at < _FORWARDED_RECENTLY:
        yield Finding(Check.ADDRESS, Level.WARNING, FindingCode.PROXY_NOT_TRUSTED)


def public_url_form(deployment: Deployment) -> Iterator[Finding]:
    """Check whether a carrier can reach the public URL at all, and by https."""
    parts = urlsplit(deployment.public_url)
    if deployment.uses_real_carrier and _is_local(parts.hostname or ""):
        yield Finding(Check.ADDRESS, Level.WRONG, FindingCode.ADDRESS_LOCAL, deployment.public_url)
    elif deployment.uses_real_carrier and parts.scheme != "https":
        yield Finding(
            Check.ADDRESS, Level.WARNING, FindingCode.ADDRESS_PLAIN, deployment.public_url
        )


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


def _code_for(answer: ProbeResponse, wrong: ProbeResponse, nonce: str) -> FindingCode:
    if answer.redirects:
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


def permissions(carrier: Carrier, region_codes: Sequence[str]) -> Permissions:
    refused, unknown = [], []
    for region in region_codes:
        try:
            may_call = carrier.may_call(region)
        except CarrierError:
            may_call = None
        if may_call is None:
            unknown.append(region)
        elif not may_call:
            refused.append(region)
    return Permissions(tuple(refused), tuple(unknown))


def regions(
    allowed: Sequence[str], refused: Sequence[str], unknown: Sequence[str] = ()
) -> Iterator[Finding]:
    """Check whether the carrier calls every region; ``unknown`` ones could not be checked."""
    for region in refused:
        level = Level.WRONG if region in allowed else Level.WARNING
        yield Finding(Check.REGIONS, level, FindingCode.REGION_REFUSED, region)
    unchecked = [region_code for region_code in unknown if region_code not in refused]
    if unchecked:
        yield Finding(
            Check.REGIONS, Level.UNCHECKED, FindingCode.REGIONS_UNCHECKED, ", ".join(unchecked)
        )
    good = [
        region_code
        for region_code in allowed
        if region_code not in refused and region_code not in unchecked
    ]
    if good:
        yield Finding(Check.REGIONS, Level.RIGHT, FindingCode.REGIONS_GOOD, ", ".join(good))


def keys(wrong_settings: str) -> Finding:
    """Check the keys of this machine; ``wrong_settings`` is empty if all match the database."""
    if wrong_settings:
        return Finding(Check.KEYS, Level.WRONG, FindingCode.KEYS_WRONG, wrong_settings)
    return Finding(Check.KEYS, Level.RIGHT, FindingCode.KEYS_GOOD)


def worker(last_beat: datetime | None, now: datetime) -> Iterator[Finding]:
    """Check whether a worker is alive and its clock agrees with this process."""
    if last_beat is None:
        yield Finding(Check.WORKER, Level.WRONG, FindingCode.WORKER_NEVER)
    elif last_beat < now - WORKER_SILENT_AFTER:
        minutes = int((now - last_beat) / timedelta(minutes=1))
        yield Finding(Check.WORKER, Level.WRONG, FindingCode.WORKER_SILENT, str(minutes))
    else:
        yield Finding(Check.WORKER, Level.RIGHT, FindingCode.WORKER_ALIVE)
        if last_beat > now + _MAX_CLOCK_DIFFERENCE:
            seconds = int((last_beat - now) / timedelta(seconds=1))
            yield Finding(Check.CLOCK, Level.WRONG, FindingCode.CLOCKS_DIFFER, str(seconds))


def clock(carriers: datetime | None, now: datetime, ahead: timedelta) -> Iterator[Finding]:
    """Check this machine's clock against the carrier's.

    Args:
        carriers: the carrier's time from its latest response.
        now: the service's time.
        ahead: how far the service's clock is set ahead of the machine's.
    """
    if carriers is None:
        yield Finding(Check.CLOCK, Level.UNCHECKED, FindingCode.CLOCK_UNKNOWN)
        return
    off = now - ahead - carriers
    if abs(off) > _MAX_CLOCK_DIFFERENCE:
        seconds = str(int(off / timedelta(seconds=1)))
        yield Finding(Check.CLOCK, Level.WRONG, FindingCode.CLOCK_OFF, seconds)
    else:
        yield Finding(Check.CLOCK, Level.RIGHT, FindingCode.CLOCK_GOOD)


def time_zones(zone: str, now: datetime) -> Finding:
    """Check that the time zone is known, both tables agree, and the one in use is recent."""
    if zone not in zoneinfo.available_timezones():
        return Finding(Check.TIME_ZONES, Level.WRONG, FindingCode.ZONE_UNKNOWN, zone)
    version = helpline_time_zones.release()
    if gap := helpline_time_zones.difference(zone, now):
        about = f"{zone} {gap.at.date().isoformat()} {gap.system or '?'} {gap.packaged}"
        return Finding(Check.TIME_ZONES, Level.WARNING, FindingCode.ZONES_DIFFER, about)
    year = int(version[:4]) if version[:4].isdigit() else None
    if year is None or year <= now.astimezone(UTC).year - _ZONES_OLD_AFTER_YEARS:
        return Finding(Check.TIME_ZONES, Level.WARNING, FindingCode.ZONES_OLD, version)
    return Finding(Check.TIME_ZONES, Level.RIGHT, FindingCode.ZONES_GOOD, version)
