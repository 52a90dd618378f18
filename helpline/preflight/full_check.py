"""One run of all preflight checks, over the network and outside any transaction."""

from __future__ import annotations

from collections.abc import Iterator

from helpline import clock
from helpline.preflight import checks
from helpline.preflight.checks import Check, Deployment, Finding, FindingCode, Level
from helpline.preflight.service import KnownFacts
from helpline.telephony.port import Carrier


def run_all_checks(
    carrier: Carrier | None, deployment: Deployment, facts: KnownFacts
) -> Iterator[Finding]:
    """Iterate over all findings, in the order in which to read them.

    Args:
        carrier: None where advisors call from their own phones.
        deployment: the operator's settings.
        facts: what the database says.
    """
    if carrier is None:
        yield Finding(Check.CREDENTIALS, Level.RIGHT, FindingCode.NO_CARRIER)
    else:
        yield from _with_carrier(carrier, deployment, facts)
    yield checks.keys(facts.wrong_key_settings)
    yield from checks.proxies(deployment, facts.forwarded_at, clock.now())
    yield from checks.worker(facts.last_beat, clock.now())
    if carrier is None and deployment.clock_ahead:
        yield Finding(Check.CLOCK, Level.WARNING, FindingCode.CLOCK_SIMULATED)
    yield checks.time_zones(facts.zone, clock.now())


def _with_carrier(carrier: Carrier, deployment: Deployment, facts: KnownFacts) -> Iterator[Finding]:
    account = checks.credentials(carrier)
    carriers_time, now = carrier.clock(), clock.now()
    yield account
    yield from checks.api_base_url(carrier.retired_url)
    other_numbers = {e164: region for region, e164 in facts.caller_ids.items()}
    other_numbers.pop(deployment.caller_id, None)
    if account.level == Level.RIGHT or account.code == FindingCode.ACCOUNT_TRIAL:
        yield checks.balance(carrier)
        yield from checks.number(carrier, deployment, deployment.caller_id)
        for e164, region in other_numbers.items():
            for finding in checks.number(carrier, deployment, e164, Check.CALLER_IDS):
                if finding.level != Level.RIGHT:
                    about = (
                        f"{e164} ({region})" if finding.check == Check.CALLER_IDS else finding.about
                    )
                    yield Finding(finding.check, finding.level, finding.code, about)
        permissions = checks.permissions(carrier, deployment.allowed_regions)
    else:
        yield Finding(Check.BALANCE, Level.UNCHECKED, FindingCode.BALANCE_UNCHECKED)
        for e164 in (deployment.caller_id, *other_numbers):
            yield Finding(Check.NUMBER, Level.UNCHECKED, FindingCode.NUMBER_UNCHECKED, e164)
        permissions = checks.Permissions(unknown=tuple(deployment.allowed_regions))
    yield from checks.caller_ids(deployment, facts.caller_ids, carrier.country_rules)
    yield from checks.public_url(deployment)
    refused = list(dict.fromkeys((*facts.refused_regions, *permissions.refused)))
    yield from checks.regions(deployment.allowed_regions, refused, permissions.unknown)
    yield from checks.clock(carriers_time, now, deployment.clock_ahead)
