"""One run of all preflight checks, over the network and outside any transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from helpline import clock
from helpline.preflight import checks
from helpline.preflight.checks import Check, Deployment, Finding, FindingCode, Level
from helpline.preflight.service import KnownFacts
from helpline.telephony.port import Carrier


def run_all_checks(
    carriers: Mapping[str, Carrier], deployment: Deployment, facts: KnownFacts
) -> Iterator[Finding]:
    """Iterate over all findings, in the order in which to read them.

    Args:
        carriers: by name; none where advisors call from their own phones.
        deployment: the operator's settings.
        facts: what the database says.
    """
    if not carriers:
        yield Finding(Check.CREDENTIALS, Level.RIGHT, FindingCode.NO_CARRIER)
    for name, carrier in carriers.items():
        for finding in _of_carrier(name, carrier, deployment, facts):
            yield replace(finding, carrier=name)
    if carriers:
        yield from checks.missing_accounts(facts.routes, carriers)
        yield from checks.public_url_form(deployment)
    yield checks.keys(facts.wrong_key_settings)
    yield from checks.proxies(deployment, facts.forwarded_at, clock.now())
    yield from checks.worker(facts.last_beat, clock.now())
    if deployment.clock_ahead:
        yield Finding(Check.CLOCK, Level.WARNING, FindingCode.CLOCK_SIMULATED)
    yield checks.time_zones(facts.zone, clock.now())


def _of_carrier(
    name: str, carrier: Carrier, deployment: Deployment, facts: KnownFacts
) -> Iterator[Finding]:
    """What one carrier does, for the regions that it calls."""
    account = checks.credentials(carrier)
    carriers_time, now = carrier.clock(), clock.now()
    yield account
    yield from checks.api_base_url(carrier.retired_url)
    routes = {region: facts.route_for(region) for region in deployment.allowed_regions}
    caller_ids = {
        region: route.caller_id for region, route in routes.items() if route.carrier == name
    }
    other_numbers = {
        route.caller_id: region
        for region, route in facts.routes.items()
        if route.carrier == name and route.caller_id not in ("", carrier.caller_id)
    }
    if account.level == Level.RIGHT or account.code == FindingCode.ACCOUNT_TRIAL:
        yield checks.balance(carrier)
        yield from checks.number(carrier, deployment, carrier.caller_id)
        for e164, region in other_numbers.items():
            for finding in checks.number(carrier, deployment, e164, Check.CALLER_IDS):
                if finding.level != Level.RIGHT:
                    about = (
                        f"{e164} ({region})" if finding.check == Check.CALLER_IDS else finding.about
                    )
                    yield replace(finding, about=about)
        permissions = checks.permissions(carrier, list(caller_ids))
    else:
        yield Finding(Check.BALANCE, Level.UNCHECKED, FindingCode.BALANCE_UNCHECKED)
        for e164 in (carrier.caller_id, *other_numbers):
            yield Finding(Check.NUMBER, Level.UNCHECKED, FindingCode.NUMBER_UNCHECKED, e164)
        permissions = checks.Permissions(unknown=tuple(caller_ids))
    yield from checks.country_facts(deployment, name, caller_ids)
    yield from checks.limits(deployment, caller_ids, carrier.limits)
    if deployment.texts_enabled:
        yield from checks.text_registration(name, caller_ids, facts.unregistered_texts)
    yield from checks.public_url(deployment, deployment.webhooks[name])
    refused = list(dict.fromkeys((*facts.refused_regions.get(name, ()), *permissions.refused)))
    yield from checks.regions(list(caller_ids), refused, permissions.unknown)
    yield from checks.clock(carriers_time, now, deployment.clock_ahead)
