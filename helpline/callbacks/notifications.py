"""Text messages to the visitor, and webhooks to other systems, about a callback.

In the caller's transaction; never commits. Which text messages there are is
``helpline.domain.sms_progress.SmsKind``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.domain.lifecycle import ENDED, Event, Status
from helpline.domain.retries import Disposition
from helpline.domain.sms_progress import SmsKind, When
from helpline.domain.visitor_state import HoursNow, VisitorState, visitor_state
from helpline.domain.webhooks import WebhookEvent
from helpline.hours import queries as hours_queries
from helpline.messaging import sms
from helpline.messaging.webhooks import deliveries
from helpline.messaging.webhooks.models import WebhookEndpoint

_SMS_KINDS: Mapping[Event, SmsKind] = MappingProxyType(
    {
        Event.ASK: SmsKind.RECEIVED,
        Event.TAKE_OVER: SmsKind.RECEIVED,
        Event.MOVE: SmsKind.MOVED,
        Event.RETRY: SmsKind.TRIED,
    }
)
_NO_TEXT_AFTER = frozenset({Event.HOLD, Event.CALL_BACK, Event.TRY_NOW})
"""It is not safe to write to them, or they are called sooner than an unsent message says."""


def notify_of_event(session: Session, callback: Callback, event: Event, *, at: datetime) -> None:
    """Queue the text message for an event, if it has one.

    Messages that are no longer true are withdrawn. A follower gets none: it may be a stranger's.
    After someone else has answered this phone there is none either: they may still have it in hand.
    """
    kind = _SMS_KINDS.get(event)
    someone_else = event == Event.RETRY and callback.disposition == Disposition.SOMEONE_ELSE
    is_untrue = callback.status in ENDED or event in _NO_TEXT_AFTER or someone_else
    if is_untrue:  # Even if they are off: they may be on later.
        sms.withdraw(session, callback.id, now=at)
    elif kind is not None and callback.status != Status.JOINED:
        once = "" if kind == SmsKind.RECEIVED else at.isoformat()
        notify(session, callback, kind, now=at, once=once)


def notify_webhooks(
    session: Session, callback: Callback, event: WebhookEvent, *, at: datetime
) -> None:
    """Write a delivery of an event for each enabled webhook."""
    enabled = sa.select(WebhookEndpoint.id).where(WebhookEndpoint.disabled_at.is_(None))
    for endpoint_id in session.scalars(enabled).all():
        deliveries.enqueue(session, endpoint_id, event, callback.id, at=at)


def notify(
    session: Session, callback: Callback, kind: SmsKind, *, now: datetime, once: str = ""
) -> bool:
    """Queue a text message about the time of the call; it replaces one not yet sent.

    Args:
        once: names the event, so that a repeated one sends one message.

    Returns:
        Whether it is sent; see ``sms.enqueue``.
    """
    if not callback.may_text:
        return False
    if sms.status_of(session, callback.id, kind, once) is None:
        sms.withdraw(session, callback.id, now=now)
    if not sms.enabled(session) or checks.is_blocked(session, callback.phone_hash, now):
        return False
    when = expected_call_time(session, callback, now)
    return sms.enqueue(session, callback, kind, now=now, when=when, once=once)


def can_be_notified(session: Session, callback: Callback, now: datetime) -> bool:
    """Return whether the visitor gets text messages: they agreed, and did not send STOP."""
    return (
        callback.may_text
        and sms.enabled(session)
        and not checks.is_blocked(session, callback.phone_hash, now)
        and not sms.has_opted_out(session, callback.phone_hash)
    )


def expected_call_time(session: Session, callback: Callback, now: datetime) -> When | None:
    """Return the time of the call as a text message may name it; None for as soon as possible.

    That no advisor is available is not texted: it may have changed when the message is read.
    """
    hours_now = HoursNow.of(hours_queries.effective_hours(session, now), now)
    outlook = visitor_state(callback, None, hours_now, 0, now)
    if outlook.call_at is None:
        return None
    return When(
        outlook.call_at.astimezone(hours_now.hours.zone),
        exactly=outlook.state == VisitorState.BOOKED,
        closing=outlook.closes_at is not None,
    )
