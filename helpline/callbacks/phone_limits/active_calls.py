"""Whether a visitor is on an inbound call, so that they are not called at that moment.

Their phone would be busy, and an attempt wasted. In the caller's transaction; never commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import ActiveCall
from helpline.db import ONE, insert_or_ignore

MAX_DURATION = timedelta(hours=4)
"""A carrier ends a call after four hours where no other limit is set."""

CLOSING_PROMPT_TIME = timedelta(seconds=20)
"""How long a caller may still hear our last sentence after the call was ended on our side."""


def begin(session: Session, phone_hash: str, call: str, *, now: datetime) -> None:
    """Record the start of an inbound call of this number."""
    insert_or_ignore(
        session,
        ActiveCall,
        call=call,
        phone_hash=phone_hash,
        since=now,
        until=now + MAX_DURATION,
    )


def end(session: Session, call: str, *, now: datetime, hung_up: bool) -> None:
    """Record the end of an inbound call.

    Args:
        hung_up: the carrier reported that it ended; else the last sentence is still playing.
    """
    until = now if hung_up else now + CLOSING_PROMPT_TIME
    session.execute(
        sa.update(ActiveCall)
        .where(ActiveCall.call == call, ActiveCall.until > until)
        .values(until=until),
        execution_options={"synchronize_session": False},
    )


def has_active_call(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return a condition: the callback's visitor is on an inbound call."""
    return sa.exists().where(ActiveCall.phone_hash == Callback.phone_hash, ActiveCall.until > now)


def is_on_call(session: Session, callback: Callback, now: datetime) -> bool:
    """Return whether the callback's visitor is on an inbound call."""
    return was_on_call(session, callback, since=now, now=now)


def was_on_call(session: Session, callback: Callback, *, since: datetime, now: datetime) -> bool:
    """Return whether the callback's visitor was on an inbound call at any moment of this time."""
    calls = sa.select(ActiveCall.id).where(
        ActiveCall.phone_hash == callback.phone_hash,
        ActiveCall.until > since,
        ActiveCall.since <= now,
    )
    return session.scalar(calls.limit(ONE)) is not None
