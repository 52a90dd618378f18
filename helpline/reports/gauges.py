"""Gauges of the current state of the service, for monitoring. No personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import queue
from helpline.callbacks.models import Callback
from helpline.calls import daily_budget
from helpline.calls.models import Attempt
from helpline.calls.supervision import queries as supervision
from helpline.calls.supervision.queries import Activity
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.hours import queries as hours_queries
from helpline.messaging import undelivered_sms
from helpline.messaging.models import Heartbeat, Kind, OutboxRow, OutboxState
from helpline.policy import queries as policy_queries
from helpline.privacy import audit_chain
from helpline.privacy.models import AuditCheck

WORKER_SILENT_AFTER = timedelta(seconds=60)
_ONE_HOUR = timedelta(hours=1)
_MAX_OPEN_PERIOD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Gauges:
    """The gauges at one instant.

    Args:
        callbacks: how many are "due", "later", "claimed" and "calling".
        oldest_wait: the longest current wait, in opening hours only.
        attempts: attempts ended in the last hour, by result.
        outbox_oldest: how long the oldest pending effect is overdue.
        workers: workers with a heartbeat in the last minute.
        beat_age: time since the last heartbeat; None if there never was one.
        tick_lag: how late the slowest live worker's last round began.
        most_cents: the daily budget; None without one.
        audit_check_age: time since the last daily check; zero if there was none.
        audit_unchained: how long the oldest entry has waited to be chained.
        texts: text messages of the last hour, by status.
        advisors: how many are "available", "busy" (with a callback or a call) and "away".
    """

    is_open: bool
    callbacks: Mapping[str, int]
    oldest_wait: timedelta
    attempts: Mapping[str, int]
    outbox_pending: int
    outbox_oldest: timedelta
    workers: int
    beat_age: timedelta | None
    tick_lag: timedelta
    spent_cents: int = 0
    most_cents: int | None = None
    audit_findings: int = 0
    audit_check_age: timedelta = timedelta()
    audit_unchained: timedelta = timedelta()
    texts: Mapping[str, int] = field(default_factory=dict)
    advisors: Mapping[str, int] = field(default_factory=dict)


def read_gauges(session: Session, now: datetime) -> Gauges:
    """Read all gauges in a few short queries, whatever the amount of history."""
    opening_hours = hours_queries.effective_hours(session, now)
    beats = session.execute(sa.select(Heartbeat.at, Heartbeat.late_ms)).all()
    alive = [beat for beat in beats if beat.at >= now - WORKER_SILENT_AFTER]
    pending, oldest = _outbox(session, now)
    most = policy_queries.current(session).most_cents_a_day
    check = session.get(AuditCheck, 1, populate_existing=True)
    checked_at = check.checked_at if check else None
    oldest_entry = audit_chain.unsealed(session).oldest_at
    return Gauges(
        is_open=opening_hours.is_open(now),
        callbacks=_callbacks(session, now),
        oldest_wait=_oldest_wait(session, opening_hours, now),
        attempts=_attempts(session, now),
        outbox_pending=pending,
        outbox_oldest=oldest,
        workers=len(alive),
        beat_age=now - max(beat.at for beat in beats) if beats else None,
        tick_lag=timedelta(milliseconds=max((beat.late_ms for beat in alive), default=0)),
        spent_cents=0 if most is None else daily_budget.spent_cents(session, now),
        most_cents=most,
        audit_findings=check.findings if check else 0,
        audit_check_age=now - checked_at if checked_at else timedelta(),
        audit_unchained=max(now - oldest_entry, timedelta()) if oldest_entry else timedelta(),
        texts=undelivered_sms.counts_since(session, now - _ONE_HOUR),
        advisors=_advisors(session, now),
    )


def _callbacks(session: Session, now: datetime) -> dict[str, int]:
    in_hand = session.execute(
        sa.select(Callback.status, sa.func.count(Callback.id))
        .where(Callback.status.in_((Status.CLAIMED, Status.CALLING)))
        .group_by(Callback.status)
    )
    return {
        "due": queue.due_count(session, now),
        "later": queue.later_count(session, now),
        "claimed": 0,
        "calling": 0,
    } | {str(status): count for status, count in in_hand}


def _advisors(session: Session, now: datetime) -> dict[str, int]:
    counts = Counter(advisor.doing for advisor in supervision.advisors(session, now))
    idle = {str(status): counts[status] for status in (Activity.AVAILABLE, Activity.AWAY)}
    busy = counts.total() - sum(idle.values()) - counts[Activity.OFFLINE]
    return idle | {"busy": busy}


def _oldest_wait(session: Session, opening_hours: OpeningHours, now: datetime) -> timedelta:
    """Count from opening time for those who asked before: nobody could call them earlier."""
    oldest = session.scalar(sa.select(sa.func.min(Callback.due_at)).where(queue.is_due(now)))
    if oldest is None or not opening_hours.is_open(now):
        return timedelta(0)
    opened_at = opening_hours.periods(now - _MAX_OPEN_PERIOD, now)[-1].opens_at
    return now - max(oldest, opened_at)


def _attempts(session: Session, now: datetime) -> dict[str, int]:
    ended = session.execute(
        sa.select(Attempt.result, sa.func.count(Attempt.id))
        .where(Attempt.ended_at > now - _ONE_HOUR)
        .group_by(Attempt.result)
    )
    return {str(result): count for result, count in ended if result is not None}


def _outbox(session: Session, now: datetime) -> tuple[int, timedelta]:
    count, oldest = session.execute(
        sa.select(sa.func.count(OutboxRow.id), sa.func.min(OutboxRow.not_before)).where(
            OutboxRow.state == OutboxState.PENDING,
            OutboxRow.not_before <= now,
            OutboxRow.kind != Kind.SEND_WEBHOOK,  # It may wait for another's server.
        )
    ).one()
    return count, now - oldest if oldest is not None else timedelta(0)
