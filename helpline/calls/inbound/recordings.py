"""Voicemail: fetched by the worker, played to an advisor.

Fetching and deleting at the carrier are idempotent, so unfinished ones are simply repeated.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import InboundCall, MessageState, VoiceMessage
from helpline.db import transaction, updated_one_row
from helpline.domain.errors import HelplineError
from helpline.domain.job_limits import JobLimits
from helpline.domain.lifecycle import Status
from helpline.domain.unreadable import if_readable
from helpline.messaging import carrier_alerts, job_failures, outbox
from helpline.messaging.carrier_jobs import CarrierContext
from helpline.messaging.models import Kind, OutboxRow
from helpline.privacy import audit
from helpline.telephony.port import CarrierError
from helpline.telephony.problems import Problem

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

FETCH_FOR = timedelta(days=7)
"""How long after it was left: an outage, or an account that is not paid, may last for days."""
STALE_AFTER = timedelta(minutes=5)
_MAX_PAUSE = timedelta(minutes=10)
_MAX_DOUBLINGS = 10


class NotPlayable(HelplineError):
    """The voicemail is not of this advisor's current callback, or does not exist."""


@dataclass(frozen=True, slots=True)
class RecordingToFetch:
    """A voicemail to fetch; ``kept`` where only the carrier's copy must still be deleted."""

    message_id: int
    recording: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A voicemail as the desk shows it."""

    id: int
    left_at: datetime
    seconds: int
    state: MessageState


def fetch_next(context: CarrierContext) -> bool:
    """Fetch one voicemail and delete it at the carrier once it is stored; return whether there was
    one.
    """
    message = next_to_fetch(context.name, now=clock.now())
    if message is None:
        return False
    try:
        if not message.kept:
            sound = context.carrier.fetch_recording(message.recording)
            store(message.message_id, sound, now=clock.now())
        context.carrier.delete_recording(message.recording)
    except CarrierError as error:
        log.warning(
            "recording not fetched, will retry", message=message.message_id, problem=error.problem
        )
        carrier_alerts.report_error(context.name, error, now=clock.now())
        retry_later(message.message_id, error.problem, now=clock.now())
    else:
        deleted_at_carrier(message.message_id, now=clock.now())
    return True


def next_to_fetch(carrier: str, *, now: datetime) -> RecordingToFetch | None:
    """Claim the next voicemail to fetch, of the calls that came by a carrier."""
    with transaction() as session:
        outbox.requeue_stale(session, Kind.FETCH_RECORDING, begun_before=now - STALE_AFTER)
        of_carrier = (
            sa.exists()
            .where(VoiceMessage.id == OutboxRow.subject_id, InboundCall.carrier == carrier)
            .where(InboundCall.id == VoiceMessage.call_id)
        )
        row = outbox.claim_next(session, Kind.FETCH_RECORDING, of_carrier, now=now)
        if row is None:
            return None
        message = session.get_one(VoiceMessage, row.subject_id)
        return RecordingToFetch(
            message.id, message.recording, message.state != MessageState.AT_CARRIER
        )


def store(message_id: int, sound: bytes, *, now: datetime) -> None:
    """Store the fetched sound, encrypted."""
    with transaction() as session:
        if updated_one_row(
            session,
            sa.update(VoiceMessage)
            .where(VoiceMessage.id == message_id, VoiceMessage.state == MessageState.AT_CARRIER)
            .values(sound=sound, state=MessageState.KEPT, kept_at=now),
        ):
            audit.record(
                session,
                at=now,
                actor="worker",
                action="message_kept",
                subject=_audit_subject(message_id),
            )


def deleted_at_carrier(message_id: int, *, now: datetime) -> None:
    """Record that the carrier's copy is deleted."""
    with transaction() as session:
        outbox.mark_done(session, Kind.FETCH_RECORDING, message_id, now=now)
        audit.record(
            session,
            at=now,
            actor="worker",
            action="message_deleted_at_carrier",
            subject=_audit_subject(message_id),
        )


def retry_later(message_id: int, problem: str, *, now: datetime) -> None:
    """Schedule a retry, with pauses that double, and finally give up: the voicemail is then
    marked as lost, so that the advisor knows of it.
    """
    with transaction() as session:
        if now < session.get_one(VoiceMessage, message_id).left_at + FETCH_FOR:
            attempts = outbox.attempts_of(session, Kind.FETCH_RECORDING, message_id)
            pause = min(timedelta(seconds=2 ** min(attempts, _MAX_DOUBLINGS)), _MAX_PAUSE)
            outbox.retry_later(
                session, Kind.FETCH_RECORDING, message_id, not_before=now + pause, problem=problem
            )
            return
        _give_up(session, message_id, problem, now)


def _give_up(session: Session, message_id: int, problem: str, now: datetime) -> None:
    outbox.give_up(session, Kind.FETCH_RECORDING, message_id, now=now, problem=problem)
    updated_one_row(
        session,
        sa.update(VoiceMessage)
        .where(VoiceMessage.id == message_id, VoiceMessage.state == MessageState.AT_CARRIER)
        .values(state=MessageState.LOST),
    )


def end_one_overdue(carriers: Collection[str], *, now: datetime, limits: JobLimits) -> bool:
    """Mark one voicemail as lost that is at a carrier no longer set up; return whether there was
    one.

    A copy that is only to be deleted at the carrier stays to do, in case the account is set up
    again.

    Args:
        carriers: those set up.
    """
    with transaction() as session:
        message = job_failures.take_next(
            session,
            job_failures.Job.END_OVERDUE_RECORDING,
            VoiceMessage,
            VoiceMessage.state == MessageState.AT_CARRIER,
            VoiceMessage.left_at <= now - limits.recording,
            sa.exists().where(
                InboundCall.id == VoiceMessage.call_id, InboundCall.carrier.not_in(carriers)
            ),
            now=now,
        )
        if message is None:
            return False
        _give_up(session, message.id, Problem.LOST, now)
        return True


def play(callback_id: int, message_id: int, advisor_id: int, *, now: datetime) -> bytes:
    """Return the sound of a voicemail to the advisor who has the callback; audited each time.

    Raises:
        NotPlayable: they do not have it, or there is no such voicemail.
    """
    with transaction() as session:
        current = queue.current_callback(session, advisor_id)
        if current is None or current.id != callback_id:
            raise NotPlayable
        message = session.get(VoiceMessage, message_id)
        if (
            message is None
            or if_readable(message.sound) is None
            or not _belongs_to(session, message, current)
        ):
            raise NotPlayable
        audit.record(
            session,
            at=now,
            actor=f"staff:{advisor_id}",
            action="message_heard",
            subject=f"callback:{callback_id}",
            message=message_id,
        )
        assert message.sound is not None
        return message.sound


def messages_of(session: Session, callback: Callback) -> list[Voicemail]:
    """Return the voicemails of a callback and its followers, oldest first."""
    rows = session.execute(
        sa.select(VoiceMessage.id, VoiceMessage.left_at, VoiceMessage.seconds, VoiceMessage.state)
        .join(Callback, Callback.id == VoiceMessage.callback_id)
        .where(_is_callback_or_follower(callback))
        .order_by(VoiceMessage.id)
    )
    return [Voicemail(row[0], row[1], row[2], MessageState(row[3])) for row in rows]


def _belongs_to(session: Session, message: VoiceMessage, callback: Callback) -> bool:
    same_callback = sa.select(Callback.id).where(
        Callback.id == message.callback_id, _is_callback_or_follower(callback)
    )
    return session.scalar(same_callback) is not None


def _is_callback_or_follower(callback: Callback) -> sa.ColumnElement[bool]:
    is_follower = sa.and_(
        Callback.phone_hash == callback.phone_hash, Callback.status == Status.JOINED
    )
    return sa.or_(Callback.id == callback.id, is_follower)


def _audit_subject(message_id: int) -> str:
    return f"voice_message:{message_id}"
