"""Whether a number may be called now, in the caller's transaction; never commits.

A number is not callable when its daily limit is reached, it is blocked, the law of its country
allows no calls now, or its visitor is on an inbound call: the phone would be busy, and an attempt
wasted. Its requests are accepted and look as ever; they are not due meanwhile, and every caller
checks once more. A number has one open request at most, and whoever calls it holds that request's
lock, so no call is counted twice. See
docs/decisions/0008-not-callable-is-a-queue-condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import ActiveCall, LimitReason, NumberLimit, Ring
from helpline.db import ONE, inline_literal, insert_or_ignore
from helpline.domain.queue_order import Priority
from helpline.policy import queries as policy_queries
from helpline.policy.models import SalesHours, ServicePolicy
from helpline.telephony import regions

A_DAY = timedelta(days=1)
IS_BLOCK = NumberLimit.why.in_((LimitReason.BLOCKED, LimitReason.ASKED))
MAX_DURATION = timedelta(hours=4)
"""A carrier ends a call after four hours where no other limit is set."""
CLOSING_PROMPT_TIME = timedelta(seconds=20)
"""How long a caller may still hear our last sentence after the call was ended on our side."""


def not_callable(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return a condition: the callback must not be called now.

    Its number is not callable, its visitor is on an inbound call, ``call_until`` has passed, a law
    allows no calls there now, or it is held after a restore.
    """
    return sa.or_(
        Callback.held_at.is_not(None),
        _outside_calling_hours(now),
        sa.and_(Callback.call_until.is_not(None), Callback.call_until <= now),
        has_active_call(now),
        sa.exists().where(NumberLimit.phone_hash == Callback.phone_hash, _in_force(now)),
    )


def _outside_calling_hours(
    now: datetime | sa.BindParameter[datetime],
) -> sa.ColumnElement[bool]:
    """Not for urgent callbacks. The regions are worked out each time the statement runs."""

    def closed(*, sales_hours: bool) -> sa.ColumnElement[bool]:
        def regions_now() -> str:
            at = now if isinstance(now, datetime) else clock.now()
            return " ".join(regions.closed_regions(at, sales_hours=sales_hours))

        return sa.bindparam(None, callable_=regions_now, type_=sa.String).contains(
            Callback.phone_region
        )

    keeps_sales_hours = sa.exists().where(
        ServicePolicy.id == ONE, ServicePolicy.sales_hours == inline_literal(SalesHours.KEEP)
    )
    return sa.and_(
        Callback.priority != inline_literal(Priority.URGENT),
        sa.or_(closed(sales_hours=False), sa.and_(keeps_sales_hours, closed(sales_hours=True))),
    )


def may_call_region(session: Session, region: str, at: datetime) -> bool:
    """Return whether the law of a region allows a callback then, as far as an admin keeps it."""
    sales_hours = policy_queries.visitor_rules(session).sales_hours == SalesHours.KEEP
    return regions.facts(region).may_call(at, sales_hours=sales_hours)


def is_not_callable(session: Session, callback: Callback, now: datetime) -> bool:
    """Return whether the callback must not be called now; see ``not_callable``."""
    return bool(session.scalar(sa.select(not_callable(now)).where(Callback.id == callback.id)))


def is_blocked(session: Session, phone_hash: str | None, now: datetime) -> bool:
    """Return whether this number is blocked. It gets no text messages either."""
    return bool(session.scalar(sa.select(blocked(phone_hash, now))))


def blocked(phone_hash: str | None, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of ``is_blocked``, for larger statements."""
    return sa.exists().where(NumberLimit.phone_hash == phone_hash, IS_BLOCK, _in_force(now))


def rang_since(phone_hash: str, since: datetime) -> sa.ColumnElement[bool]:
    """Return a condition: the number was called after ``since``. Without a call in the last day
    ``record_request`` has nothing to do.
    """
    return sa.exists().where(Ring.phone_hash == phone_hash, Ring.at > since)


def record_request(session: Session, phone_hash: str, now: datetime) -> None:
    """Apply the daily limit of requests to a number without an open one.

    Once it was called for as many requests as allowed within a day, it is not callable until the
    first of them is a day past.
    """
    limit = policy_queries.current(session).most_callbacks_a_day
    first_rings = session.scalars(
        sa.select(sa.func.min(Ring.at))
        .where(Ring.phone_hash == phone_hash, Ring.at > now - A_DAY)
        .group_by(Ring.callback_id)
        .order_by(sa.func.min(Ring.at).desc())
    ).all()
    if len(first_rings) >= limit:
        _add_limit(session, phone_hash, first_rings[limit - 1] + A_DAY, now)


def record_ring(session: Session, callback: Callback, now: datetime) -> bool:
    """Count a call to a visitor that follows at once; return whether it is allowed.

    After the last call of a day the number is not callable.

    Args:
        callback: locked by the caller.
    """
    if is_not_callable(session, callback, now):
        return False
    number, a_day_ago = callback.phone_hash, now - A_DAY
    session.add(Ring(phone_hash=number, callback_id=callback.id, at=now))
    rings = session.scalars(
        sa.select(Ring.at).where(Ring.phone_hash == number).order_by(Ring.at.desc())
    ).all()
    if rings[-1] <= a_day_ago:
        session.execute(sa.delete(Ring).where(Ring.phone_hash == number, Ring.at <= a_day_ago))
        rings = [ring for ring in rings if ring > a_day_ago]
    limit = policy_queries.current(session).most_rings_a_day
    if len(rings) >= limit:
        _add_limit(session, number, rings[limit - 1] + A_DAY, now)
    return True


def record_call_start(session: Session, phone_hash: str, call: str, *, now: datetime) -> None:
    """Record the start of an inbound call of this number."""
    insert_or_ignore(
        session,
        ActiveCall,
        call=call,
        phone_hash=phone_hash,
        since=now,
        until=now + MAX_DURATION,
    )


def record_call_end(session: Session, call: str, *, now: datetime, hung_up: bool) -> None:
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


def blocks(session: Session, now: datetime) -> Sequence[NumberLimit]:
    """Return the blocks in force, newest first."""
    return session.scalars(_blocks(now).order_by(NumberLimit.since.desc())).all()


def blocked_until(session: Session, callback: Callback, now: datetime) -> datetime | None:
    """Return until when a callback's number is blocked; None if it is not."""
    blocks_of_number = _blocks(now).where(NumberLimit.phone_hash == callback.phone_hash)
    limit = session.scalar(blocks_of_number.order_by(NumberLimit.until.desc()).limit(ONE))
    return limit.until if limit is not None else None


def _blocks(now: datetime) -> sa.Select[NumberLimit]:
    return sa.select(NumberLimit).where(IS_BLOCK, _in_force(now))


def _add_limit(session: Session, phone_hash: str, until: datetime, now: datetime) -> None:
    session.add(
        NumberLimit(phone_hash=phone_hash, why=LimitReason.RUNG_ENOUGH, since=now, until=until)
    )
    session.flush()


def _in_force(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.and_(NumberLimit.until > now, NumberLimit.lifted_at.is_(None))
