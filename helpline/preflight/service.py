"""Transactions of preflight checks: when they run, what they need, and storing the findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction, updated_one_row
from helpline.hours import queries as hours_queries
from helpline.messaging import sms_registration
from helpline.messaging.queries import last_heartbeat
from helpline.preflight.checks import Finding
from helpline.preflight.models import PreflightReport
from helpline.privacy import audit, key_check
from helpline.telephony import carrier_limits, carrier_routes
from helpline.telephony.carrier_routes import REST, CarrierRoute

RUN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the database says, as far as checks need it.

    Args:
        routes: the saved ones, by region.
        refused_regions: by carrier.
        unregistered_texts: how many text templates are not registered, by region.
    """

    zone: str
    last_beat: datetime | None
    routes: Mapping[str, CarrierRoute]
    refused_regions: Mapping[str, Sequence[str]]
    unregistered_texts: Mapping[str, int]
    wrong_key_settings: str
    forwarded_at: datetime | None = None

    def route_for(self, region: str) -> CarrierRoute:
        """Return the route of a region in force."""
        return carrier_routes.choose(self.routes.get(region), self.routes.get(REST))


def load_facts() -> KnownFacts:
    with transaction() as session:
        saved = hours_queries.newest_version(session)
        return KnownFacts(
            zone=hours_queries.plan_of(saved).zone_name,
            last_beat=last_heartbeat(session),
            routes=carrier_routes.saved_routes(session),
            wrong_key_settings=_wrong_key_settings(session),
            refused_regions=_refused_regions(session),
            unregistered_texts=sms_registration.count_unregistered(session),
            forwarded_at=session.scalar(sa.select(PreflightReport.forwarded_at)),
        )


def _refused_regions(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for refused in carrier_limits.rejected_regions(session):
        found.setdefault(refused.carrier, []).append(refused.region)
    return found


def _wrong_key_settings(session: Session) -> str:
    try:
        key_check.check(session.connection())
    except key_check.WrongKeys as wrong:
        return wrong.settings
    return ""


def reserve_run(*, now: datetime) -> bool:
    """Return whether the checks are due; true for one worker only."""
    with transaction() as session:
        insert_or_ignore(session, PreflightReport, id=1, next_at=now, findings=[])
        return updated_one_row(
            session,
            sa.update(PreflightReport)
            .where(PreflightReport.id == 1, PreflightReport.next_at <= now)
            .values(next_at=now + RUN_EVERY),
        )


def request_run(*, now: datetime) -> None:
    """Have a worker run all checks again at once."""
    with transaction() as session:
        insert_or_ignore(session, PreflightReport, id=1, next_at=now, findings=[])
        session.execute(
            sa.update(PreflightReport).where(PreflightReport.id == 1).values(next_at=now)
        )


def record_webhooks_set(number: str, *, admin_id: int, before: str, now: datetime) -> None:
    """Audit that an admin set a number's webhooks at the carrier; run all checks again.

    Args:
        before: its previous voice URL.
    """
    with transaction() as session:
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="number_addresses_set",
            subject=f"number:{number}",
            before=before,
        )
    request_run(now=now)


def record_forwarded_header(*, now: datetime) -> None:
    """Record that X-Forwarded-For arrives while no proxy is trusted."""
    with transaction() as session:
        insert_or_ignore(session, PreflightReport, id=1, next_at=now, findings=[])
        session.execute(
            sa.update(PreflightReport).where(PreflightReport.id == 1).values(forwarded_at=now)
        )


def store_findings(findings: Iterable[Finding], *, now: datetime) -> None:
    """Store the findings for the admin pages."""
    with transaction() as session:
        insert_or_ignore(session, PreflightReport, id=1, next_at=now + RUN_EVERY, findings=[])
        session.execute(
            sa.update(PreflightReport)
            .where(PreflightReport.id == 1)
            .values(found_at=now, findings=[finding.to_data() for finding in findings])
        )
