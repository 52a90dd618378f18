"""Job that runs the preflight checks every few minutes."""

from __future__ import annotations

from helpline import clock
from helpline.current import services
from helpline.db import db
from helpline.messaging import sms
from helpline.preflight import checks
from helpline.preflight import service as preflight_service
from helpline.preflight.checks import Deployment, Finding
from helpline.preflight.full_check import run_all_checks


def run_if_due() -> bool:
    """Run all checks when due, in one worker at a time."""
    if preflight_service.reserve_run(now=clock.now()):
        run_checks()
    return False


def run_checks() -> list[Finding]:
    """Run all checks and store the findings for the admin pages."""
    facts = preflight_service.load_facts()
    findings = list(run_all_checks(services().carriers, _deployment(), facts))
    preflight_service.store_findings(findings, now=clock.now())
    return findings


def _deployment() -> Deployment:
    settings = services().settings
    return Deployment(
        webhooks=services().webhooks,
        public_url=settings.public_url,
        allowed_regions=settings.allowed_regions,
        uses_real_carrier=settings.uses_real_carrier,
        clock_ahead=clock.ahead(),
        timeout_seconds=settings.carrier_timeout_seconds,
        trusted_proxies=settings.trusted_proxies,
        texts_enabled=sms.enabled(db.session()),
        machine_detection=settings.machine_detection,
        voice_languages=settings.voice_languages,
        routes=checks.expected_routes(settings.public_url),
    )
