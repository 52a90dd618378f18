"""Inbound text messages, in the caller's transaction; never commits."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, updated_one_row
from helpline.domain.sms_commands import Command
from helpline.domain.unreadable import if_readable
from helpline.messaging.models import InboundSms, SmsHint

HINT_EVERY = timedelta(hours=1)
MAX_SMS_PER_HOUR = 60


def record_received(
    session: Session, carrier_id: str, phone_hash: str, command: Command, *, now: datetime
) -> bool:
    """Record a message; return whether it is the first delivery.

    Concurrent deliveries wait for each other.
    """
    return insert_or_ignore(
        session,
        InboundSms,
        carrier_id=carrier_id,
        phone_hash=phone_hash,
        command=command,
        received_at=now,
    )


def stored_answer(session: Session, carrier_id: str) -> str | None:
    """Return the answer to the first delivery of a message; None for none."""
    answer = session.scalar(sa.select(InboundSms.answer).where(InboundSms.carrier_id == carrier_id))
    return if_readable(answer)


def store_answer(session: Session, carrier_id: str, answer: str | None) -> None:
    """Store the answer for repeated deliveries."""
    session.execute(
        sa.update(InboundSms).where(InboundSms.carrier_id == carrier_id).values(answer=answer)
    )


def store_body(session: Session, carrier_id: str, body: str) -> None:
    """Store the text until a supervisor has read it (messaging/unread_sms)."""
    session.execute(
        sa.update(InboundSms).where(InboundSms.carrier_id == carrier_id).values(words=body)
    )


def reserve_hint(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """Return whether a number gets the list of commands now, at most once an hour; records it."""
    return insert_or_ignore(session, SmsHint, phone_hash=phone_hash, at=now) or updated_one_row(
        session,
        sa.update(SmsHint)
        .where(SmsHint.phone_hash == phone_hash, SmsHint.at <= now - HINT_EVERY)
        .values(at=now),
    )


def is_reply_loop(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """Return whether a number sent more messages within an hour than a person does.

    Otherwise two programs could answer each other for ever.
    """
    query = sa.select(sa.func.count()).where(
        InboundSms.phone_hash == phone_hash, InboundSms.received_at > now - HINT_EVERY
    )
    return (session.scalar(query) or 0) > MAX_SMS_PER_HOUR
