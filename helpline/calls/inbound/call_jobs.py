"""Inbound calls as carrier jobs: the carrier begins them, and reports on them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.calls.inbound import service
from helpline.calls.inbound.models import InboundCall
from helpline.db import transaction
from helpline.domain.call_progress import FINAL
from helpline.messaging.carrier_jobs import TALKING_SILENCE_FACTOR, JobKind, SentJob, Stage
from helpline.messaging.job_failures import Job
from helpline.telephony.port import Carrier

_ON = InboundCall.ended_at.is_(None)
_NOT_TALKING = sa.and_(_ON, InboundCall.talked_at.is_(None))


class InboundCallJobs(JobKind[InboundCall]):
    """Inbound calls. A lookup is no report: a caller of whom nobody hears is gone."""

    name = "inbound_call"
    model = InboundCall
    look_up_job, end_job = Job.LOOK_UP_INBOUND, Job.END_OVERDUE_INBOUND
    looked_at = "looked_at"
    stages = (
        Stage(
            _ON,
            sa.func.coalesce(InboundCall.talked_at, InboundCall.began_at),
            lambda limits: limits.call,
        ),
        Stage(_NOT_TALKING, InboundCall.heard_at, lambda limits: limits.quiet),
    )

    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        return sa.and_(
            _ON,
            InboundCall.heard_at <= now - silent_after,
            sa.or_(InboundCall.looked_at.is_(None), InboundCall.looked_at <= now - silent_after),
            sa.or_(
                InboundCall.talked_at.is_(None),
                InboundCall.heard_at <= now - TALKING_SILENCE_FACTOR * silent_after,
            ),
        )

    def sent_job(self, session: Session, row: InboundCall) -> SentJob:
        return SentJob(row.id, row.sid, None, row.began_at)

    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        if carrier.fetch_call(carrier_id).status in FINAL:
            service.call_ended(carrier_id, now=clock.now())
        else:
            record_still_on(carrier_id, now=clock.now())

    def lock(self, session: Session, job_id: int) -> InboundCall | None:
        return service.lock_by_id(session, job_id)

    def end(self, session: Session, row: InboundCall, *, now: datetime) -> None:
        service.end_call(session, row, now=now)


INBOUND_CALLS = InboundCallJobs()


def record_still_on(sid: str, *, now: datetime) -> None:
    """Record that a lookup found the caller still connected."""
    with transaction() as session:
        session.execute(
            sa.update(InboundCall)
            .where(InboundCall.sid == sid, InboundCall.ended_at.is_(None))
            .values(heard_at=now)
        )
