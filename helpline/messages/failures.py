"""Counting the failures of jobs, so that one that always fails does not hold up those behind it.

A job takes its subject (a text, an attempt, a callback) in a transaction. If that fails, all of the
transaction is undone, and the next round would take the same subject again, for ever. So the worker
counts the failure in a transaction of its own, a failed subject is passed over for a while, and
after the bound it is set aside until a supervisor has seen to it (decision 122).
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Instant, transaction, written_out
from helpline.messages import notices
from helpline.messages.models import JobFailure, NoticeKind
from helpline.rows import add_if_absent

MAX_FAILURES = 5
_FIRST_PAUSE = timedelta(seconds=2)
_KEPT_FOR = timedelta(days=1)


class Job(StrEnum):
    """What a worker does with a subject, where doing it could fail again and again."""

    PLACE_CALL = "place_call"
    SEND_TEXT = "send_text"
    FETCH_RECORDING = "fetch_recording"
    LOOK_UP_TEXT = "look_up_text"
    PLACE_OFFER = "place_offer"
    OFFER_CALLBACK = "offer_callback"
    RETURN_CLAIM = "return_claim"
    EXPIRE_CALLBACK = "expire_callback"
    END_REQUEST_BEHIND = "end_request_behind"
    CLOSE_WRAP_UP = "close_wrap_up"
    END_WITHDRAWN = "end_withdrawn"
    END_OVERDUE_ATTEMPT = "end_overdue_attempt"
    END_OVERDUE_OFFER = "end_overdue_offer"
    END_OVERDUE_INBOUND = "end_overdue_inbound"
    END_OVERDUE_TEXT = "end_overdue_text"
    END_OVERDUE_RECORDING = "end_overdue_recording"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a job is at work on."""

    job: Job
    id: int


_at_work: ContextVar[Subject | None] = ContextVar("helpline-job-subject", default=None)


def begin(job: Job, subject_id: int) -> None:
    """Say what this job works on from here on. If it fails, the failure is counted for it."""
    _at_work.set(Subject(job, subject_id))


def clear() -> None:
    """Say that no subject is worked on."""
    _at_work.set(None)


def at_work() -> Subject | None:
    """What the job of this thread works on, or did when it failed."""
    return _at_work.get()


def may_run(job: Job, subject_id: Any, now: Any) -> sa.ColumnElement[bool]:
    """Whether a subject is neither set aside nor to be passed over for a while.

    Args:
        subject_id: the column with the id of the subject.
        now: the time, or a parameter for it.
    """
    return ~(
        sa.exists()
        .where(
            JobFailure.job == written_out(job),
            JobFailure.subject_id == subject_id,
            sa.or_(JobFailure.set_aside_at.is_not(None), JobFailure.not_before > now),
        )
        .correlate_except(JobFailure)
    )


def due_now() -> sa.BindParameter[datetime]:
    """The parameter ``now`` of a statement that is made once."""
    return sa.bindparam("now", type_=Instant)


def count(subject: Subject, problem: str, *, now: datetime) -> bool:
    """Count a failure; says whether the subject was set aside by it. Supervisors are then told.

    Args:
        problem: the kind of error; never its message.
    """
    with transaction() as session:
        _forget_old(session, now)
        add_if_absent(
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
        notices.tell(session, NoticeKind.SET_ASIDE, f"{subject.job}:{subject.id}", now=now)
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


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(
        sa.delete(JobFailure).where(
            JobFailure.set_aside_at.is_(None), JobFailure.failed_at <= now - _KEPT_FOR
        )
    )
