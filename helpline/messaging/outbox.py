"""Write and claim outbox rows in the caller's transaction; never commits."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE, guarded_update, insert_or_ignore, wake_workers
from helpline.messaging import job_failures
from helpline.messaging.models import Kind, OutboxRow, OutboxState

ORDER = (OutboxRow.not_before, OutboxRow.id)


def is_due(kind: Kind, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition for due rows of a kind, as the index has it."""
    return sa.and_(
        OutboxRow.kind == kind,
        OutboxRow.state == OutboxState.PENDING,
        OutboxRow.not_before <= now,
    )


def enqueue(session: Session, kind: Kind, subject_id: int, *, now: datetime) -> None:
    """Add a row; a second one like it is the same. For a call the workers are woken."""
    insert_or_ignore(
        session,
        OutboxRow,
        kind=kind,
        subject_id=subject_id,
        state=OutboxState.PENDING,
        created_at=now,
        not_before=now,
        tries=0,
    )
    if kind == Kind.PLACE_CALL:
        wake_workers(session)


def claim_next(
    session: Session, kind: Kind, *conditions: sa.ColumnElement[bool], now: datetime
) -> OutboxRow | None:
    """Claim the oldest due row of a kind whose subject is not locked, under more conditions."""
    job = job_failures.Job(kind.value)
    due = (
        sa.select(OutboxRow)
        .where(is_due(kind, now), *conditions, job_failures.may_run(job, OutboxRow.subject_id, now))
        .order_by(*ORDER)
        .limit(ONE)
    )
    row = session.scalar(due.with_for_update(skip_locked=True))
    if row is None or not claim(session, row, now=now):
        return None
    job_failures.begin(job, row.subject_id)
    return row


def claim(session: Session, row: OutboxRow, *, now: datetime) -> bool:
    """Claim a row; return whether it was still open."""
    return guarded_update(
        session,
        row,
        {"state": OutboxState.PENDING, "tries": row.tries},
        state=OutboxState.IN_HAND,
        taken_at=now,
        tries=row.tries + 1,
    )


def mark_done(session: Session, kind: Kind, subject_id: int, *, now: datetime) -> None:
    """Record that the effect took place or is no longer wanted."""
    _close(session, kind, subject_id, OutboxState.DONE, now, None)


def give_up(session: Session, kind: Kind, subject_id: int, *, now: datetime, problem: str) -> None:
    """Record that the effect will not be tried again, and why."""
    _close(session, kind, subject_id, OutboxState.GIVEN_UP, now, problem)


def retry_later(
    session: Session, kind: Kind, subject_id: int, *, not_before: datetime, problem: str
) -> None:
    """Schedule a retry: only where the effect surely did not take place."""
    session.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.kind == kind, OutboxRow.subject_id == subject_id)
        .values(state=OutboxState.PENDING, not_before=not_before, problem=problem)
    )


def attempts_of(session: Session, kind: Kind, subject_id: int) -> int:
    """Return the number of attempts."""
    return (
        session.scalar(
            sa.select(OutboxRow.tries).where(
                OutboxRow.kind == kind, OutboxRow.subject_id == subject_id
            )
        )
        or 0
    )


def _close(
    session: Session,
    kind: Kind,
    subject_id: int,
    state: OutboxState,
    now: datetime,
    problem: str | None,
) -> None:
    session.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.kind == kind,
            OutboxRow.subject_id == subject_id,
            OutboxRow.state.in_([OutboxState.PENDING, OutboxState.IN_HAND]),
        )
        .values(state=state, done_at=now, problem=problem)
    )


def requeue_stale(session: Session, kind: Kind, *, begun_before: datetime) -> None:
    """Requeue rows that a worker claimed long ago and never finished.

    Only for effects that may safely be repeated.
    """
    session.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.kind == kind,
            OutboxRow.state == OutboxState.IN_HAND,
            OutboxRow.taken_at <= begun_before,
        )
        .values(state=OutboxState.PENDING)
    )
