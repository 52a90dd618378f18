"""Trying everything that calls need. Each check gives findings; none raises."""

from __future__ import annotations

import secrets
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from helpline import zones
from helpline.telephony import round_trip, signature
from helpline.telephony.carrier import Carrier, CarrierError, NotNow, Unsure
from helpline.telephony.round_trip import Answer, NoAnswer
from helpline.telephony.words import Problem

WORKER_IS_SILENT_AFTER = timedelta(seconds=60)
_CLOCKS_MAY_DIFFER = timedelta(seconds=30)
_FORWARDED_LATELY = timedelta(days=2)
_ZONES_ARE_OLD_AFTER_YEARS = 2


class Check(StrEnum):
    """What was looked at."""

    CREDENTIALS = "credentials"
    NUMBER = "number"
    CALLER_IDS = "caller_ids"
    ADDRESS = "address"
    REGIONS = "regions"
    KEYS = "keys"
    WORKER = "worker"
    CLOCK = "clock"
    TIME_ZONES = "time_zones"


class Level(StrEnum):
    """How it stands."""

    RIGHT = "right"
    CARE = "care"
    WRONG = "wrong"


class Said(StrEnum):
    """What was found; the words for it are in web/preflight_words."""

    NO_CARRIER = "no_carrier"
    ACCOUNT_ACTIVE = "account_active"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    CREDENTIALS_REFUSED = "credentials_refused"
    CARRIER_UNREACHABLE = "carrier_unreachable"
    NUMBER_GOOD = "number_good"
    NUMBER_NOT_OWNED = "number_not_owned"
    NUMBER_NO_VOICE = "number_no_voice"
    NUMBER_NO_SMS = "number_no_sms"
    ADDRESS_GOOD = "address_good"
    ADDRESS_LOCAL = "address_local"
    ADDRESS_PLAIN = "address_plain"
    ADDRESS_UNREACHABLE = "address_unreachable"
    ADDRESS_REDIRECTS = "address_redirects"
    ADDRESS_NOT_OURS = "address_not_ours"
    SIGNATURE_REFUSED = "signature_refused"
    SIGNATURE_UNCHECKED = "signature_unchecked"
    PROXY_NOT_TRUSTED = "proxy_not_trusted"
    REGIONS_GOOD = "regions_good"
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
    """One finding: what was looked at, how it stands, what was said, and of what."""

    check: Check
    level: Level
    said: Said
    about: str = ""

    def to_data(self) -> dict[str, str]:
        """As it is kept."""
        return {"check": self.check, "level": self.level, "said": self.said, "about": self.about}

    @classmethod
    def from_data(cls, data: dict[str, str]) -> Finding:
        """As it was kept."""
        return cls(
            Check(data["check"]), Level(data["level"]), Said(data["said"]), data.get("about", "")
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the operator set, as far as calls need it."""

    auth_token: str
    caller_id: str
    public_url: str
    allowed_regions: Sequence[str]
    uses_real_carrier: bool
    clock_ahead: timedelta
    timeout_seconds: float
    trusted_proxies: int = 0


def credentials(carrier: Carrier) -> Finding:
    """Whether the carrier accepts the account and its token."""
    try:
        status = carrier.account_status()
    except (NotNow, Unsure):
        return Finding(Check.CREDENTIALS, Level.WRONG, Said.CARRIER_UNREACHABLE)
    except CarrierError as error:
        said = Said.CREDENTIALS_REFUSED
        about = "" if error.problem == Problem.CREDENTIALS else str(error.code or "")
        return Finding(Check.CREDENTIALS, Level.WRONG, said, about)
    if status != "active":
        return Finding(Check.CREDENTIALS, Level.WRONG, Said.ACCOUNT_NOT_ACTIVE, status)
    return Finding(Check.CREDENTIALS, Level.RIGHT, Said.ACCOUNT_ACTIVE)


def number(carrier: Carrier, wanted: str, check: Check = Check.NUMBER) -> Finding:
    """Whether the account owns a number, and what it can do."""
    try:
        found = carrier.number(wanted)
    except CarrierError:
        return Finding(check, Level.WRONG, Said.CARRIER_UNREACHABLE, wanted)
    if found is None:
        return Finding(check, Level.WRONG, Said.NUMBER_NOT_OWNED, wanted)
    if not found.voice:
        return Finding(check, Level.WRONG, Said.NUMBER_NO_VOICE, wanted)
    if not found.sms:
        return Finding(check, Level.CARE, Said.NUMBER_NO_SMS, wanted)
    return Finding(check, Level.RIGHT, Said.NUMBER_GOOD, wanted)


def public_address(deployment: Deployment) -> Iterator[Finding]:
    """Whether the public address leads here, and whether the signature holds behind the proxy: a
    question signed as the carrier signs is accepted, one signed wrongly is not."""
    yield from _as_the_carrier_sees_it(deployment)
    address = f"{deployment.public_url}/webhooks/preflight"
    posted = {"Nonce": secrets.token_hex(8)}
    patience = deployment.timeout_seconds
    signed = signature.sign(deployment.auth_token, address, posted)
    try:
        answer = round_trip.ask(address, posted, signed, timeout_seconds=patience)
        wrong = round_trip.ask(address, posted, signed[::-1], timeout_seconds=patience)
    except NoAnswer:
        yield Finding(Check.ADDRESS, Level.WRONG, Said.ADDRESS_UNREACHABLE, deployment.public_url)
        return
    said = _said_of(answer, wrong, posted["Nonce"])
    level = Level.RIGHT if said == Said.ADDRESS_GOOD else Level.WRONG
    yield Finding(Check.ADDRESS, level, said, deployment.public_url)


def proxies(
    deployment: Deployment, forwarded_at: datetime | None, now: datetime
) -> Iterator[Finding]:
    """Whether a proxy seems to stand in front that is not trusted, so that all share one limit.

    Args:
        forwarded_at: when a web process last saw X-Forwarded-For while none was trusted.
    """
    if deployment.trusted_proxies or forwarded_at is None:
        return
    if now - forwarded_at < _FORWARDED_LATELY:
        yield Finding(Check.ADDRESS, Level.CARE, Said.PROXY_NOT_TRUSTED)


def _as_the_carrier_sees_it(deployment: Deployment) -> Iterator[Finding]:
    parts = urlsplit(deployment.public_url)
    if deployment.uses_real_carrier and _is_local(parts.hostname or ""):
        yield Finding(Check.ADDRESS, Level.WRONG, Said.ADDRESS_LOCAL, deployment.public_url)
    elif deployment.uses_real_carrier and parts.scheme != "https":
        yield Finding(Check.ADDRESS, Level.CARE, Said.ADDRESS_PLAIN, deployment.public_url)


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


def _said_of(answer: Answer, wrong: Answer, nonce: str) -> Said:
    if answer.leads_on:
        return Said.ADDRESS_REDIRECTS
    if answer.refused:
        return Said.SIGNATURE_REFUSED
    if not answer.ok or answer.nonce != nonce:
        return Said.ADDRESS_NOT_OURS
    return Said.SIGNATURE_UNCHECKED if wrong.ok else Said.ADDRESS_GOOD


def not_allowed(carrier: Carrier, wanted: Sequence[str]) -> list[str]:
    """Of the regions whose visitors may ask, those that the account may not ring by the carrier's
    own settings. Where the carrier cannot be asked, its refusals tell."""
    found = []
    for region in wanted:
        with suppress(CarrierError):
            if not carrier.may_ring(region):
                found.append(region)
    return found


def regions(allowed: Sequence[str], refused: Sequence[str]) -> Iterator[Finding]:
    """Whether the carrier rings every region that visitors may ask from."""
    for region in refused:
        level = Level.WRONG if region in allowed else Level.CARE
        yield Finding(Check.REGIONS, level, Said.REGION_REFUSED, region)
    if not set(allowed) & set(refused):
        yield Finding(Check.REGIONS, Level.RIGHT, Said.REGIONS_GOOD, ", ".join(allowed))


def keys(wrong_settings: str) -> Finding:
    """Whether the database was written with the keys of this machine.

    Args:
        wrong_settings: the settings that differ; empty if none does.
    """
    if wrong_settings:
        return Finding(Check.KEYS, Level.WRONG, Said.KEYS_WRONG, wrong_settings)
    return Finding(Check.KEYS, Level.RIGHT, Said.KEYS_GOOD)


def worker(last_beat: datetime | None, now: datetime) -> Iterator[Finding]:
    """Whether a worker is alive, and keeps the same time as this process."""
    if last_beat is None:
        yield Finding(Check.WORKER, Level.WRONG, Said.WORKER_NEVER)
    elif last_beat < now - WORKER_IS_SILENT_AFTER:
        minutes = int((now - last_beat) / timedelta(minutes=1))
        yield Finding(Check.WORKER, Level.WRONG, Said.WORKER_SILENT, str(minutes))
    else:
        yield Finding(Check.WORKER, Level.RIGHT, Said.WORKER_ALIVE)
        if last_beat > now + _CLOCKS_MAY_DIFFER:
            seconds = int((last_beat - now) / timedelta(seconds=1))
            yield Finding(Check.CLOCK, Level.WRONG, Said.CLOCKS_DIFFER, str(seconds))


def clock(carriers: datetime | None, now: datetime, ahead: timedelta) -> Iterator[Finding]:
    """Whether this machine's clock is right, by the carrier's.

    Args:
        carriers: the carrier's time, as it has just told it.
        now: the service's time.
        ahead: how far the service's clock is put ahead of the machine's.
    """
    if ahead:
        yield Finding(Check.CLOCK, Level.CARE, Said.CLOCK_SIMULATED)
    if carriers is None:
        yield Finding(Check.CLOCK, Level.RIGHT, Said.CLOCK_UNKNOWN)
        return
    off = now - ahead - carriers
    if abs(off) > _CLOCKS_MAY_DIFFER:
        seconds = str(int(off / timedelta(seconds=1)))
        yield Finding(Check.CLOCK, Level.WRONG, Said.CLOCK_OFF, seconds)
    else:
        yield Finding(Check.CLOCK, Level.RIGHT, Said.CLOCK_GOOD)


def time_zones(zone: str, now: datetime) -> Finding:
    """Whether the helpline's zone is known here, whether the system's table and the packaged one
    agree about it, and how old the one in use is."""
    if zone not in zoneinfo.available_timezones():
        return Finding(Check.TIME_ZONES, Level.WRONG, Said.ZONE_UNKNOWN, zone)
    version = zones.release()
    if found := zones.difference(zone, now):
        about = f"{zone} {found.at.date().isoformat()} {found.system or '?'} {found.packaged}"
        return Finding(Check.TIME_ZONES, Level.CARE, Said.ZONES_DIFFER, about)
    year = int(version[:4]) if version[:4].isdigit() else None
    if year is None or year <= now.astimezone(UTC).year - _ZONES_ARE_OLD_AFTER_YEARS:
        return Finding(Check.TIME_ZONES, Level.CARE, Said.ZONES_OLD, version)
    return Finding(Check.TIME_ZONES, Level.RIGHT, Said.ZONES_GOOD, version)
