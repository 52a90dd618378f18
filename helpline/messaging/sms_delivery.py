"""The life of an outbound text message: sent by the worker, then reported on by the carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.db import transaction, updated_one_row
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_progress import SmsKind, SmsStatus, before
from helpline.domain.unreadable import UnreadableError, is_unreadable
from helpline.messaging import carrier_jobs, outbox, sms, sms_registration, undelivered_sms
from helpline.messaging.carrier_jobs import CarrierContext, OutboundKind, Request, SentJob, Stage
from helpline.messaging.job_failures import Job
from helpline.messaging.models import Kind, OutboundSms, OutboxRow
from helpline.telephony.port import Carrier, Rejected
from helpline.telephony.problems import SmsProblem

_FIRST_PAUSE = timedelta(seconds=2)
_MAX_PAUSE = timedelta(minutes=2)
_RECEIPT_OVERDUE_AFTER = timedelta(minutes=10)
_LOOKUP_WINDOW = timedelta(days=1)
_CLOCK_TOLERANCE = timedelta(minutes=1)

_WITHOUT_RECEIPT = (SmsStatus.ACCEPTED, SmsStatus.SENT)
_WAITING = OutboundSms.status == SmsStatus.WAITING
_ASKED = OutboundSms.status == SmsStatus.ASKED


class NoSuchSms(LookupError):
    """The carrier reports on an unknown message."""


class SmsJobs(OutboundKind[OutboundSms]):
    """Outbound text messages, as carrier jobs.

    Args:
        budget_exhausted: whether the daily budget is used up at an instant; only crisis numbers are
            still sent.
    """

    name = "text"
    model = OutboundSms
    look_up_job, end_job = Job.LOOK_UP_TEXT, Job.END_OVERDUE_TEXT
    looked_at, look_at = "looked_at", "look_at"
    asked_at = sa.func.coalesce(OutboundSms.asked_at, OutboundSms.created_at)
    unconfirmed = _ASKED
    stages = (
        Stage(_WAITING, OutboundSms.good_until, lambda limits: limits.queued),
        Stage(_ASKED, OutboundSms.asked_at, lambda limits: limits.unconfirmed),
    )
    retry_event = "text not sent, will retry"
    is_call = False

    def __init__(self, budget_exhausted: Callable[[datetime], bool] = lambda _now: False) -> None:
        self._budget_exhausted = budget_exhausted

    def next_to_start(
        self,
        carrier: str,
        *,
        now: datetime,
        lost_after: timedelta,
        legs_at_once: int | None = None,
    ) -> Request | bool:
        """Claim the next message of a carrier. Whether they are on, and STOP, is checked again.

        Raises:
            UnreadableError: no key decrypts it. It stays as it is.
        """
        budget_exhausted = self._budget_exhausted(now)
        with transaction() as session:
            of_carrier = sa.exists().where(
                OutboundSms.id == OutboxRow.subject_id, OutboundSms.carrier == carrier
            )
            row = outbox.claim_next(session, Kind.SEND_TEXT, of_carrier, now=now)
            if row is None:
                return False
            text = session.get_one(OutboundSms, row.subject_id, populate_existing=True)
            if not sms.enabled(session):
                sms.end_unsent(session, text, SmsProblem.OFF, now=now)
            elif sms.has_opted_out(session, text.phone_hash):
                sms.end_unsent(session, text, SmsProblem.STOPPED, now=now)
            elif budget_exhausted and text.kind != SmsKind.CRISIS:
                sms.end_unsent(session, text, SmsProblem.SPENT, now=now)
            elif text.good_until <= now or text.phone is None or text.words is None:
                sms.end_unsent(session, text, SmsProblem.TOO_LATE, now=now)
            elif is_unreadable(text.phone) or is_unreadable(text.words):
                raise UnreadableError
            else:
                region = PhoneNumber(text.phone).region
                registration = sms_registration.for_text(session, region, text)
                if registration is None and sms_registration.is_required(region, carrier):
                    sms.end_unsent(session, text, SmsProblem.UNREGISTERED, now=now)
                elif updated_one_row(
                    session,
                    sa.update(OutboundSms)
                    .where(OutboundSms.id == text.id, _WAITING)
                    .values(status=SmsStatus.ASKED, asked_at=now, looked_at=now),
                ):
                    return Request(text.id, text.ref, text.phone, text.words, registration)
            return True

    def ask(self, context: CarrierContext, request: Request) -> str:
        return context.carrier.send_sms(
            request.number,
            request.text,
            status_url=context.urls.sms_status(request.ref),
            registration=request.registration,
        )

    def accepted(self, job_id: int, carrier_id: str, *, now: datetime) -> None:
        apply_status(job_id, carrier_id, SmsStatus.ACCEPTED, now=now)

    def retry_later(self, job_id: int, problem: str, *, now: datetime) -> None:
        """Schedule a retry; pauses double, until the message is out of date."""
        with transaction() as session:
            if updated_one_row(
                session,
                sa.update(OutboundSms)
                .where(OutboundSms.id == job_id, _ASKED)
                .values(status=SmsStatus.WAITING, problem=problem),
            ):
                attempts = outbox.attempts_of(session, Kind.SEND_TEXT, job_id)
                pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _MAX_PAUSE)
                outbox.retry_later(
                    session, Kind.SEND_TEXT, job_id, not_before=now + pause, problem=problem
                )

    def rejected(self, request: Request, error: Rejected, *, now: datetime) -> None:
        """Record it; a STOP at the carrier is recorded here too."""
        with transaction() as session:
            text = _lock(session, request.job_id)
            text.error_code = error.code
            sms.end_unsent(session, text, error.problem, now=now)
            _record_opt_out(session, text, error.problem, now)

    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        """Also one accepted that lacks its receipt, once after each report."""
        return sa.or_(*self.silences(now, silent_after))

    def silences(self, now: datetime, silent_after: timedelta) -> Sequence[sa.ColumnElement[bool]]:
        unconfirmed = sa.and_(
            _ASKED,
            sa.or_(OutboundSms.looked_at <= now - silent_after, OutboundSms.look_at <= now),
        )
        without_receipt = sa.and_(
            OutboundSms.status.in_(_WITHOUT_RECEIPT),
            OutboundSms.heard_at.between(now - _LOOKUP_WINDOW, now - _RECEIPT_OVERDUE_AFTER),
            OutboundSms.looked_at <= OutboundSms.heard_at,
        )
        return unconfirmed, without_receipt

    def sent_job(self, session: Session, row: OutboundSms) -> SentJob:
        """Return what a lookup needs.

        Raises:
            UnreadableError: no key decrypts it. It stays as it is.
        """
        if is_unreadable(row.phone) or is_unreadable(row.words):
            raise UnreadableError
        assert row.asked_at is not None
        return SentJob(row.id, row.carrier_id, row.phone, row.asked_at, row.words or "")

    def find(self, carrier: Carrier, job: SentJob) -> str | None:
        assert job.number is not None
        messages = carrier.find_sms(job.number, since=job.asked_at - _CLOCK_TOLERANCE)
        same = [message.id for message in messages if message.body in (job.text, None)]
        ids = carrier_jobs.unknown_ids(same, OutboundSms.carrier_id)
        return ids[-1] if ids else None

    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        found = carrier.fetch_sms(carrier_id)
        apply_status(
            job.job_id,
            carrier_id,
            found.status or SmsStatus.ACCEPTED,
            error_code=found.error_code,
            problem=found.problem,
            now=clock.now(),
        )

    def lock(self, session: Session, job_id: int) -> OutboundSms | None:
        return _lock(session, job_id)

    def end(self, session: Session, row: OutboundSms, *, now: datetime) -> None:
        is_waiting = row.status == SmsStatus.WAITING
        problem = SmsProblem.TOO_LATE if is_waiting else SmsProblem.LOST
        sms.end_unsent(session, row, problem, now=now)


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
        _record_opt_out(session, text, problem, now)


def apply_status(
    text_id: int,
    carrier_id: str,
    status: SmsStatus,
    *,
    now: datetime,
    error_code: int | None = None,
    problem: str | None = None,
) -> None:
    """Apply a status of which it is known that it is this message's."""
    with transaction() as session:
        _advance(session, _lock(session, text_id), carrier_id, status, error_code, problem, now)


def _lock(session: Session, text_id: int) -> OutboundSms:
    return session.get_one(OutboundSms, text_id, with_for_update=True, populate_existing=True)


def _record_opt_out(
    session: Session, text: OutboundSms, problem: str | None, now: datetime
) -> None:
    if problem == SmsProblem.STOPPED and text.phone_hash is not None:
        sms.opt_out(session, text.phone_hash, now=now)


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
