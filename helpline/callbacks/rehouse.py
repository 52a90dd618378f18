"""New times for callbacks that were booked by hours which hold no more. Never commits.

Whoever changes what bookings hang on, the hours or the slots, does it in one transaction and in
this order: nobody books meanwhile (hours/saving.alone), ``standing``, the change, ``settle``. What
is settled is what the admin was shown and agreed to; anything else takes the change back, unless
they agreed to a rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import booking, places, telling, transitions
from helpline.callbacks.models import Callback, Slot
from helpline.domain import slots
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.slots import Fit, SlotPolicy
from helpline.domain.text_progress import TextKind
from helpline.hours import queries as hours
from helpline.privacy import audit

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What bookings hang on, as it stands at a moment."""

    hours: OpeningHours
    slots: SlotPolicy


@dataclass(frozen=True, slots=True)
class Move:
    """A booked time, and the one it gets instead; None: as soon as we are open after its own."""

    was: datetime
    to: datetime | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the admin agreed to.

    Args:
        shown: the ``digest`` of the list they were shown.
        off_slots_too: whether what is still inside hours moves, too; else it keeps its time.
        is_rule: whether it holds for whatever is booked by now, and not for that list alone:
            closing at once must not wait for a moment in which nobody books.
    """

    shown: str
    off_slots_too: bool = False
    is_rule: bool = False

    def covers(self, settled: Settled) -> bool:
        """Whether what would be settled is what was agreed to."""
        return self.is_rule or self.shown == settled.digest


@dataclass(frozen=True, slots=True)
class Settled:
    """What a change does to booked callbacks. No names, no numbers.

    Args:
        moves: those outside the new hours, in order; and, if that was chosen, those inside.
        off_slots: the times of those that lie inside the new hours and on no slot any more.
        in_hand: how many an advisor has in hand now, to whom the change closes the lines.
        digest: stands for this very list of callbacks and times.
    """

    moves: tuple[Move, ...] = ()
    off_slots: tuple[datetime, ...] = ()
    in_hand: int = 0
    digest: str = ""

    @property
    def without_a_slot(self) -> int:
        """How many get no slot, since none is free."""
        return sum(each.to is None for each in self.moves)


class WouldStrand(HelplineError):
    """The change would leave booked callbacks outside the hours or off the slots, and nobody has
    agreed to what becomes of them; ``settled`` says what would.

    Args:
        changed: whether somebody agreed to another list than it is now.
    """

    def __init__(self, settled: Settled, *, changed: bool) -> None:
        super().__init__("booked callbacks would be stranded")
        self.settled = settled
        self.changed = changed


def standing(session: Session, now: datetime) -> Standing:
    """What bookings hang on now, for ``settle`` after the change."""
    return Standing(hours.in_force(session, now), hours.slot_policy(hours.policy(session)))


def settle(
    session: Session, was: Standing, *, agreed: Agreed | None, staff_id: int, now: datetime
) -> Settled:
    """Moves each booked callback that the change leaves outside the hours to the nearest free slot,
    and tells the visitor: on their page, and by text where they agreed to texts. Where no slot is
    free it is rung as soon as we are open after its own time, as what was promised.

    Args:
        was: what bookings hung on before the change, which is in this transaction.
        agreed: what the admin agreed to; None: nothing yet.

    Raises:
        WouldStrand: they agreed to nothing yet, or the list is another by now.
    """
    becomes = standing(session, now)
    outside, inside = _misplaced(_booked(session, now), was, becomes, now)
    in_hand = _in_hand(session, was, becomes, now)
    found = Settled(
        off_slots=tuple(_time_of(each) for each in inside),
        in_hand=len(in_hand),
        digest=_digest(outside, inside) if outside or inside else "",
    )
    too = agreed is not None and agreed.off_slots_too
    moving = sorted(
        (*outside, *(inside if too else ())), key=lambda each: (_time_of(each), each.id)
    )
    moves = _move_all(session, moving, becomes, staff_id=staff_id, now=now)
    settled = Settled(moves, found.off_slots, found.in_hand, found.digest)
    if settled.digest and (agreed is None or not agreed.covers(settled)):
        raise WouldStrand(settled, changed=agreed is not None)
    for each in in_hand:
        telling.tell(session, each, TextKind.MOVED, now=now, once=now.isoformat())
    if settled.digest:
        audit.record(
            session,
            at=now,
            actor=transitions.staff(staff_id),
            deed="callbacks_rehoused",
            subject="hours",
            moved=len(moves),
            without_a_slot=settled.without_a_slot,
            kept_off_slots=0 if too else len(inside),
        )
    return settled


def _booked(session: Session, now: datetime) -> Sequence[Callback]:
    """Everybody who was promised a time and was not rung yet, locked; then all slots, in order."""
    found = session.scalars(
        sa.select(Callback)
        .where(
            Callback.slot_at == Callback.due_at,
            sa.or_(
                Callback.status == Status.WAITING,
                sa.and_(Callback.status == Status.JOINED, Callback.slot_at > now),
            ),
        )
        .order_by(Callback.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if found:
        session.scalars(
            sa.select(Slot.starts_at)
            .where(Slot.starts_at > now - _A_DAY)
            .order_by(Slot.starts_at)
            .with_for_update()
        ).all()
    return found


def _misplaced(
    booked: Sequence[Callback], was: Standing, becomes: Standing, now: datetime
) -> tuple[list[Callback], list[Callback]]:
    """Those outside the new hours; and those inside that the change takes off the slots.

    Whose time has come is outside if we were open and close now.
    """
    coming = [_time_of(each) for each in booked if _time_of(each) > now]
    before = slots.fits(was.hours, was.slots, coming)
    after = slots.fits(becomes.hours, becomes.slots, coming)
    closes_now = _closes_now(was, becomes, now)
    outside, inside = [], []
    for each in booked:
        time = _time_of(each)
        if time <= now:
            outside += [each] if closes_now else []
        elif after[time] == Fit.OUTSIDE:
            outside.append(each)
        elif after[time] < before[time]:
            inside.append(each)
    return outside, inside


def _closes_now(was: Standing, becomes: Standing, now: datetime) -> bool:
    return was.hours.is_open(now) and not becomes.hours.is_open(now)


def _in_hand(
    session: Session, was: Standing, becomes: Standing, now: datetime
) -> Sequence[Callback]:
    """Those that an advisor was about to ring at the time booked, and now may not. They go back to
    the queue by themselves."""
    if not _closes_now(was, becomes, now):
        return ()
    return session.scalars(
        sa.select(Callback)
        .where(Callback.status == Status.CLAIMED, Callback.slot_at == Callback.due_at)
        .order_by(Callback.id)
    ).all()


def _move_all(
    session: Session,
    moving: Sequence[Callback],
    becomes: Standing,
    *,
    staff_id: int,
    now: datetime,
) -> tuple[Move, ...]:
    if not moving:
        return ()
    free = _FreePlaces(session, becomes, now)
    moves = []
    for each in moving:
        time = _time_of(each)
        to = free.nearest(each)
        transitions.move(
            session,
            each,
            at=now,
            actor=transitions.staff(staff_id),
            slot_at=to,
            promised=time,
        )
        moves.append(Move(time, to))
    return tuple(moves)


class _FreePlaces:
    """The free places of the slots on offer, taken one by one."""

    def __init__(self, session: Session, becomes: Standing, now: datetime) -> None:
        self._session = session
        starts = slots.slot_starts(becomes.hours, becomes.slots, now)
        self._there = places.of(session, starts, now)
        self._free: dict[str, set[datetime]] = {}

    def nearest(self, callback: Callback) -> datetime | None:
        """The free slot nearest to its time, the later of two; its place is taken. Who stands
        behind another of their number takes none."""
        time, language = _time_of(callback), callback.language
        free = self._of(language)
        for start in sorted(free, key=lambda each: (abs(each - time), time - each)):
            if callback.status == Status.JOINED or booking.take(
                self._session, start, self._there[start], language
            ):
                return start
            free.discard(start)
        return None

    def _of(self, language: str) -> set[datetime]:
        if language not in self._free:
            full = booking.full(self._session, self._there, language)
            self._free[language] = set(self._there) - full
        return self._free[language]


def _time_of(callback: Callback) -> datetime:
    assert callback.slot_at is not None, "only what has a time is looked at"
    return callback.slot_at


def _digest(outside: Sequence[Callback], inside: Sequence[Callback]) -> str:
    listed = [
        f"{where} {each.id} {_time_of(each).isoformat()}"
        for where, group in (("outside", outside), ("inside", inside))
        for each in group
    ]
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()
