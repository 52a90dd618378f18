"""Whether somebody is on the phone with us already, so that they are not called at that moment.

Their phone would be busy, and one of their chances gone, through our own doing. Works inside the
caller's transaction; never commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import rows
from helpline.callbacks.models import Callback
from helpline.callbacks.numbers.models import NumberOnLine
from helpline.db import ONE, Instant
from helpline.statements import one_value

LONGEST = timedelta(hours=4)
"""Twilio ends a call after four hours where no other limit is set:
https://www.twilio.com/docs/voice/api/call-resource#create-a-call (TimeLimit)."""

LAST_WORDS = timedelta(seconds=20)
"""How long a caller may still listen to our last sentence after we have decided to end the call."""


def begin(session: Session, phone_hash: str, call: str, *, now: datetime) -> None:
    """Note that somebody of this number is on the phone with us."""
    rows.add_if_absent(
        session,
        NumberOnLine,
        call=call,
        phone_hash=phone_hash,
        since=now,
        until=now + LONGEST,
    )


def end(session: Session, call: str, *, now: datetime, hung_up: bool) -> None:
    """Note that a call is over.

    Args:
        hung_up: the carrier says that they are off the phone; else they hear our last words first.
    """
    until = now if hung_up else now + LAST_WORDS
    session.execute(
        sa.update(NumberOnLine)
        .where(NumberOnLine.call == call, NumberOnLine.until > until)
        .values(until=until),
        execution_options={"synchronize_session": False},
    )


def on_line(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Whether a callback's visitor is on the phone with us, for a query on callbacks."""
    return sa.exists().where(
        NumberOnLine.phone_hash == Callback.phone_hash, NumberOnLine.until > now
    )


def is_on_line(session: Session, callback: Callback, now: datetime) -> bool:
    """Whether a callback's visitor is on the phone with us."""
    return was_on_line(session, callback, since=now, now=now)


def was_on_line(session: Session, callback: Callback, *, since: datetime, now: datetime) -> bool:
    """Whether a callback's visitor was on the phone with us at some moment of this time."""
    told = {"number": callback.phone_hash, "since": since, "now": now}
    return one_value(session, _WAS_ON_LINE, told) is not None


_WAS_ON_LINE = (
    sa.select(NumberOnLine.id)
    .where(
        NumberOnLine.phone_hash == sa.bindparam("number", type_=sa.String),
        NumberOnLine.until > sa.bindparam("since", type_=Instant),
        NumberOnLine.since <= sa.bindparam("now", type_=Instant),
    )
    .limit(ONE)
)
