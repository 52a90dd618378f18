"""Deliver outbound text messages: the worker's part and the carrier's reports.

Sending has no idempotency key. So a message is claimed, committed, and only then sent; where the
response is lost it is looked up at the carrier, and never sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE, transaction, updated_one_row
from helpline.domain.job_limits import JobLimits, pause_before_next_lookup
from helpline.domain.sms_progress import SmsKind, SmsStatus, before
from helpline.domain.unreadable import UnreadableError, is_unreadable
from helpline.messaging import job_failures, outbox, sms, undelivered_sms
from helpline.messaging.models import Kind, OutboundSms
from helpline.telephony.problems import SmsProblem

_FIRST_PAUSE = timedelta(seconds=2)
_MAX_PAUSE = timedelta(minutes=2)
_RECEIPT_OVERDUE_AFTER = timedelta(minutes=10)
_LOOKUP_WINDOW = timedelta(days=1)


class NoSuchSms(LookupError):
    """The carrier reports on an unknown message."""


@dataclass(frozen=True, slots=True)
class SmsToSend:
    """A message to be sent now, or that may have been sent."""

    text_id: int
    ref: str
    number: str
    words: str
    asked_at: datetime


def next_to_send(*, now: datetime, budget_exhausted: bool = False) -> SmsToSend | bool:
    """Claim the next message; STOP is checked once more.

    Args:
        budget_exhausted: the daily budget is used up; only crisis numbers are still sent.

    Returns:
        The message; True when one was settled without sending; False when there is none.

    Raises:
        UnreadableError: no key decrypts it. It stays as it is.
    """
    with transaction() as session:
        row = outbox.claim_next(session, Kind.SEND_TEXT, now=now)
        if row is None:
            return False
        text = session.get_one(OutboundSms, row.subject_id, populate_existing=True)
        if sms.has_opted_out(session, text.phone_hash):
            sms.end_unsent(session, text, SmsProblem.STOPPED, now=now)
        elif budget_exhausted and text.kind != SmsKind.CRISIS:
            sms.end_unsent(session, text, SmsProblem.SPENT, now=now)
        elif text.good_until <= now or text.phone is None or text.words is None:
            sms.end_unsent(session, text, SmsProblem.TOO_LATE, now=now)
        elif is_unreadable(text.phone) or is_unreadable(text.words):
            raise UnreadableError
        elif updated_one_row(
            session,
            sa.update(OutboundSms)
            .where(OutboundSms.id == text.id, OutboundSms.status == SmsStatus.WAITING)
            .values(status=SmsStatus.ASKED, asked_at=now, looked_at=now),
        ):
            return SmsToSend(text.id, text.ref, text.phone, text.words, now)
        return True


def mark_accepted(
    text_id: int, carrier_id: str, *, now: datetime, status: SmsStatus = SmsStatus.ACCEPTED
) -> None:
    """Record that the carrier accepted the message."""
    with transaction() as session:
        text = session.get_one(OutboundSms, text_id, with_for_update=True, populate_existing=True)
        _advance(session, text, carrier_id, status, None, None, now)


def retry_later(text_id: int, problem: str, *, now: datetime) -> None:
    """Schedule a retry of a message that surely was not sent; pauses double."""
    with transaction() as session:
        if updated_one_row(
            session,
            sa.update(OutboundSms)
            .where(OutboundSms.id == text_id, OutboundSms.status == SmsStatus.ASKED)
            .values(status=SmsStatus.WAITING, problem=problem),
        ):
            attempts = outbox.attempts_of(session, Kind.SEND_TEXT, text_id)
            pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _MAX_PAUSE)
            outbox.retry_later(
                session, Kind.SEND_TEXT, text_id, not_before=now + pause, problem=problem
            )


def mark_rejected(text_id: int, problem: str, code: int | None, *, now: datetime) -> None:
    """Record that the carrier rejected the message; a STOP at the carrier is recorded here too."""
    with transaction() as session:
        text = session.get_one(OutboundSms, text_id, with_for_update=True, populate_existing=True)
        text.error_code = code
        sms.end_unsent(session, text, problem, now=now)
        if problem == SmsProblem.STOPPED and text.phone_hash is not None:
            sms.opt_out(session, text.phone_hash, now=now)


def status_received(
    ref: str,
    carrier_id: str,
    status: SmsStatus,
    *,
    error_code: int | None,
    problem: str | None,
    now: datetime,
) -> None:
    """Apply a status report of the carrier; repeated, late or out of order makes no difference.

    Raises:
        NoSuchSms: unknown reference.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(OutboundSms).where(OutboundSms.ref == ref).with_for_update()
        )
        if text is None:
            raise NoSuchSms
        if text.carrier_id not in (None, carrier_id):
            return
        _advance(session, text, carrier_id, status, error_code, problem, now)
        if problem == SmsProblem.STOPPED and text.phone_hash is not None:
            sms.opt_out(session, text.phone_hash, now=now)


def next_unconfirmed(*, now: datetime, silent_after: timedelta) -> SmsToSend | None:
    """Claim one message that may have been sent, to look it up; pauses double up to
    ``silent_after``.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(OutboundSms)
            .where(
                OutboundSms.status == SmsStatus.ASKED,
                sa.or_(OutboundSms.looked_at <= now - silent_after, OutboundSms.look_at <= now),
                job_failures.may_run(job_failures.Job.LOOK_UP_TEXT, OutboundSms.id, now),
            )
            .order_by(OutboundSms.looked_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None or not updated_one_row(
            session,
            sa.update(OutboundSms)
            .where(OutboundSms.id == text.id, OutboundSms.looked_at == text.looked_at)
            .values(
                looked_at=now,
                look_at=now + pause_before_next_lookup(now - (text.asked_at or now), silent_after),
            ),
        ):
            return None
        job_failures.begin(job_failures.Job.LOOK_UP_TEXT, text.id)
        assert text.phone is not None
        assert text.words is not None
        if is_unreadable(text.phone) or is_unreadable(text.words):
            raise UnreadableError
        assert text.asked_at is not None
        return SmsToSend(text.id, text.ref, text.phone, text.words, text.asked_at)


def mark_unconfirmed(text_id: int, *, now: datetime) -> None:
    """Record that the carrier may or may not have the message; it is looked up at once."""
    with transaction() as session:
        session.execute(
            sa.update(OutboundSms)
            .where(OutboundSms.id == text_id, OutboundSms.status == SmsStatus.ASKED)
            .values(look_at=now)
        )


def end_one_overdue(*, now: datetime, limits: JobLimits) -> bool:
    """End one message that can no longer be sent or looked up; return whether there was one.

    Works with and without a carrier.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(OutboundSms)
            .where(
                sa.or_(
                    sa.and_(
                        OutboundSms.status == SmsStatus.WAITING,
                        OutboundSms.good_until <= now - limits.queued,
                    ),
                    sa.and_(
                        OutboundSms.status == SmsStatus.ASKED,
                        OutboundSms.asked_at <= now - limits.unconfirmed,
                    ),
                ),
                job_failures.may_run(job_failures.Job.END_OVERDUE_TEXT, OutboundSms.id, now),
            )
            .order_by(OutboundSms.id)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None:
            return False
        job_failures.begin(job_failures.Job.END_OVERDUE_TEXT, text.id)
        waiting = text.status == SmsStatus.WAITING
        problem = SmsProblem.TOO_LATE if waiting else SmsProblem.LOST
        sms.end_unsent(session, text, problem, now=now)
        return True


@dataclass(frozen=True, slots=True)
class UnconfirmedSms:
    """A message accepted by the carrier, long without a report."""

    text_id: int
    carrier_id: str


def next_without_receipt(*, now: datetime) -> UnconfirmedSms | None:
    """Claim one message without a final report for ten minutes, to look it up.

    Once after each report, so that a silent one is not looked up for ever.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(OutboundSms)
            .where(
                OutboundSms.status.in_((SmsStatus.ACCEPTED, SmsStatus.SENT)),
                OutboundSms.heard_at.between(now - _LOOKUP_WINDOW, now - _RECEIPT_OVERDUE_AFTER),
                OutboundSms.looked_at <= OutboundSms.heard_at,
            )
            .order_by(OutboundSms.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if text is None or text.carrier_id is None:
            return None
        text.looked_at = now
        return UnconfirmedSms(text.id, text.carrier_id)


def apply_lookup(
    text_id: int,
    carrier_id: str,
    status: SmsStatus,
    error_code: int | None,
    problem: str | None,
    *,
    now: datetime,
) -> None:
    """Apply the status found by a lookup."""
    with transaction() as session:
        text = session.get_one(OutboundSms, text_id, with_for_update=True, populate_existing=True)
        _advance(session, text, carrier_id, status, error_code, problem, now)


def unknown_ids(carrier_ids: list[str]) -> list[str]:
    """Return those of these carrier ids that belong to no message yet."""
    with transaction() as session:
        known_ids = set(
            session.scalars(
                sa.select(OutboundSms.carrier_id).where(OutboundSms.carrier_id.in_(carrier_ids))
            )
        )
        return [carrier_id for carrier_id in carrier_ids if carrier_id not in known_ids]


def apply_missing(text_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """Record that the carrier does not know the message; given up once that can be no delay."""
    with transaction() as session:
        text = session.get_one(OutboundSms, text_id, with_for_update=True, populate_existing=True)
        if text.asked_at is not None and text.asked_at + lost_after <= now:
            sms.end_unsent(session, text, SmsProblem.LOST, now=now)


def _advance(
    session: Session,
    text: OutboundSms,
    carrier_id: str,
    status: SmsStatus,
    error_code: int | None,
    problem: str | None,
    now: datetime,
) -> None:
    """Statuses only move forward; number and text are erased."""
    has_failed = status in (SmsStatus.FAILED, SmsStatus.UNDELIVERED)
    problem = (problem or SmsProblem.UNDELIVERED) if has_failed else None
    if updated_one_row(
        session,
        sa.update(OutboundSms)
        .where(OutboundSms.id == text.id, OutboundSms.status.in_(before(status)))
        .values(
            status=status,
            carrier_id=carrier_id,
            error_code=error_code,
            heard_at=now,
            problem=problem,
            phone=None,
            words=None,
        ),
    ):
        outbox.mark_done(session, Kind.SEND_TEXT, text.id, now=now)
        if problem is not None:
            undelivered_sms.notify_undelivered(session, text, problem, now=now)
