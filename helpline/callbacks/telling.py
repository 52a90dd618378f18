"""Telling a visitor by text how their callback stands, in the caller's transaction. Never commits.

What is told, and when, is in docs/texts.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.numbers import resting
from helpline.domain.lifecycle import ENDED, Event, Status
from helpline.domain.text_progress import TextKind, When
from helpline.domain.visitor_state import HoursNow, VisitorState, visitor_state
from helpline.hours import queries as hours
from helpline.messages import texts

_TOLD: Mapping[Event, TextKind] = MappingProxyType(
    {
        Event.ASK: TextKind.RECEIVED,
        Event.TAKE_OVER: TextKind.RECEIVED,
        Event.MOVE: TextKind.MOVED,
        Event.RETRY: TextKind.TRIED,
    }
)


def after(session: Session, callback: Callback, event: Event, *, at: datetime) -> None:
    """Writes the text that tells of this event, if one does. What was to be told of a callback
    that is over now is not sent. A request behind another of its number is told nothing: it may
    be a stranger's."""
    kind = _TOLD.get(event)
    if callback.status in ENDED:
        if texts.enabled():
            texts.withdraw(session, callback.id, now=at)
    elif kind is not None and callback.status != Status.JOINED:
        once = "" if kind == TextKind.RECEIVED else at.isoformat()
        tell(session, callback, kind, now=at, once=once)


def tell(
    session: Session, callback: Callback, kind: TextKind, *, now: datetime, once: str = ""
) -> bool:
    """Writes a text about when we ring. It takes the place of what still waits to be sent.

    Args:
        once: names the deed it tells of; told twice it is one text.

    Returns:
        Whether it is sent; see messages.texts.put.
    """
    if not (texts.enabled() and callback.may_text):
        return False
    if resting.is_blocked(session, callback.phone_hash, now):
        return False
    if texts.written(session, callback.id, kind, once) is None:
        texts.withdraw(session, callback.id, now=now)
    when = when_we_ring(session, callback, now)
    return texts.put(session, callback, kind, now=now, when=when, once=once)


def can_be_told(session: Session, callback: Callback, now: datetime) -> bool:
    """Whether a text can tell this visitor anything now: they agreed, and did not say STOP."""
    return (
        texts.enabled()
        and callback.may_text
        and not resting.is_blocked(session, callback.phone_hash, now)
        and not texts.has_stopped(session, callback.phone_hash)
    )


def when_we_ring(session: Session, callback: Callback, now: datetime) -> When | None:
    """When this callback will be called, as far as it can be told; None: as soon as we can. That no
    advisor is available is not told by text: it may be otherwise when the text is read."""
    found = HoursNow.of(hours.in_force(session, now), now)
    outlook = visitor_state(callback, None, found, 0, now)
    if outlook.call_at is None:
        return None
    return When(
        outlook.call_at.astimezone(found.hours.zone),
        exactly=outlook.state == VisitorState.BOOKED,
        closing=outlook.closes_at is not None,
    )
