"""One trial of everything that calls need, over the network; no transaction is open meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from helpline import clock
from helpline.preflight import checks
from helpline.preflight.checks import Check, Deployment, Finding, Level, Said
from helpline.preflight.service import Known
from helpline.telephony.carrier import Carrier


def try_everything(
    carrier: Carrier | None, deployment: Deployment, known: Known
) -> Iterator[Finding]:
    """Every finding, in the order in which a person should read them.

    Args:
        carrier: None where advisors ring from their own phones.
        deployment: what the operator set.
        known: what the database says.
    """
    if carrier is None:
        yield Finding(Check.CREDENTIALS, Level.RIGHT, Said.NO_CARRIER)
    else:
        yield from _with_carrier(carrier, deployment, known)
    yield checks.keys(known.wrong_key_settings)
    yield from checks.proxies(deployment, known.forwarded_at, clock.now())
    yield from checks.worker(known.last_beat, clock.now())
    if carrier is None:
        yield from checks.clock(None, clock.now(), deployment.clock_ahead)
    yield checks.time_zones(known.zone, clock.now())


def _with_carrier(carrier: Carrier, deployment: Deployment, known: Known) -> Iterator[Finding]:
    account = checks.credentials(carrier)
    carriers_time, now = carrier.clock(), clock.now()
    yield account
    refused = list(known.refused_regions)
    if account.level == Level.RIGHT:
        refused += checks.not_allowed(carrier, deployment.allowed_regions)
        yield checks.number(carrier, deployment.caller_id)
        for region, own in known.caller_ids.items():
            if own != deployment.caller_id:
                found = checks.number(carrier, own, Check.CALLER_IDS)
                if found.level != Level.RIGHT:
                    yield Finding(found.check, found.level, found.said, f"{own} ({region})")
    yield from checks.public_address(deployment)
    yield from checks.regions(deployment.allowed_regions, list(dict.fromkeys(refused)))
    yield from checks.clock(carriers_time, now, deployment.clock_ahead)
