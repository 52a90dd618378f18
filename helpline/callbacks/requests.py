"""Create a callback request in the caller's transaction; never commits.

Used by every channel: forms, API, text messages and inbound calls. See
docs/decisions/0002-second-request-waits-behind-first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import (
    consent,
    networks,
    queries,
    references,
    slot_booking,
    transitions,
)
from helpline.callbacks.consent import Consent
from helpline.callbacks.errors import IdempotencyConflict, SlotUnavailable, StateChanged
from helpline.callbacks.models import IS_OPEN, Callback, Channel
from helpline.callbacks.networks import Origin
from helpline.callbacks.phone_limits import checks, lifting
from helpline.callbacks.phone_limits.models import NumberLimit
from helpline.domain import slots
from helpline.domain.intake_answers import Answers
from helpline.domain.lifecycle import OPEN, Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.domain.safe_times import IfMissed
from helpline.domain.slots import Capacity
from helpline.domain.unreadable import is_unreadable
from helpline.hours import locking
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.privacy.encryption import phone_hash

NO_ANSWERS = Answers()
_NO_HASH = ""


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """The data of a callback request. Only the phone number is required.

    Args:
        may_ring_back: whether to call again at once if the call drops.
        phone_extension: digits of the extension. Limits, blocks and open requests go by the number
            alone.
        phone_as_typed: the number as typed, to show it back; None when it was not typed.
        answers: answers to the intake questions.
        language: the language to be spoken.
        reads: the language of the page; None for other channels.
        channel: how it came. A request by text is answered by one already.
        source_page: path of the article it came from, without query string.
        source_title: title of that article.
        origin: the network it came from; None for staff and channels without one.
        if_missed: what the visitor wants if they do not answer; None for no choice.
        call_until: no call after this.
        consent: the words by which the visitor asked, as proof; None where they did so before.
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
    phone_extension: str | None = None
    phone_as_typed: str | None = None
    answers: Answers = NO_ANSWERS
    channel: Channel = Channel.WEB
    source_page: str | None = None
    source_title: str | None = None
    origin: Origin | None = None
    if_missed: IfMissed | None = None
    call_until: datetime | None = None
    consent: Consent | None = None


def copy_request(ended: Callback, slot_at: datetime | None, channel: Channel) -> CallbackRequest:
    """Copy a request for another call to the same person.

    Raises:
        StateChanged: the number cannot be decrypted.
    """
    if is_unreadable(ended.phone):
        raise StateChanged
    is_until, until = ended.if_missed == IfMissed.UNTIL, None
    if is_until and slot_at and ended.slot_at and ended.call_until:
        # As long after the new time as it was after the old one.
        until = slot_at + (ended.call_until - ended.slot_at)
    return CallbackRequest(
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
        phone_extension=ended.phone_extension,
        phone_as_typed=ended.phone_as_typed,
        answers=Answers.from_text(ended.answers),
        if_missed=None if is_until and until is None else ended.if_missed,
        call_until=until,
    )


def find_open(session: Session, number_hash: str) -> Callback | None:
    """Return the open callback of a number; followers wait behind it."""
    return session.scalar(
        sa.select(Callback).where(Callback.phone_hash == number_hash, Callback.status.in_(OPEN))
    )


def get_open_or_create(
    session: Session, request: CallbackRequest, token_hash: str, now: datetime
) -> Callback | None:
    """Return the open callback of the number, else create one. For a call from that phone itself:
    if it was not safe to call, or asked not to be called, it may be called again.

    None where this request was stored before and has ended. The open one is looked up once: looked
    up twice, another that begins in between would make the request its own follower.

    Raises:
        SlotUnavailable, IntegrityError: as in ``create``.
    """
    number = phone_hash(request.phone.e164)
    _lift_own_block(session, number, now)
    if (open_callback := find_open(session, number)) is not None:
        transitions.lift_hold(session, open_callback)
        return open_callback
    return create(session, request, token_hash, now, has_none_open=True)


def create(
    session: Session,
    request: CallbackRequest,
    token_hash: str,
    now: datetime,
    *,
    actor: str = "visitor",
    request_hash: str | None = None,
    has_none_open: bool = False,
) -> Callback | None:
    """Create the callback; None where this request was stored before.

    Args:
        request_hash: hash of the whole request, where its key must not be reused for another.
        has_none_open: the caller has checked that the number has no open callback.

    Raises:
        IdempotencyConflict: the key was used for another request.
        SlotUnavailable: the slot is full or no longer offered.
        IntegrityError: two requests for one number at once; try again.
    """
    number = phone_hash(request.phone.e164)
    if request.channel == Channel.TEXT:  # It came from that phone itself.
        _lift_own_block(session, number, now)
    if request.slot_at is not None:
        locking.lock_shared(session)
    existing = session.execute(_existing(number, token_hash, now)).one()
    if existing.request_hash is not None:
        if existing.request_hash not in (_NO_HASH, request_hash or _NO_HASH):
            raise IdempotencyConflict
        return None
    holds_one = False
    # A request for a blocked number takes no slot: it waits as a follower of nothing.
    in_queue = (has_none_open or not existing.is_open) and not existing.is_blocked
    if in_queue and actor == "visitor" and existing.was_rung:
        checks.record_request(session, number, now)
    capacity = _capacity_to_book(session, request, now, in_queue=in_queue)
    if capacity is not None and request.origin and request.slot_at:
        capacity, holds_one = capacity_for_network(
            session, request.origin, request.slot_at, capacity, now
        )
    callback = Callback(
        **_columns(request),
        **references.columns(session, request.phone.e164, token_hash),
        priority=_priority(session, request),
        token_hash=token_hash,
        status=Status.WAITING if in_queue else Status.JOINED,
        requested_at=now,
        due_at=request.slot_at or now,
        phone_hash=number,
        request_hash=request_hash,
        attempts_used=0,
        booked_at=now if request.slot_at else None,
        **(request.origin.columns() if request.origin else {}),
    )
    if transitions.create(
        session,
        callback,
        at=now,
        actor=actor,
        capacity=capacity,
        answered_by_text=request.channel == Channel.TEXT,
    ):
        if request.consent is not None:
            consent.record(
                session,
                request.consent,
                number,
                channel=request.channel,
                texts=request.may_text,
                voicemail=request.may_leave_voicemail,
                now=now,
            )
        return callback
    assert request.slot_at is not None
    origin = request.origin if holds_one else None
    raise _slot_unavailable(session, request.slot_at, request.language, now, origin)


def _lift_own_block(session: Session, number: str, now: datetime) -> None:
    for limit in lifting.asked_blocks(session, NumberLimit.phone_hash == number):
        lifting.lift(session, limit, actor="visitor", now=now)


def capacity_for_network(
    session: Session,
    origin: Origin,
    slot_at: datetime,
    capacity: Capacity,
    now: datetime,
    rescheduled_id: int | None = None,
) -> tuple[Capacity, bool]:
    """Return the capacity of a slot for a network, and whether the network already holds a slot.

    Args:
        rescheduled_id: the callback that is rescheduled, if any.

    Raises:
        TooManyBookings: the network's limit of bookings in an hour is reached.
    """
    networks.lock_network(session, origin)
    holds_one = networks.holds_slot(session, origin, now, but_for=rescheduled_id)
    return networks.capacities_for({slot_at: capacity}, origin, holds_one=holds_one)[
        slot_at
    ], holds_one


def _capacity_to_book(
    session: Session, request: CallbackRequest, now: datetime, *, in_queue: bool
) -> Capacity | None:
    """A follower books no slot, but its time must be available."""
    if request.slot_at is None:
        return None
    if in_queue:
        return _offered_capacity(session, request.slot_at, now)
    require_slot(session, request.slot_at, request.language, now, book=False)
    return None


def _priority(session: Session, request: CallbackRequest) -> Priority:
    if request.answers.is_danger and policy_queries.current(session).danger_first:
        return Priority.URGENT
    return Priority.BOOKED if request.slot_at else Priority.ASAP


def _columns(request: CallbackRequest) -> dict[str, Any]:
    return {
        "slot_at": request.slot_at,
        "name": request.name,
        "phone": request.phone.e164,
        "phone_extension": request.phone_extension,
        "phone_region": request.phone.region,
        "note": request.note,
        "language": request.language,
        "reads": request.reads,
        "may_leave_voicemail": request.may_leave_voicemail,
        "may_say_who": request.may_say_who,
        "may_text": request.may_text,
        "may_ring_back": request.may_ring_back,
        "phone_as_typed": request.phone_as_typed,
        "answers": request.answers.to_text(),
        "channel": request.channel,
        "source_page": request.source_page,
        "source_title": request.source_title,
        "if_missed": request.if_missed,
        "call_until": request.call_until,
    }


def _existing(
    number: str, token_hash: str, now: datetime
) -> sa.Select[bool, bool, bool, str | None]:
    """Return the query for what must be known before a request is created."""
    same_request = sa.select(sa.func.coalesce(Callback.request_hash, _NO_HASH)).where(
        Callback.token_hash == token_hash
    )
    return sa.select(
        sa.exists().where(Callback.phone_hash == number, IS_OPEN).label("is_open"),
        checks.blocked(number, now).label("is_blocked"),
        checks.rang_since(number, now - checks.A_DAY).label("was_rung"),
        same_request.scalar_subquery().label("request_hash"),
    )


def require_slot(
    session: Session,
    slot_at: datetime,
    language: str,
    now: datetime,
    *,
    book: bool,
    origin: Origin | None = None,
    rescheduled_id: int | None = None,
) -> None:
    """Book a slot, or check that it could be booked. The caller has locked the hours.

    Args:
        book: False only checks.
        origin: the network that books it; None for staff.
        rescheduled_id: the callback that is rescheduled, if any.

    Raises:
        SlotUnavailable: it is full or no longer offered.
        TooManyBookings: the network's limit of bookings in an hour is reached.
    """
    capacity, holds_one = _offered_capacity(session, slot_at, now), False
    if book and origin is not None:
        capacity, holds_one = capacity_for_network(
            session, origin, slot_at, capacity, now, rescheduled_id
        )
    if book:
        available = slot_booking.book(session, slot_at, capacity, language)
    else:
        available = slot_at not in slot_booking.full_starts(session, {slot_at: capacity}, language)
    if not available:
        raise _slot_unavailable(session, slot_at, language, now, origin if holds_one else None)


def _offered_capacity(session: Session, slot_at: datetime, now: datetime) -> Capacity:
    rules = policy_queries.visitor_rules(session)
    opening_hours = hours_queries.effective_hours(session, now)
    if not slots.is_bookable(opening_hours, policy_queries.slot_policy(rules), now, slot_at):
        return Capacity(0)
    return slot_booking.capacity_at(session, slot_at, now, rules)


def _slot_unavailable(
    session: Session,
    slot_at: datetime,
    language: str,
    now: datetime,
    holder: Origin | None = None,
) -> SlotUnavailable:
    opening_hours = hours_queries.effective_hours(session, now)
    return SlotUnavailable(
        queries.nearest_free_starts(session, opening_hours, slot_at, now, language, holder)
    )
