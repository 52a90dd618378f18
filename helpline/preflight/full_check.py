"""One run of all preflight checks, over the network and outside any transaction."""

from __future__ import annotations

from collections.abc import Iterator

from helpline import clock
from helpline.preflight import checks
from helpline.preflight.checks import Check, Deployment, Finding, FindingCode, Level
from helpline.preflight.service import KnownFacts
from helpline.telephony.carrier import Carrier


def run_all_checks(
    carrier: Carrier | None, deployment: Deployment, known: KnownFacts
) -> Iterator[Finding]:
    """Iterate over all findings, in the order in which to read them.

    Args:
        carrier: None where advisors call from their own phones.
        deployment: the operator's settings.
        known: what the database says.
    """
    if carrier is None:
        yield Finding(Check.CREDENTIALS, Level.RIGHT, FindingCode.NO_CARRIER)
    else:
        yield from _with_carrier(carrier, deployment, known)
    yield checks.keys(known.wrong_key_settings)
    yield from checks.proxies(deployment, known.forwarded_at, clock.now())
    yield from checks.worker(known.last_beat, clock.now())
    if carrier is None and deployment.clock_ahead:
        yield Finding(Check.CLOCK, Level.CARE, FindingCode.CLOCK_SIMULATED)
    yield checks.time_zones(known.zone, clock.now())


def _with_carrier(carrier: Carrier, deployment: Deployment, known: KnownFacts) -> Iterator[Finding]:
    account = checks.credentials(carrier)
    carriers_time, now = carrier.clock(), clock.now()
    yield account
    yield from checks.base_address(deployment.carrier_url)
    own = {each: region for region, each in known.caller_ids.items()}
    own.pop(deployment.caller_id, None)
    if account.level == Level.RIGHT or account.said == FindingCode.ACCOUNT_TRIAL:
        yield checks.balance(carrier)
        yield from checks.number(carrier, deployment, deployment.caller_id)
        for each, region in own.items():
            for found in checks.number(carrier, deployment, each, Check.CALLER_IDS):
                if found.level != Level.RIGHT:
                    about = f"{each} ({region})" if found.check == Check.CALLER_IDS else found.about
                    yield Finding(found.check, found.level, found.said, about)
        permissions = checks.permissions(carrier, deployment.allowed_regions)
    else:
        yield Finding(Check.BALANCE, Level.UNCHECKED, FindingCode.BALANCE_UNCHECKED)
        for each in (deployment.caller_id, *own):
            yield Finding(Check.NUMBER, Level.UNCHECKED, FindingCode.NUMBER_UNCHECKED, each)
        permissions = checks.Permissions(unknown=tuple(deployment.allowed_regions))
    yield from checks.caller_ids_into(deployment, known.caller_ids)
    yield from checks.public_address(deployment)
    refused = list(dict.fromkeys((*known.refused_regions, *permissions.refused)))
    yield from checks.regions(deployment.allowed_regions, refused, permissions.unknown)
    yield from checks.clock(carriers_time, now, deployment.clock_ahead)
