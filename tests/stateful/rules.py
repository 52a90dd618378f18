"""What must always hold, asked of the database. Pure reads, for any run: by rules, load or chaos.

Each rule says in a sentence what is broken, with ids and no secrets; an empty list is a good world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback, CallbackEvent, Slot, SlotLanguage
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, Channel
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import ENDED, OPEN, Event, Status
from helpline.hours import queries as hours
from helpline.hours.models import HoursVersion
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.privacy.models import AuditEntry
from helpline.staff.models import Presence

_FOLLOWED = {Event.FOLLOW_REACHED, Event.FOLLOW_UNREACHED}
_AT_SOME_HOUR = {"call_started", "visitor_dialled"}
_IN_HAND = {Status.CLAIMED, Status.CALLING}


@dataclass(frozen=True, slots=True)
class Ring:
    """A visitor's phone began to ring: for which attempt, and when. The carrier's own record."""

    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class World:
    """What is known from outside of the database.

    Args:
        rings: every time a visitor's phone rang, by the carrier's record.
        advisor_calls: for every call the carrier was asked for, its attempt's reference.
        asked: the hash of the status link of every request that was answered with success.
        talked: references of attempts in which the visitor answered.
        slack: how long after a decision a phone may begin to ring.
    """

    rings: Sequence[Ring] = ()
    advisor_calls: Sequence[str] = ()
    asked: Sequence[str] = ()
    talked: Sequence[str] = ()
    slack: timedelta = timedelta(0)


def broken_rules(session: Session, world: World = World()) -> list[str]:
    """Every rule that does not hold just now. Between two steps, and under load, all hold."""
    return _told(_ALWAYS, session, world)


def unfinished(session: Session, world: World = World()) -> list[str]:
    """What has not come to an end, for a world in which all has had time to."""
    return _told(_AT_THE_END, session, world)


def _told(rules: Sequence[_Rule], session: Session, world: World) -> list[str]:
    known = _Known(session)
    return [f"{rule.__name__[1:]}: {said}" for rule in rules for said in rule(known, world)]


class _Known:
    """Everything, read once."""

    def __init__(self, session: Session) -> None:
        self.callbacks = _all(session, Callback, Callback.id)
        self.events = _all(session, CallbackEvent, CallbackEvent.id)
        self.attempts = _all(session, Attempt, Attempt.id)
        self.slots = _all(session, Slot, Slot.starts_at)
        self.spoken = _all(session, SlotLanguage, SlotLanguage.starts_at)
        self.outbox = {
            row.subject_id: row
            for row in _all(session, OutboxRow, OutboxRow.id)
            if row.kind == Kind.PLACE_CALL
        }
        self.saves = _all(session, HoursVersion, HoursVersion.version)
        self.audit = [
            entry
            for entry in _all(session, AuditEntry, AuditEntry.id)
            if entry.deed in _AT_SOME_HOUR
        ]
        self.in_force = hours.effective_hours(session, datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC")))
        self.calls_in = _all(session, InboundCall, InboundCall.id)
        self.lines = {each.staff_id: each.call_in for each in _all(session, Presence, "staff_id")}
        self.status = {callback.id: callback.status for callback in self.callbacks}
        self.live = {each.callback_id: each for each in self.attempts if each.ended_at is None}
        self.history: dict[int, list[CallbackEvent]] = {each.id: [] for each in self.callbacks}
        for event in self.events:
            self.history[event.callback_id].append(event)

    def was_open(self, at: datetime) -> bool:
        """By the week that was in force then; of saves at that very instant, any may have been."""
        before = [each for each in self.saves if each.saved_at < at][-1:]
        then = [each for each in self.saves if each.saved_at == at]
        saves = (*before, *then) if before else (None, *then)
        return any(hours.plan_of(save).opening_hours().is_open(at) for save in saves)


_Rule = Callable[[_Known, World], Iterator[str]]


def _all(session: Session, model: type, order: Any) -> Sequence:  # type: ignore[type-arg]
    return session.scalars(
        sa.select(model).order_by(order).execution_options(populate_existing=True)
    ).all()


# 1. Hours


def _hours(known: _Known, world: World) -> Iterator[str]:
    for entry in known.audit:
        if not known.was_open(entry.at):
            yield f"{entry.deed} of {entry.subject} at {entry.at}, while closed"
    for event in known.events:
        if event.event == Event.CLAIM and not known.was_open(event.at):
            yield f"callback {event.callback_id} was claimed at {event.at}, while closed"
    for ring in world.rings:
        if not (known.was_open(ring.at) or known.was_open(ring.at - world.slack)):
            yield f"a visitor's phone rang at {ring.at}, while closed"


def _booked_inside_hours(known: _Known, _world: World) -> Iterator[str]:
    seen = max((each.at for each in (*known.events, *known.audit)), default=None)
    for each in known.callbacks:
        if (
            each.status in {Status.WAITING, Status.JOINED}
            and each.slot_at == each.due_at
            and seen is not None
            and each.slot_at > seen
            and not known.in_force.is_open(each.slot_at)
        ):
            yield f"callback {each.id} is booked for {each.slot_at}, outside the hours in force"


# 2. Nothing lost


def _nothing_lost(known: _Known, world: World) -> Iterator[str]:
    kept = {callback.token_hash for callback in known.callbacks}
    if missing := sum(asked not in kept for asked in world.asked):
        yield f"{missing} requests that were answered with success are gone"
    for each in known.callbacks:
        live = known.live.get(each.id)
        if (each.status in ENDED) != (each.ended_at is not None):
            yield f"callback {each.id} is {each.status}, ended at {each.ended_at}"
        if (each.status in _IN_HAND) != (each.claimed_by is not None):
            yield f"callback {each.id} is {each.status}, in the hands of {each.claimed_by}"
        if each.status == Status.CLAIMED and (each.claim_ends_at is None or live):
            yield f"callback {each.id} is claimed for ever, or in a call"
        if each.status == Status.CALLING and live is None and each.claim_ends_at is None:
            yield f"callback {each.id} is calling, and nothing will ever end that"
        if each.status in {Status.WAITING, Status.JOINED} and live:
            yield f"callback {each.id} is {each.status} while attempt {live.id} goes on"
    for attempt in known.live.values():
        row = known.outbox.get(attempt.id)
        if attempt.channel == Channel.CARRIER and (
            row is None
            or (attempt.state == AttemptState.QUEUED) != (row.state == OutboxState.PENDING)
        ):
            yield f"attempt {attempt.id} is {attempt.state}, its effect {row and row.state}"


# 3. One at a time


def _one_at_a_time(known: _Known, world: World) -> Iterator[str]:
    yield from _more_than_one(
        "advisor holds",
        [each.claimed_by for each in known.callbacks if each.status in _IN_HAND],
    )
    live = [each for each in known.attempts if each.ended_at is None]
    yield from _more_than_one("callback is rung in", [each.callback_id for each in live])
    yield from _more_than_one("advisor is in", [each.advisor_id for each in live])
    yield from _more_than_one("attempt rang the visitor", [each.ref for each in world.rings])
    yield from _more_than_one("attempt rang the advisor", list(world.advisor_calls))
    ended = {each.ref: each.ended_at for each in known.attempts if each.ended_at}
    for ring in world.rings:
        if ring.ref in ended and ring.at > ended[ring.ref] + world.slack:
            yield f"a visitor's phone rang at {ring.at}, after the attempt was over"


def _more_than_one(what: str, keys: Sequence[object]) -> Iterator[str]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield f"{what} {count} at once or times ({key})"


def _calls_in(known: _Known, _world: World) -> Iterator[str]:
    for call in known.calls_in:
        if call.ended_at is None:
            yield from _live_call_in(known, call)
        elif call.advisor_id is not None or call.outcome is None:
            yield f"call in {call.id} is over, with advisor {call.advisor_id}, {call.outcome}"
        elif call.sid in known.lines.values():
            yield f"call in {call.id} is over and still has an advisor's line"


def _live_call_in(known: _Known, call: InboundCall) -> Iterator[str]:
    if call.advisor_id is None:
        return
    if known.lines.get(call.advisor_id) != call.sid:
        yield f"call in {call.id} rings advisor {call.advisor_id} without having their line"
    for each in known.callbacks:
        other = call.phone_hash is None or each.phone_hash != call.phone_hash
        if each.claimed_by == call.advisor_id and each.status in _IN_HAND and other:
            yield f"advisor {call.advisor_id} has call in {call.id} and callback {each.id}"
    for attempt in known.live.values():
        if attempt.advisor_id == call.advisor_id and attempt.id != call.attempt_id:
            yield f"advisor {call.advisor_id} has call in {call.id} and attempt {attempt.id}"


# 4. No overbooking


def _slots(known: _Known, _world: World) -> Iterator[str]:
    held = Counter(each.slot_at for each in known.callbacks if _holds_place(known, each))
    for slot in known.slots:
        if not 0 <= slot.booked <= slot.capacity:
            yield f"slot {slot.starts_at} has {slot.booked} booked of {slot.capacity}"
        if slot.booked != held[slot.starts_at]:
            there = held[slot.starts_at]
            yield f"slot {slot.starts_at} counts {slot.booked}, and {there} callbacks hold it"
    for starts_at in held.keys() - {slot.starts_at for slot in known.slots}:
        yield f"slot {starts_at} is held and not kept"
    spoken = Counter(
        (each.slot_at, each.language) for each in known.callbacks if _holds_place(known, each)
    )
    for part in known.spoken:
        there = spoken.pop((part.starts_at, part.language), 0)
        if part.booked != there:
            yield f"{part.starts_at} counts {part.booked} in {part.language}, not {there}"
    for starts_at, language in spoken:
        yield f"slot {starts_at} is held in {language} and not kept"


def _holds_place(known: _Known, callback: Callback) -> bool:
    """A place is held from the booking on, also by who was reached; one that was cancelled or
    expired gave it back, and one that stands behind another never had one."""
    if callback.slot_at is None:
        return False
    if callback.status in {Status.JOINED, Status.CANCELLED, Status.EXPIRED}:
        return False
    return known.history[callback.id][-1].event not in _FOLLOWED


# 5. One open callback a number


def _one_a_number(known: _Known, _world: World) -> Iterator[str]:
    held = [each.phone_hash for each in known.callbacks if each.status in OPEN]
    if again := sum(count - 1 for count in Counter(held).values()):
        yield f"{again} open callbacks too many for their numbers"


# 8. Events are facts, and the history is whole


def _history(known: _Known, _world: World) -> Iterator[str]:
    for each in known.callbacks:
        events = known.history[each.id]
        if not events or events[0].event != Event.ASK or events[0].from_status is not None:
            yield f"callback {each.id} has no beginning"
            continue
        if any(after.from_status != before.to_status for before, after in pairwise(events)):
            yield f"the history of callback {each.id} has a gap"
        if events[-1].to_status != each.status:
            yield f"callback {each.id} is {each.status}, its history ends {events[-1].to_status}"
        if any(before.to_status in ENDED for before in events[:-1]):
            yield f"callback {each.id} went on after its end"


def _attempts(known: _Known, _world: World) -> Iterator[str]:
    counted = Counter(each.callback_id for each in known.attempts if each.counted)
    for each in known.callbacks:
        if each.attempts_used != counted[each.id]:
            yield f"callback {each.id} used {each.attempts_used} of {counted[each.id]} attempts"
    for attempt in known.attempts:
        ended = attempt.state == AttemptState.ENDED
        if not ended == (attempt.ended_at is not None) == (attempt.result is not None):
            yield f"attempt {attempt.id} is {attempt.state}, {attempt.result}, {attempt.ended_at}"


# At the end


def _all_ended(known: _Known, _world: World) -> Iterator[str]:
    for each in known.callbacks:
        if each.status not in ENDED:
            yield f"callback {each.id} is still {each.status}"
    for attempt in known.attempts:
        if attempt.ended_at is None:
            yield f"attempt {attempt.id} still goes on ({attempt.channel}, {attempt.state})"
    for row in known.outbox.values():
        if row.state in {OutboxState.PENDING, OutboxState.IN_HAND}:
            yield f"effect {row.id} is still {row.state}"


def _talks_are_known(known: _Known, world: World) -> Iterator[str]:
    for attempt in known.attempts:
        if attempt.ref in world.talked and attempt.result != AttemptResult.TALKED:
            yield f"attempt {attempt.id} reached the visitor, and is kept as {attempt.result}"


_ALWAYS: tuple[_Rule, ...] = (
    _hours,
    _booked_inside_hours,
    _nothing_lost,
    _one_at_a_time,
    _calls_in,
    _slots,
    _one_a_number,
    _history,
    _attempts,
)
_AT_THE_END: tuple[_Rule, ...] = (*_ALWAYS, _all_ended, _talks_are_known)
