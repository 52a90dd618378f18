"""Inbound text messages that match no command, until a supervisor has read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import transaction
from helpline.domain.errors import HelplineError
from helpline.messaging.models import InboundSms
from helpline.privacy import audit

MAX_SHOWN = 100


class AlreadyRead(HelplineError):
    """The message was read by someone, or erased."""


@dataclass(frozen=True, slots=True)
class UnreadSms:
    """An unread message, without its text."""

    carrier_id: str
    received_at: datetime
    phone_hash: str | None


def list_unread(session: Session) -> Sequence[UnreadSms]:
    """Return the unread messages, oldest first."""
    rows = session.execute(
        sa.select(InboundSms.carrier_id, InboundSms.received_at, InboundSms.phone_hash)
        .where(InboundSms.words.is_not(None))
        .order_by(InboundSms.received_at, InboundSms.carrier_id)
        .limit(MAX_SHOWN)
    )
    return [UnreadSms(*row) for row in rows]


def count_unread(session: Session) -> int:
    query = sa.select(sa.func.count()).where(InboundSms.words.is_not(None))
    return session.scalar(query) or 0


def read_once(carrier_id: str, *, staff_id: int, now: datetime) -> str:
    """Return the text of a message and erase it; the audit log records who read it.

    Raises:
        AlreadyRead: the text is gone.
    """
    with transaction() as session:
        text = session.scalar(
            sa.select(InboundSms)
            .where(InboundSms.carrier_id == carrier_id, InboundSms.words.is_not(None))
            .with_for_update()
        )
        if text is None or text.words is None:
            raise AlreadyRead
        body = text.words
        text.words = None
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action="unread_text_shown",
            subject=f"text_in:{carrier_id}",
        )
        return body
