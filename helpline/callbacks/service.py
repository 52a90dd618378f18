"""What a visitor does: ask, move, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import booking, queries, transitions
from helpline.callbacks.errors import Overtaken, SlotGone
from helpline.callbacks.models import Callback
from helpline.db import transaction
from helpline.domain import slots
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.hours import queries as hours
from helpline.privacy.encryption import link_hash, link_token, phone_hash

_TRIES = 3
_OLD_AT_ONCE = 100
_LONGEST_CLOSURE_FACTOR = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks for. Only the phone is needed."""

    phone: PhoneNumber
    slot_at: datetime | None = None
    name: str | None = None
    note: str | None = None
    language: str = "en"
    may_leave_voicemail: bool = False
    may_say_who: bool = False
    may_text: bool = False


def ask(wish: Wish, *, request_key: str, now: datetime) -> str:
    """Takes a request for a callback and gives its status link's token.

    The same form sent twice is one callback and one link. A second request for a number that has
    an open callback gets a link like any other, but no second place: it stands behind the first
    and takes over if that one is cancelled.

    Args:
        wish: what is asked for; ``slot_at`` None means as soon as possible.
        request_key: the key of the form that asks.

    Raises:
        SlotGone: the time is full or no longer offered; nothing was kept.
    """
    token = link_token(request_key)
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction() as session:
                _ask(session, wish, link_hash(token), now)
            return token
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _ask(session: Session, wish: Wish, token_hash: str, now: datetime) -> None:
    if session.scalar(sa.select(Callback.id).where(Callback.token_hash == token_hash)):
        return
    number_hash = phone_hash(wish.phone.e164)
    first = session.scalar(
        sa.select(Callback.id).where(
            Callback.phone_hash == number_hash,
            Callback.status.in_((Status.WAITING, Status.CLAIMED, Status.CALLING)),
        )
    )
    if wish.slot_at is not None:
        _need_slot(session, wish.slot_at, now, take=first is None)
    callback = Callback(
        token_hash=token_hash,
        status=Status.WAITING if first is None else Status.JOINED,
        priority=Priority.BOOKED if wish.slot_at else Priority.ASAP,
        requested_at=now,
        due_at=wish.slot_at or now,
        slot_at=wish.slot_at,
        name=wish.name,
        phone=wish.phone.e164,
        phone_hash=number_hash,
        phone_region=wish.phone.region,
        note=wish.note,
        language=wish.language,
        may_leave_voicemail=wish.may_leave_voicemail,
        may_say_who=wish.may_say_who,
        may_text=wish.may_text,
    )
    session.add(callback)
    transitions.began(session, callback, at=now, actor="visitor")


def move(token: str, slot_at: datetime | None, *, now: datetime) -> None:
    """Moves a waiting callback to another time (None: as soon as possible).

    Raises:
        NoSuchCallback: no callback has this link.
        SlotGone: the time is full or no longer offered; the old time is kept.
        Overtaken: an advisor has it in hand already, or it is over.
    """
    with transaction() as session:
        callback = queries.by_link(session, token, lock=True)
        if callback.slot_at == slot_at and callback.status in (Status.WAITING, Status.JOINED):
            return
        if callback.status not in (Status.WAITING, Status.JOINED):
            raise Overtaken
        booking.hold(session, callback.slot_at, slot_at)
        if slot_at is not None:
            _need_slot(session, slot_at, now, take=callback.status == Status.WAITING)
        transitions.move(session, callback, at=now, actor="visitor", slot_at=slot_at)


def cancel(token: str, *, now: datetime) -> None:
    """Cancels a callback; a call that is being set up is stopped (by a
    tick in calls/, which finds it). Twice is the same as once.

    Raises:
        NoSuchCallback: no callback has this link.
        Overtaken: it is over already.
    """
    with transaction() as session:
        callback = queries.by_link(session, token, lock=True)
        if callback.status == Status.CANCELLED:
            return
        capacity = hours.policy(session).slot_capacity
        transitions.cancel(session, callback, at=now, actor="visitor", capacity=capacity)


def end_one_behind(*, now: datetime) -> bool:
    """Ends one request that stood behind another which is over, once its own time has come.

    Returns:
        Whether there was one.
    """
    with transaction() as session:
        other = aliased(Callback)
        follower = session.scalar(
            sa.select(Callback)
            .where(
                Callback.status == Status.JOINED,
                Callback.due_at <= now,
                ~sa.exists().where(
                    other.phone_hash == Callback.phone_hash,
                    other.status.in_((Status.WAITING, Status.CLAIMED, Status.CALLING)),
                ),
            )
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if follower is None:
            return False
        first = session.scalar(
            sa.select(Callback)
            .where(
                Callback.phone_hash == follower.phone_hash,
                Callback.status.in_((Status.REACHED, Status.UNREACHED)),
                Callback.ended_at >= follower.requested_at,
            )
            .order_by(Callback.ended_at.desc())
            .limit(1)
        )
        transitions.end_behind(session, follower, first, at=now)
        return True


def expire_one(*, now: datetime) -> bool:
    """Ends one callback that has waited longer than the policy allows; says whether
    there was one."""
    with transaction() as session:
        policy = hours.policy(session)
        days = policy.expire_after_days
        wanted_at = sa.func.coalesce(Callback.slot_at, Callback.requested_at)
        old = session.scalars(
            sa.select(Callback)
            .where(
                Callback.status == Status.WAITING,
                Callback.due_at <= now,
                wanted_at <= now - timedelta(days=days),
            )
            .order_by(Callback.id)
            .limit(_OLD_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        opening_hours = hours.in_force(session, now)
        callback = next(
            (each for each in old if _had_its_days(each, opening_hours, days, now)), None
        )
        if callback is None:
            return False
        transitions.expire(session, callback, at=now, capacity=policy.slot_capacity)
        return True


def _had_its_days(
    callback: Callback, opening_hours: OpeningHours, days: int, now: datetime
) -> bool:
    """Whether we were open often enough since, so that a long closure does not cost anybody their
    call; however long we are closed, nobody is kept waiting for ever."""
    wanted_at = callback.slot_at or callback.requested_at
    return len(opening_hours.periods(wanted_at, now)) > days or now - wanted_at > timedelta(
        days=_LONGEST_CLOSURE_FACTOR * days
    )


def _need_slot(session: Session, slot_at: datetime, now: datetime, *, take: bool) -> None:
    """Books the slot (or, with ``take`` false, only checks that it could be)."""
    opening_hours = hours.in_force(session, now)
    policy = hours.slot_policy(hours.policy(session))
    if slots.is_bookable(opening_hours, policy, now, slot_at):
        if take and booking.take(session, slot_at, capacity=policy.capacity):
            return
        if not take and slot_at not in booking.full(session, [slot_at], capacity=policy.capacity):
            return
    raise SlotGone(queries.free_near(session, opening_hours, slot_at, now))
