"""Count job failures, so that one that always fails does not block those behind it.

A job claims its subject (a text message, an attempt, a callback) in a transaction. If that fails
and is rolled back, the next round would claim the same subject again, for ever. So the worker
counts the failure in a transaction of its own, skips a failed subject for a while, and after a
bound sets it aside until a supervisor retries it (docs/decisions/0019-failed-jobs-are-set-aside).
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import (
    NO_KEY_UPDATE,
    ONE,
    Base,
    inline_literal,
    insert_or_ignore,
    transaction,
)
from helpline.messaging import staff_notices
from helpline.messaging.models import JobFailure, NoticeKind

Row = TypeVar("Row", bound=Base)

MAX_FAILURES = 5
_FIRST_PAUSE = timedelta(seconds=2)
_RETENTION = timedelta(days=1)


class Job(StrEnum):
    """A job that can fail again and again for one subject."""

    PLACE_CALL = "place_call"
    SEND_TEXT = "send_text"
    FETCH_RECORDING = "fetch_recording"
    SEND_WEBHOOK = "send_webhook"
    LOOK_UP_TEXT = "look_up_text"
    LOOK_UP_ATTEMPT = "look_up_attempt"
    LOOK_UP_OFFER = "look_up_offer"
    LOOK_UP_LISTENER = "look_up_listener"
    LOOK_UP_INBOUND = "look_up_inbound"
    CANCEL_AT_CLOSING = "cancel_at_closing"
    PLACE_OFFER = "place_offer"
    PLACE_LISTENER = "place_listener"
    CHANGE_CALL = "change_call"
    OFFER_CALLBACK = "offer_callback"
    RETURN_CLAIM = "return_claim"
    EXPIRE_CALLBACK = "expire_callback"
    END_REQUEST_BEHIND = "end_request_behind"
    CLOSE_WRAP_UP = "close_wrap_up"
    END_WITHDRAWN = "end_withdrawn"
    END_OVERDUE_ATTEMPT = "end_overdue_attempt"
    END_OVERDUE_OFFER = "end_overdue_offer"
    END_OVERDUE_LISTENER = "end_overdue_listener"
    END_OVERDUE_INBOUND = "end_overdue_inbound"
    END_OVERDUE_TEXT = "end_overdue_text"
    END_OVERDUE_RECORDING = "end_overdue_recording"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a job."""

    job: Job
    id: int


_current_subject: ContextVar[Subject | None] = ContextVar("helpline-job-subject", default=None)


def begin(job: Job, subject_id: int) -> None:
    """Set the subject to which a failure from here on is attributed."""
    _current_subject.set(Subject(job, subject_id))


def clear() -> None:
    _current_subject.set(None)


def current_subject() -> Subject | None:
    """Return the current or last subject of this thread's job."""
    return _current_subject.get()


def may_run(job: Job, subject_id: Any, now: Any) -> sa.ColumnElement[bool]:
    """Return a condition: the subject is neither set aside nor skipped for now.

    Args:
        subject_id: the column with its id.
        now: the time, or a parameter for it.
    """
    return ~(
        sa.exists()
        .where(
            JobFailure.job == inline_literal(job),
            JobFailure.subject_id == subject_id,
            sa.or_(JobFailure.set_aside_at.is_not(None), JobFailure.not_before > now),
        )
        .correlate_except(JobFailure)
    )


def take_next(
    session: Session,
    job: Job,
    model: type[Row],
    *conditions: sa.ColumnElement[bool],
    now: datetime,
    order_by: Any = None,
) -> Row | None:
    """Lock the first row that a job may work on and that is not locked, and begin with it.

    Args:
        model: a model whose primary key is ``id``.
        conditions: which rows there is work for.
        order_by: the order in which they are worked on; by default that of their ids.
    """
    key = cast(Any, model).id
    row = session.scalar(
        sa.select(model)
        .where(*conditions, may_run(job, key, now))
        .order_by(key if order_by is None else order_by)
        .limit(ONE)
        .with_for_update(skip_locked=True, **NO_KEY_UPDATE)
    )
    if row is not None:
        begin(job, cast(Any, row).id)
    return row


def count_failure(subject: Subject, problem: str, *, now: datetime) -> bool:
    """Count a failure; return whether it set the subject aside, of which supervisors are notified.

    Args:
        problem: the kind of error; never its message.
    """
    with transaction() as session:
        _delete_old(session, now)
        insert_or_ignore(
            session,
            JobFailure,
            job=subject.job,
            subject_id=subject.id,
            failures=0,
            problem=problem,
            failed_at=now,
            not_before=now,
        )
        failure = session.get_one(
            JobFailure, (subject.job, subject.id), with_for_update=True, populate_existing=True
        )
        failure.failures += 1
        failure.problem, failure.failed_at = problem, now
        failure.not_before = now + _FIRST_PAUSE * 2 ** (failure.failures - 1)
        if failure.failures < MAX_FAILURES or failure.set_aside_at is not None:
            return False
        failure.set_aside_at = now
        staff_notices.notify_staff(
            session, NoticeKind.SET_ASIDE, f"{subject.job}:{subject.id}", now=now
        )
        return True


def retry(session: Session, subject: str) -> None:
    """Let a subject that was set aside run again.

    Args:
        subject: as its notice names it.
    """
    job, _, number = subject.partition(":")
    session.execute(
        sa.delete(JobFailure).where(JobFailure.job == job, JobFailure.subject_id == int(number))
    )


def _delete_old(session: Session, now: datetime) -> None:
    session.execute(
        sa.delete(JobFailure).where(
            JobFailure.set_aside_at.is_(None), JobFailure.failed_at <= now - _RETENTION
        )
    )
