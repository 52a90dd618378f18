"""Reschedule booked callbacks after a change of hours or slots; never commits.

A change of hours or slots is one transaction, in this order: lock out bookings
(``locking.lock_exclusive``), ``snapshot``, the change, ``reschedule``. The result must be what the
admin was shown and agreed to, else the change is rolled back, unless they agreed to a rule.
See docs/decisions/0011-moved-callbacks-are-never-earlier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import notifications, slot_booking, transitions
from helpline.callbacks.models import Callback, Slot
from helpline.callbacks.row_locks import lock_callbacks
from helpline.domain import slots
from helpline.domain.errors import HelplineError
from helpline.domain.hours_plan import CannotKeepOpen, HoursPlan
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.slots import Fit, SlotPolicy
from helpline.domain.sms_progress import SmsKind
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.privacy import audit

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ScheduleSnapshot:
    """The hours and slot policy at a moment."""

    hours: OpeningHours
    slots: SlotPolicy


class Choice(StrEnum):
    """What to do with a booked callback that a change leaves outside the hours."""

    MOVE = "move"
    KEEP = "keep"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Reschedule:
    """A booked time and its new time; None for as soon as possible after the old one.

    Args:
        can_be_notified: whether the visitor gets a text message; else only their page shows it.
        can_be_kept: whether an exception could keep the helpline open for it.
    """

    was: datetime
    to: datetime | None
    callback_id: int = field(default=0, compare=False)
    can_be_notified: bool = field(default=False, compare=False)
    can_be_kept: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """What the admin agreed to.

    Args:
        shown: the ``digest`` of the list they were shown.
        off_slots_too: whether callbacks still inside the hours are rescheduled too.
        is_rule: whether it covers any list: an emergency closure must not wait for a moment without
            bookings.
        choices: what to do with each callback, by id; the default is to reschedule.
    """

    shown: str
    off_slots_too: bool = False
    is_rule: bool = False
    choices: Mapping[int, Choice] = field(default_factory=dict)

    def covers(self, outcome: ReschedulingOutcome) -> bool:
        """Return whether the result is what was agreed to."""
        return self.is_rule or self.shown == outcome.digest

    def of(self, callback: Callback) -> Choice:
        """Return the choice for a callback."""
        return self.choices.get(callback.id, Choice.MOVE)


@dataclass(frozen=True, slots=True)
class ReschedulingOutcome:
    """The effect of a change on booked callbacks, without personal data.

    Args:
        moves: those rescheduled, in order.
        off_slots: times inside the new hours that are no longer a slot.
        in_hand: how many are claimed now and can no longer be called.
        digest: identifies this list of callbacks and times.
        kept: how many keep their time by an exception.
        asked: how many are asked to choose another time, and have none until then.
    """

    moves: tuple[Reschedule, ...] = ()
    off_slots: tuple[datetime, ...] = ()
    in_hand: int = 0
    digest: str = ""
    kept: int = 0
    asked: int = 0

    @property
    def without_a_slot(self) -> int:
        """How many get no slot, since none is free."""
        return sum(move.to is None for move in self.moves) - self.asked

    @property
    def untold(self) -> tuple[Reschedule, ...]:
        """Those who get no text message."""
        return tuple(move for move in self.moves if not move.can_be_notified)


class NeedsApproval(HelplineError):
    """The change affects booked callbacks in a way that was not agreed to; ``settled`` is the
    effect.

    Args:
        changed: whether another list was agreed to.
    """

    def __init__(self, settled: ReschedulingOutcome, *, changed: bool) -> None:
        super().__init__("booked callbacks would be stranded")
        self.settled = settled
        self.changed = changed


def snapshot(session: Session, now: datetime) -> ScheduleSnapshot:
    """Return hours and slot policy now, for ``reschedule`` after the change."""
    return ScheduleSnapshot(
        hours_queries.effective_hours(session, now),
        policy_queries.slot_policy(policy_queries.current(session)),
    )


def with_exceptions(
    session: Session, plan: HoursPlan, agreed: Approval | None, now: datetime
) -> HoursPlan:
    """Return the plan with an exception for each callback that keeps its time.

    Where none is possible the plan stays as it is, and ``reschedule`` moves the callback.

    Args:
        plan: as the admin wants it.
        agreed: the choice for each callback.
    """
    choices = agreed.choices.items() if agreed else ()
    ids = [callback_id for callback_id, choice in choices if choice == Choice.KEEP]
    for starts_at in sorted(
        {_slot_time(booked) for booked in _booked(session, now) if booked.id in ids}
    ):
        if starts_at > now and not plan.opening_hours().is_open(starts_at):
            with suppress(CannotKeepOpen):
                plan = plan.with_opening(starts_at, _slot_length(session))
    return plan


def reschedule(
    session: Session,
    old_schedule: ScheduleSnapshot,
    *,
    agreed: Approval | None,
    staff_id: int,
    now: datetime,
    plan: HoursPlan | None = None,
) -> ReschedulingOutcome:
    """Reschedule callbacks that a change leaves outside the hours, never to an earlier time.

    They get the same time on the next open day, else the next free slot; without one, or where the
    visitor is asked to choose, they are called as soon as possible after their own time. Visitors
    see it on their page, and by text where they agreed to texts.

    Args:
        old_schedule: from ``snapshot`` before the change, in this transaction.
        agreed: what the admin agreed to; None for nothing yet.
        plan: the wanted hours before ``with_exceptions``, where hours change.

    Raises:
        NeedsApproval: nothing was agreed to yet, or the list has changed.
    """
    new_schedule = snapshot(session, now)
    wanted_schedule = (
        ScheduleSnapshot(plan.opening_hours(), new_schedule.slots) if plan else new_schedule
    )
    outside, inside = _misplaced(_booked(session, now), old_schedule, wanted_schedule, now)
    claimed = _claimed_at_closing(session, old_schedule, new_schedule, now)
    digest = _digest(outside, inside) if outside or inside else ""
    choices = agreed or Approval("")
    kept_ids = {
        callback.id
        for callback in outside
        if choices.of(callback) == Choice.KEEP
        and new_schedule.hours.is_open(_slot_time(callback))
        and plan
    }
    moving = sorted(
        (callback for callback in (*outside, *(inside if choices.off_slots_too else ()))
         if callback.id not in kept_ids),
        key=lambda callback: (_slot_time(callback), callback.id),
    )  # fmt: skip
    keepable = _keepable_times(
        session, plan, {_slot_time(callback) for callback in moving}, agreed, now
    )
    moves = _reschedule_all(
        session, moving, new_schedule, choices, keepable, staff_id=staff_id, now=now
    )
    outcome = ReschedulingOutcome(
        moves,
        tuple(_slot_time(callback) for callback in inside),
        len(claimed),
        digest,
        kept=len(kept_ids),
        asked=sum(choices.of(callback) == Choice.ASK for callback in moving),
    )
    if outcome.digest and (agreed is None or not agreed.covers(outcome)):
        raise NeedsApproval(outcome, changed=agreed is not None)
    for callback in claimed:
        notifications.notify(session, callback, SmsKind.MOVED, now=now, once=now.isoformat())
    if outcome.digest:
        audit.record(
            session,
            at=now,
            actor=transitions.staff_actor(staff_id),
            action="callbacks_rehoused",
            subject="hours",
            moved=len(moves),
            without_a_slot=outcome.without_a_slot,
            kept_by_exception=outcome.kept,
            asked_to_choose=outcome.asked,
            kept_off_slots=0 if choices.off_slots_too else len(inside),
        )
    return outcome


def _keepable_times(
    session: Session,
    plan: HoursPlan | None,
    times: Collection[datetime],
    agreed: Approval | None,
    now: datetime,
) -> frozenset[datetime]:
    if plan is None or agreed is not None:
        return frozenset()
    length, keepable = _slot_length(session), set()
    for starts_at in times:
        if starts_at > now:
            with suppress(CannotKeepOpen):
                plan.with_opening(starts_at, length)
                keepable.add(starts_at)
    return frozenset(keepable)


def _slot_length(session: Session) -> timedelta:
    return timedelta(minutes=policy_queries.current(session).slot_minutes)


def _booked(session: Session, now: datetime) -> Sequence[Callback]:
    """Lock all callbacks that wait for a booked time, then all slots, in order."""
    callbacks = lock_callbacks(
        session,
        Callback.slot_at == Callback.due_at,
        sa.or_(
            Callback.status == Status.WAITING,
            sa.and_(Callback.status == Status.JOINED, Callback.slot_at > now),
        ),
    )
    if callbacks:
        session.scalars(
            sa.select(Slot.starts_at)
            .where(Slot.starts_at > now - _A_DAY)
            .order_by(Slot.starts_at)
            .with_for_update()
        ).all()
    return callbacks


def _misplaced(
    booked: Sequence[Callback],
    old_schedule: ScheduleSnapshot,
    new_schedule: ScheduleSnapshot,
    now: datetime,
) -> tuple[list[Callback], list[Callback]]:
    """Those outside the new hours, and those inside that are no longer on a slot.

    A callback that is due is outside if the helpline was open and closes now.
    """
    future_times = [_slot_time(callback) for callback in booked if _slot_time(callback) > now]
    old_fits = slots.fits(old_schedule.hours, old_schedule.slots, future_times)
    new_fits = slots.fits(new_schedule.hours, new_schedule.slots, future_times)
    closes_now = _closes_now(old_schedule, new_schedule, now)
    outside, inside = [], []
    for callback in booked:
        time = _slot_time(callback)
        if time <= now:
            outside += [callback] if closes_now else []
        elif new_fits[time] == Fit.OUTSIDE:
            outside.append(callback)
        elif new_fits[time] < old_fits[time]:
            inside.append(callback)
    return outside, inside


def _closes_now(
    old_schedule: ScheduleSnapshot, new_schedule: ScheduleSnapshot, now: datetime
) -> bool:
    return old_schedule.hours.is_open(now) and not new_schedule.hours.is_open(now)


def _claimed_at_closing(
    session: Session, old_schedule: ScheduleSnapshot, new_schedule: ScheduleSnapshot, now: datetime
) -> Sequence[Callback]:
    """Claimed callbacks that may no longer be called; they return to the queue by themselves."""
    if not _closes_now(old_schedule, new_schedule, now):
        return ()
    return session.scalars(
        sa.select(Callback)
        .where(Callback.status == Status.CLAIMED, Callback.slot_at == Callback.due_at)
        .order_by(Callback.id)
    ).all()


def _reschedule_all(
    session: Session,
    moving: Sequence[Callback],
    new_schedule: ScheduleSnapshot,
    choices: Approval,
    keepable: Collection[datetime],
    *,
    staff_id: int,
    now: datetime,
) -> tuple[Reschedule, ...]:
    if not moving:
        return ()
    free = _FreeSlots(session, new_schedule, now)
    moves = []
    for callback in moving:
        time = _slot_time(callback)
        to = None if choices.of(callback) == Choice.ASK else free.later(callback)
        is_notified = callback.status != Status.JOINED and notifications.can_be_notified(
            session, callback, now
        )
        transitions.reschedule(
            session,
            callback,
            at=now,
            actor=transitions.staff_actor(staff_id),
            slot_at=to,
            promised=time,
        )
        moves.append(Reschedule(time, to, callback.id, is_notified, time in keepable))
    return tuple(moves)


class _FreeSlots:
    def __init__(self, session: Session, schedule: ScheduleSnapshot, now: datetime) -> None:
        self._session, self._now, self._zone = session, now, schedule.hours.zone
        starts = slots.slot_starts(schedule.hours, schedule.slots, now)
        self._there = slot_booking.capacities(session, starts, now)
        self._free: dict[str, set[datetime]] = {}

    def later(self, callback: Callback) -> datetime | None:
        """Book the first free slot after a callback's time, the same time on the next open day
        preferred.

        A due callback gets the next slot. A follower books none.
        """
        time, language = _slot_time(callback), callback.language
        free = self._of(language)
        best = self._same_time_next_day(time) if time > self._now else None
        for start in sorted(
            (free_start for free_start in free if free_start >= time),
            key=lambda start: (start != best, start),
        ):
            if callback.status == Status.JOINED or slot_booking.book(
                self._session, start, self._there[start], language
            ):
                return start
            free.discard(start)
        return None

    def _same_time_next_day(self, time: datetime) -> datetime | None:
        local = time.astimezone(self._zone)
        later_starts = [
            later_start
            for start in self._there
            if (later_start := start.astimezone(self._zone)).date() > local.date()
        ]
        day = min((later_start.date() for later_start in later_starts), default=None)
        same = (
            later_start
            for later_start in later_starts
            if later_start.date() == day and later_start.time() == local.time()
        )
        return next(same, None)

    def _of(self, language: str) -> set[datetime]:
        if language not in self._free:
            full = slot_booking.full_starts(self._session, self._there, language)
            self._free[language] = set(self._there) - full
        return self._free[language]


def _slot_time(callback: Callback) -> datetime:
    assert callback.slot_at is not None, "only what has a time is looked at"
    return callback.slot_at


def _digest(outside: Sequence[Callback], inside: Sequence[Callback]) -> str:
    lines = [
        f"{label} {callback.id} {_slot_time(callback).isoformat()}"
        for label, group in (("outside", outside), ("inside", inside))
        for callback in group
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
