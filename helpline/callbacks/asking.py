"""Taking a request for a callback, inside the caller's transaction. Never commits.

The visitor's form asks this way, and so does everybody who asks in another: by ringing us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import booking, networks, places, queries, transitions
from helpline.callbacks.errors import KeyUsedBefore, Overtaken, SlotGone
from helpline.callbacks.models import HOLDS_THE_NUMBER, Callback, Channel
from helpline.callbacks.networks import Origin
from helpline.callbacks.numbers import resting
from helpline.db import Instant, on_postgresql
from helpline.domain import slots
from helpline.domain.answers import Answers
from helpline.domain.lifecycle import OPEN, Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.domain.rota import Places
from helpline.domain.safe_times import IfMissed
from helpline.domain.unreadable import is_unreadable
from helpline.hours import queries as hours
from helpline.hours import saving
from helpline.privacy.encryption import phone_hash
from helpline.statements import plain_rows

NOTHING_ANSWERED = Answers()
_NO_HASH = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks for. Only the phone is needed.

    Args:
        may_ring_back: whether we ring again at once when the call drops.
        phone_as_typed: the number as it was typed, to be shown back so; None: not typed at all.
        answers: what was answered to the quiet questions.
        language: which they wish to speak.
        reads: the language of the page on which they asked; None: not on a page.
        channel: the way by which it came. One that came by text is answered by one already.
        source_page: the path of the article it came from, without a query string.
        source_title: the title of that article.
        origin: the network it came from; None: it came by no network, or staff ask.
        if_missed: what they want if they do not answer; None: they did not say.
        call_until: after that they must not be called.
    """

    phone: PhoneNumber
    slot_at: datetime | None = None
    name: str | None = None
    note: str | None = None
    language: str = "en"
    reads: str | None = None
    may_leave_voicemail: bool = False
    may_say_who: bool = False
    may_text: bool = False
    may_ring_back: bool = False
    phone_as_typed: str | None = None
    answers: Answers = NOTHING_ANSWERED
    channel: Channel = Channel.WEB
    source_page: str | None = None
    source_title: str | None = None
    origin: Origin | None = None
    if_missed: IfMissed | None = None
    call_until: datetime | None = None


def same_again(ended: Callback, slot_at: datetime | None, channel: Channel) -> Wish:
    """The same wish once more, for another call to the same person.

    Raises:
        Overtaken: the number cannot be decrypted.
    """
    if is_unreadable(ended.phone):
        raise Overtaken
    is_until, until = ended.if_missed == IfMissed.UNTIL, None
    if is_until and slot_at and ended.slot_at and ended.call_until:
        # As long after the new time as it was after the old one.
        until = slot_at + (ended.call_until - ended.slot_at)
    return Wish(
        channel=channel,
        phone=PhoneNumber(ended.phone),
        slot_at=slot_at,
        name=ended.name,
        note=ended.note,
        language=ended.language,
        reads=ended.reads,
        may_leave_voicemail=ended.may_leave_voicemail,
        may_say_who=ended.may_say_who,
        may_text=ended.may_text,
        may_ring_back=ended.may_ring_back,
        phone_as_typed=ended.phone_as_typed,
        answers=Answers.from_text(ended.answers),
        if_missed=None if is_until and until is None else ended.if_missed,
        call_until=until,
    )


def open_of(session: Session, number_hash: str) -> Callback | None:
    """The open callback of a number, if it has one; joined ones stand behind it."""
    return session.scalar(
        sa.select(Callback).where(Callback.phone_hash == number_hash, Callback.status.in_(OPEN))
    )


def add(
    session: Session,
    wish: Wish,
    token_hash: str,
    now: datetime,
    *,
    actor: str = "visitor",
    request_hash: str | None = None,
) -> Callback | None:
    """Adds the callback; None where this very request was taken before.

    Args:
        request_hash: of the whole request, from those whose key must not stand for two.

    Raises:
        KeyUsedBefore: another request was taken under this key.
        SlotGone: the time is full or no longer offered.
        IntegrityError: two asked for one number at once; try again.
    """
    made = put(session, wish, token_hash, now, actor=actor, request_hash=request_hash)
    return session.get_one(Callback, made) if made is not None else None


def keep_or_add(session: Session, wish: Wish, token_hash: str, now: datetime) -> Callback | None:
    """The open callback of the number of whoever asks, which keeps its place; a new one else.
    None where this very request was taken before, and is over.

    The open one is looked for once: had another just begun, it could be missed at the first look
    and found at the second, and the one who asks would stand behind themselves.

    Raises:
        SlotGone, IntegrityError: as ``add`` does.
    """
    if (kept := open_of(session, phone_hash(wish.phone.e164))) is not None:
        return kept
    made = put(session, wish, token_hash, now, has_none_open=True)
    return session.get_one(Callback, made) if made is not None else None


def put(
    session: Session,
    wish: Wish,
    token_hash: str,
    now: datetime,
    *,
    actor: str = "visitor",
    request_hash: str | None = None,
    has_none_open: bool = False,
) -> int | None:
    """What ``add`` does, for those who need no more of the callback than its id.

    Args:
        has_none_open: the caller has looked, and the number has no open callback.
    """
    number = phone_hash(wish.phone.e164)
    told = {"number": number, "token": token_hash, "now": now, "since": now - resting.A_DAY}
    stands_still = wish.slot_at is not None and on_postgresql()
    [before] = plain_rows(session, _before(stands_still), told)
    if before.request_hash is not None:
        if before.request_hash not in (_NO_HASH, request_hash or _NO_HASH):
            raise KeyUsedBefore
        return None
    holds_one = False
    # Whoever is blocked takes nobody's place: their request stands behind nothing, and waits.
    has_place = (has_none_open or not before.is_open) and not before.is_blocked
    if has_place and actor == "visitor" and before.was_rung:
        resting.asked_for(session, number, now)
    slots_open = _places_to_take(session, wish, now, has_place=has_place)
    if slots_open is not None and wish.origin and wish.slot_at:
        slots_open, holds_one = places_open_to(session, wish.origin, wish.slot_at, slots_open, now)
    made = transitions.begin(
        session,
        {
            **_columns(wish),
            "token_hash": token_hash,
            "status": Status.WAITING if has_place else Status.JOINED,
            "requested_at": now,
            "due_at": wish.slot_at or now,
            "phone_hash": number,
            "request_hash": request_hash,
            "attempts_used": 0,
            "booked_at": now if wish.slot_at else None,
            **(wish.origin.columns() if wish.origin else {}),
        },
        at=now,
        actor=actor,
        places=slots_open,
        told=wish.channel == Channel.TEXT,
    )
    if made is None and wish.slot_at is not None:
        origin = wish.origin if holds_one else None
        raise _gone(session, wish.slot_at, wish.language, now, origin)
    return made


def places_open_to(
    session: Session,
    origin: Origin,
    slot_at: datetime,
    there: Places,
    now: datetime,
    moved: int | None = None,
) -> tuple[Places, bool]:
    """The places of a slot that somebody from this network may take, and whether the network holds
    a slot already.

    Args:
        moved: a callback that is moved there, if one is.

    Raises:
        TooManyBookings: as many were booked from it within the hour as may be.
    """
    networks.hold(session, origin)
    holds_one = networks.holds_a_slot(session, origin, now, but_for=moved)
    return networks.open_to({slot_at: there}, origin, holds_one=holds_one)[slot_at], holds_one


def _places_to_take(
    session: Session, wish: Wish, now: datetime, *, has_place: bool
) -> Places | None:
    """How many there are on the slot of which one is to be taken; None: none is. Who stands behind
    another takes none, but the time must be one that could be had.

    Raises:
        SlotGone: it cannot.
    """
    if wish.slot_at is None:
        return None
    if has_place:
        return _places(session, wish.slot_at, now)
    need_slot(session, wish.slot_at, wish.language, now, take=False)
    return None


def _columns(wish: Wish) -> dict[str, Any]:
    """What a wish says, by the columns in which it stands."""
    return {
        "priority": Priority.BOOKED if wish.slot_at else Priority.ASAP,
        "slot_at": wish.slot_at,
        "name": wish.name,
        "phone": wish.phone.e164,
        "phone_region": wish.phone.region,
        "note": wish.note,
        "language": wish.language,
        "reads": wish.reads,
        "may_leave_voicemail": wish.may_leave_voicemail,
        "may_say_who": wish.may_say_who,
        "may_text": wish.may_text,
        "may_ring_back": wish.may_ring_back,
        "phone_as_typed": wish.phone_as_typed,
        "answers": wish.answers.to_text(),
        "channel": wish.channel,
        "source_page": wish.source_page,
        "source_title": wish.source_title,
        "if_missed": wish.if_missed,
        "call_until": wish.call_until,
    }


@cache
def _before(stands_still: bool) -> sa.Select[*tuple[Any, ...]]:
    """What stands before a request, read in one statement.

    Args:
        stands_still: it also makes the hours stand still, for a time that is chosen.
    """
    number = sa.bindparam("number", type_=sa.String)
    now, since = sa.bindparam("now", type_=Instant), sa.bindparam("since", type_=Instant)
    same = sa.select(sa.func.coalesce(Callback.request_hash, _NO_HASH)).where(
        Callback.token_hash == sa.bindparam("token", type_=sa.String)
    )
    return sa.select(
        sa.exists().where(Callback.phone_hash == number, HOLDS_THE_NUMBER).label("is_open"),
        resting.blocked(number, now).label("is_blocked"),
        resting.rung_since(number, since).label("was_rung"),
        same.scalar_subquery().label("request_hash"),
        *([saving.standing_still()] if stands_still else []),
    )


def need_slot(
    session: Session,
    slot_at: datetime,
    language: str,
    now: datetime,
    *,
    take: bool,
    origin: Origin | None = None,
    moved: int | None = None,
) -> None:
    """Books the slot (or, with ``take`` false, only checks that it could be). The hours stand still
    already.

    Args:
        origin: the network that books it; None: staff do.
        moved: the callback that is moved there, if one is.

    Raises:
        SlotGone: it cannot be had.
        TooManyBookings: as many were booked from this network within the hour as may be.
    """
    there, holds_one = _places(session, slot_at, now), False
    if take and origin is not None:
        there, holds_one = places_open_to(session, origin, slot_at, there, now, moved)
    if take:
        had = booking.take(session, slot_at, there, language)
    else:
        had = slot_at not in booking.full(session, {slot_at: there}, language)
    if not had:
        raise _gone(session, slot_at, language, now, origin if holds_one else None)


def _places(session: Session, slot_at: datetime, now: datetime) -> Places:
    """How many may be booked on a start; none where it is not on offer."""
    rules, opening_hours = hours.rules_and_hours(session, now)
    if not slots.is_bookable(opening_hours, hours.slot_policy(rules), now, slot_at):
        return Places(0)
    return places.at(session, slot_at, now, rules)


def _gone(
    session: Session,
    slot_at: datetime,
    language: str,
    now: datetime,
    holder: Origin | None = None,
) -> SlotGone:
    """What to say of a slot that cannot be had.

    Args:
        holder: the network that books, where it holds a slot already.
    """
    opening_hours = hours.in_force(session, now)
    return SlotGone(queries.free_near(session, opening_hours, slot_at, now, language, holder))
