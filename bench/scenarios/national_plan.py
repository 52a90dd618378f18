"""The day that `make simulate` plays: how many ask when, what their phones do, how long they wait.

It runs from closing to closing: the night first, then the open hours. All of it follows from a
seed, but for what the machine's own speed makes of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")
OPENS = datetime(2026, 11, 23, 10, tzinfo=INDIA)
NIGHT = timedelta(hours=16)

# From 0 (opening) to 1 (closing) of the open hours; before 0 is the night, -1 its beginning.
CURVE = (
    (-1.0, -0.75, 0.05),
    (-0.75, -0.25, 0.03),
    (-0.25, 0.0, 0.06),
    (0.0, 0.125, 0.08),
    (0.125, 0.25, 0.095),
    (0.25, 0.75, 0.52),
    (0.75, 0.875, 0.095),
    (0.875, 1.0, 0.07),
)
"""Which share of all asks in which part of the day, evenly within each."""
STEADY = (0.3125, 0.75)
"""What is held against theory: from half an hour after the curve went level, until it falls (with
eight open hours: 12:30 to 16:00). Nothing is booked for that time."""
BOOKABLE = ((0.03, 0.2), (0.76, 0.93))
"""Those who book choose a time in these parts."""
BOOK_AT_NIGHT = 0.5
BOOK_BY_DAY = 0.06

ANSWERS_AFTER = (2.0, 14.0)
NOT_REACHED = (("no_answer", 0.15), ("decline", 0.04), ("unreachable", 0.01))
RETRY_PAUSES_MINUTES = (15, 60)
MAX_ATTEMPTS = 3
PATIENCE = timedelta(minutes=20)
"""Average time after which a waiting visitor cancels."""
BUSY = 0.95
"""How much of the advisors' time is asked for in the level part of the day, by how long people
talk: never less, nor more, than these seconds on average."""
LEAST_TALK = 30.0
MOST_TALK = 900.0

_SETTING_UP = 12.0
_RINGS_IN_VAIN = 26.0


@dataclass(frozen=True)
class Plan:
    """What is run.

    Args:
        speed: so many seconds of the day pass in a real one.
        open_hours: how long the helpline is open.
        by_http: the share of those who ask by day that comes through the JSON API.
        desks: in how many processes the advisors sit.
        delay: what the machine adds to each call, in real seconds, as it is reckoned with when
            it is worked out how long people talk.
        lead_seconds: so many real seconds from the start of the processes to opening.
        tick_seconds: the workers' pause between two rounds.
    """

    callbacks: int = 20_000
    advisors: int = 200
    speed: float = 60
    open_hours: float = 8
    seed: int = 1
    by_http: float = 0.1
    desks: int = 2
    delay: float = 0.8
    lead_seconds: float = 30
    tick_seconds: float = 1

    @property
    def closes(self) -> datetime:
        """When the helpline closes."""
        return self.at(1)

    def at(self, part: float) -> datetime:
        """The instant of a part of the day: 0 is opening, 1 closing, -1 the evening before."""
        return OPENS + part * (timedelta(hours=self.open_hours) if part > 0 else NIGHT)

    @property
    def steady(self) -> tuple[datetime, datetime]:
        """From when until when the day is held against theory."""
        return self.at(STEADY[0]), self.at(STEADY[1])

    @property
    def handling_seconds(self) -> float:
        """How long a call may keep an advisor, so that they are as busy as wanted."""
        level = next(share / (end - begin) for begin, end, share in CURVE if end == STEADY[1])
        in_vain = sum(share for _, share in NOT_REACHED)
        an_hour = self.callbacks * level / self.open_hours * (1 + in_vain + in_vain**2)
        return BUSY * self.advisors / an_hour * 3600

    @property
    def talk_seconds(self) -> float:
        """How long those who are reached talk, on average."""
        in_vain = sum(share for _, share in NOT_REACHED)
        machine = self.delay * self.speed
        tried = self.handling_seconds - machine - in_vain * _RINGS_IN_VAIN
        return min(MOST_TALK, max(LEAST_TALK, tried / (1 - in_vain) - _SETTING_UP))


@dataclass(frozen=True)
class Visitor:
    """One who asks.

    Args:
        number: which of all, in the order in which they ask.
        slot_at: the time they would like to book; None for as soon as possible.
        by_http: whether they ask through the JSON API.
        phone: what their phone does, call after call.
    """

    number: int
    asks_at: datetime
    slot_at: datetime | None
    by_http: bool
    phone: tuple[dict[str, Any], ...]


def visitors_of(plan: Plan) -> list[Visitor]:
    """Everybody who asks on this day, the earliest first."""
    dice = random.Random(plan.seed)
    parts = dice.choices(CURVE, weights=[share for _, _, share in CURVE], k=plan.callbacks)
    asks = sorted(dice.uniform(begin, end) for begin, end, _ in parts)
    slots = list(_slots(plan))
    return [_visitor(plan, number, part, slots, dice) for number, part in enumerate(asks)]


def _slots(plan: Plan) -> Iterator[datetime]:
    """Every quarter of an hour that may be booked."""
    for begin, end in BOOKABLE:
        quarters = int((plan.at(end) - OPENS) / timedelta(minutes=15))
        for quarter in range(quarters + 1):
            if plan.at(begin) <= (at := OPENS + quarter * timedelta(minutes=15)):
                yield at


def _visitor(
    plan: Plan, number: int, part: float, slots: list[datetime], dice: random.Random
) -> Visitor:
    asks_at, by_night = plan.at(part), part < 0
    later = [each for each in slots if each > asks_at + timedelta(hours=1)]
    books = dice.random() < (BOOK_AT_NIGHT if by_night else BOOK_BY_DAY) and later
    return Visitor(
        number=number,
        asks_at=asks_at,
        slot_at=dice.choice(later) if books else None,
        by_http=not by_night and dice.random() < plan.by_http,
        phone=tuple(_call(plan, dice) for _ in range(MAX_ATTEMPTS)),
    )


def _call(plan: Plan, dice: random.Random) -> dict[str, Any]:
    """What a phone does when it rings once."""
    drawn = dice.random()
    for kind, share in NOT_REACHED:
        drawn -= share
        if drawn < 0:
            return {"kind": kind, "answer_after": 3}
    return {
        "kind": "answer",
        "answer_after": round(dice.uniform(*ANSWERS_AFTER), 1),
        "hang_up_after": round(dice.expovariate(1 / plan.talk_seconds), 1),
    }


def patience(plan: Plan, callback_id: int, due_at: datetime) -> timedelta:
    """Return how long a visitor waits before cancelling, counted from opening time."""
    dice = random.Random(f"{plan.seed} {callback_id} {due_at.timestamp()}")
    return PATIENCE * dice.expovariate(1)


def half_hours(plan: Plan) -> list[tuple[datetime, datetime]]:
    """The whole day in half hours, the night first."""
    count = int((plan.closes - (OPENS - NIGHT)) / timedelta(minutes=30))
    return list(pairwise(OPENS - NIGHT + each * timedelta(minutes=30) for each in range(count + 1)))
