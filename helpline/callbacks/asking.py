"""Taking a request for a callback, inside the caller's transaction. Never commits.

The visitor's form asks this way, and so does everybody who asks in another: by ringing us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import booking, places, queries, transitions
from helpline.callbacks.errors import KeyUsedBefore, SlotGone
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.numbers import resting
from helpline.domain import slots
from helpline.domain.answers import Answers
from helpline.domain.lifecycle import OPEN, Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.hours import queries as hours
from helpline.hours import saving
from helpline.privacy.encryption import phone_hash

NOTHING_ANSWERED = Answers()


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


def same_again(ended: Callback, slot_at: datetime | None, channel: Channel) -> Wish:
    """The same wish once more, for another call to the same person."""
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
    first = open_of(session, phone_hash(wish.phone.e164))
    return _add(session, wish, token_hash, now, actor, request_hash, first)


def keep_or_add(session: Session, wish: Wish, token_hash: str, now: datetime) -> Callback | None:
    """The open callback of the number of whoever asks, which keeps its place; a new one else.
    None where this very request was taken before, and is over.

    The open one is looked for once: had another just begun, it could be missed at the first look
    and found at the second, and the one who asks would stand behind themselves.

    Raises:
        SlotGone, IntegrityError: as ``add`` does.
    """
    kept = open_of(session, phone_hash(wish.phone.e164))
    return kept or _add(session, wish, token_hash, now, "visitor", None, None)


def _add(
    session: Session,
    wish: Wish,
    token_hash: str,
    now: datetime,
    actor: str,
    request_hash: str | None,
    first: Callback | None,
) -> Callback | None:
    taken = sa.select(Callback.request_hash).where(Callback.token_hash == token_hash)
    if (before := session.execute(taken).first()) is not None:
        if before.request_hash != request_hash:
            raise KeyUsedBefore
        return None
    number = phone_hash(wish.phone.e164)
    # Whoever is blocked takes nobody's place: their request stands behind nothing, and waits.
    has_place = first is None and not resting.is_blocked(session, number, now)
    if wish.slot_at is not None:
        need_slot(session, wish.slot_at, wish.language, now, take=has_place)
    if has_place and actor == "visitor":
        resting.asked_for(session, number, now)
    callback = Callback(
        token_hash=token_hash,
        status=Status.WAITING if has_place else Status.JOINED,
        priority=Priority.BOOKED if wish.slot_at else Priority.ASAP,
        requested_at=now,
        due_at=wish.slot_at or now,
        slot_at=wish.slot_at,
        name=wish.name,
        phone=wish.phone.e164,
        phone_hash=number,
        phone_region=wish.phone.region,
        note=wish.note,
        language=wish.language,
        reads=wish.reads,
        may_leave_voicemail=wish.may_leave_voicemail,
        may_say_who=wish.may_say_who,
        may_text=wish.may_text,
        may_ring_back=wish.may_ring_back,
        phone_as_typed=wish.phone_as_typed,
        answers=wish.answers.to_text(),
        channel=wish.channel,
        source_page=wish.source_page,
        source_title=wish.source_title,
        request_hash=request_hash,
    )
    session.add(callback)
    answered = wish.channel == Channel.TEXT
    transitions.began(session, callback, at=now, actor=actor, told=answered)
    return callback


def need_slot(
    session: Session, slot_at: datetime, language: str, now: datetime, *, take: bool
) -> None:
    """Books the slot (or, with ``take`` false, only checks that it could be).

    Raises:
        SlotGone: it cannot be had.
    """
    saving.stand_still(session)
    opening_hours = hours.in_force(session, now)
    policy = hours.slot_policy(hours.policy(session))
    if slots.is_bookable(opening_hours, policy, now, slot_at):
        there = places.at(session, slot_at, now)
        if take and booking.take(session, slot_at, there, language):
            return
        if not take and slot_at not in booking.full(session, {slot_at: there}, language):
            return
    raise SlotGone(queries.free_near(session, opening_hours, slot_at, now, language))
