"""Erase the visitors of some callbacks, inside the caller's transaction. Never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import MessageState, VoiceMessage
from helpline.domain.lifecycle import ENDED, Status
from helpline.messaging import sms
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.privacy import erasure_tables
from helpline.privacy.erasure_tables import Counts
from helpline.privacy.pii_inventory import VISITOR_GROUPS


def cancel_open(
    session: Session, callbacks: Collection[Callback], *, actor: str, now: datetime
) -> int:
    """Cancel open callbacks as if their visitors had; return how many.

    Followers go first, so that none of them takes over.
    """
    open_callbacks = [row for row in callbacks if row.status not in ENDED]
    for callback in sorted(open_callbacks, key=lambda row: row.status != Status.JOINED):
        transitions.cancel(session, callback, at=now, actor=actor)
    return len(open_callbacks)


def erase(session: Session, ids: Collection[int], *, now: datetime) -> Counts:
    """Erase all personal data of callbacks that are over.

    Pending messages to them are not sent. A recording still at the carrier is deleted there instead
    of fetched.
    """
    if not ids:
        return Counts()
    for callback_id in sorted(ids):
        sms.erase(session, callback_id, now=now)
    delete_recordings(session, VoiceMessage.callback_id.in_(ids), now=now)
    session.flush()
    counts = erasure_tables.erase_callbacks(session, ids, VISITOR_GROUPS, now=now)
    session.expire_all()
    return counts


def delete_recordings(
    session: Session, condition: sa.ColumnElement[bool], *, now: datetime, limit: int | None = None
) -> int:
    """Mark unfetched recordings for deletion at the carrier; return how many."""
    messages = (
        sa.select(VoiceMessage.id)
        .where(condition, VoiceMessage.state.in_((MessageState.AT_CARRIER, MessageState.LOST)))
        .order_by(VoiceMessage.id)
        .limit(limit)
        .with_for_update(of=VoiceMessage)
    )
    at_carrier = session.scalars(messages).all()
    session.execute(
        sa.update(VoiceMessage)
        .where(VoiceMessage.id.in_(at_carrier))
        .values(state=MessageState.ERASED)
    )
    session.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.kind == Kind.FETCH_RECORDING,
            OutboxRow.subject_id.in_(at_carrier),
            OutboxRow.state == OutboxState.GIVEN_UP,
        )
        .values(state=OutboxState.PENDING, not_before=now, tries=0)
    )
    return len(at_carrier)
