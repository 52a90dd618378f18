"""The result of a national day: rules, waits, and the distance from queueing theory.

A stay is one time in the queue: from due until an advisor claims the callback or the visitor
cancels. A visitor who did not answer stays again when the retry is due. Waits count from opening
for earlier requests.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import sqrt
from statistics import mean, median, quantiles, stdev
from typing import Any

import psutil
import sqlalchemy as sa
from flask import Flask

from bench.scenarios import national_chart
from bench.scenarios.checks import RULES, check
from bench.scenarios.erlang_a import ErlangA
from bench.scenarios.national_people import LOOK_EVERY_SECONDS, Visitors
from bench.scenarios.national_plan import OPENS, PATIENCE, Plan, half_hours
from bench.table import columns, host, markdown, versions
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import Event, Status

TARGET = timedelta(minutes=20)
SOON = timedelta(minutes=2)
SLACK_SECONDS = 2
BATCHES = 7
_CORES = 2
_OPEN_OF_TEN_MINUTES = 8 * 60
T_95_OF_6 = 2.447
_HANDLED = {Event.REACHED, Event.RETRY, Event.GIVE_UP}


@dataclass(frozen=True)
class Stay:
    """One time in the queue.

    Args:
        over_at: when it ended; None if it had not at the end.
        rung: whether an advisor claimed it.
        back_at: when the advisor was free again.
    """

    due_at: datetime
    over_at: datetime | None
    rung: bool
    back_at: datetime | None = None

    @property
    def wait(self) -> timedelta:
        """How long."""
        assert self.over_at is not None
        return max(self.over_at - max(self.due_at, OPENS), timedelta(0))


@dataclass(frozen=True)
class Compared:
    """One measure of the steady part of the day beside what theory says.

    Args:
        margin: how far they may be apart: what the sample itself leaves open, and how
            finely we look.
    """

    what: str
    measured: float
    theory: float
    margin: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return abs(self.measured - self.theory) <= self.margin


@dataclass
class Day:
    """Everything that the tables say."""

    plan: Plan
    began: float
    seconds: float = 0.0
    callbacks: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    stays: Sequence[Stay] = ()
    asked_at: Sequence[datetime] = ()
    compared: Sequence[Compared] = ()
    model: ErlangA | None = None
    broken: Sequence[str] = ()
    processor: dict[str, float] = field(default_factory=dict)
    open_seconds: float = 0.0
    postgresql: str = ""
    _watched: dict[str, list[int]] = field(default_factory=dict)
    _before: dict[str, float] = field(default_factory=dict)

    @property
    def missed(self) -> list[str]:
        """Where theory and the day are further apart than the margin."""
        return [
            f"{each.what}: {each.measured:.3g} where theory has {each.theory:.3g} {each.unit}"
            for each in self.compared
            if not each.holds
        ]

    def watch(self, name: str, processes: Sequence[int]) -> None:
        """Counts the processor that these take."""
        if processes:
            self._watched[name] = list(processes)

    def opens(self) -> None:
        """From here on it counts."""
        self._before = {name: _taken(name, of) for name, of in self._watched.items()}
        self.open_seconds = -time.monotonic()

    def closes(self) -> None:
        """It counts no more."""
        self.open_seconds += time.monotonic()
        self.processor = self._since()

    def busy(self) -> str:
        """How many cores are taken, on average since opening."""
        passed = time.monotonic() + self.open_seconds
        since = {name: taken / passed for name, taken in self._since().items()}
        return f"{sum(since.values()):.1f} cores"

    def _since(self) -> dict[str, float]:
        return {name: _taken(name, of) - self._before[name] for name, of in self._watched.items()}


def _taken(name: str, processes: Sequence[int]) -> float:
    """The visitors' process is also the one that started all others."""
    if name == "visitors":
        return time.process_time()
    return sum(_seconds(each) for each in processes)


def _seconds(process: int) -> float:
    """The seconds of processor that a process and all below it have taken so far."""
    try:
        first = psutil.Process(process)
        family = [first, *first.children(recursive=True)]
        return float(sum(sum(each.cpu_times()[:4]) for each in family))
    except psutil.NoSuchProcess:  # It has ended meanwhile.
        return 0.0


def look(app: Flask, phones: Any, visitors: Visitors, day: Day, troubles: Sequence[str]) -> None:
    """Fills in everything that the database and the carrier know."""
    tokens = [token for token, _ in visitors.tokens.values()]
    if not_asked := day.plan.callbacks - len(tokens):
        troubles = [*troubles, f"{not_asked} visitors did not come to ask"]
    slack = timedelta(seconds=SLACK_SECONDS * day.plan.speed)
    checked = check(app, phones, tokens, troubles, slack)
    day.callbacks, day.broken = checked.callbacks, checked.broken
    with app.app_context():
        session = db.session()
        asked = session.execute(sa.select(Callback.requested_at, Callback.slot_at)).all()
        day.postgresql = str(session.scalar(sa.text("SHOW server_version"))).partition(" ")[0]
        day.stays = stays_of(session)
        attempts = session.scalar(sa.select(sa.func.count(Attempt.id))) or 0
    day.asked_at = [each.requested_at for each in asked]
    day.counts = {
        "booked a time": sum(each.slot_at is not None for each in asked),
        "asked through the JSON API": sum(http for _, http in visitors.tokens.values()),
        "attempts": attempts,
        "advisors' phones rang": len(checked.world.advisor_calls),
        "visitors' phones rang": len(checked.world.rings),
        "visitors talked": len(checked.world.talked),
    }
    compare(day)


def stays_of(session: Any) -> list[Stay]:
    """Every stay in the queue, from the history."""
    events = session.execute(
        sa.select(
            CallbackEvent.callback_id,
            CallbackEvent.event,
            CallbackEvent.at,
            CallbackEvent.to_status,
            CallbackEvent.due_at,
        ).order_by(CallbackEvent.callback_id, CallbackEvent.id)
    ).all()
    return [
        stay
        for _, history in groupby(events, key=lambda each: each.callback_id)
        for stay in stays_in(list(history))
    ]


def stays_in(history: Sequence[Any]) -> list[Stay]:
    """The stays of one callback.

    Args:
        history: its events, the first one first.
    """
    found: list[Stay] = []
    due: datetime | None = None
    for each in history:
        if each.event in _HANDLED and found:
            found[-1] = replace(found[-1], back_at=each.at)
        if each.to_status == Status.WAITING:
            due = max(each.due_at or each.at, each.at)
        elif due is not None:
            found.append(Stay(due, each.at, rung=each.event == Event.CLAIM))
            due = None
    if due is not None:
        found.append(Stay(due, None, rung=False))
    return found


def compare(day: Day) -> None:
    """Holds the steady part of the day against Erlang A, which is given what was measured of what
    came and how long it took, and says what waits that must have made."""
    begin, end = day.plan.steady
    steady = [each for each in day.stays if begin <= each.due_at < end and each.over_at]
    handled = [
        (each.back_at - each.over_at).total_seconds()
        for each in day.stays
        if each.rung and each.back_at and each.over_at and begin <= each.over_at < end
    ]
    if len(steady) < BATCHES or not handled:
        return
    hours = (end - begin) / timedelta(hours=1)
    day.model = model = ErlangA(
        len(steady) / hours, mean(handled), PATIENCE.total_seconds(), day.plan.advisors
    )
    look_seconds = 1.5 * LOOK_EVERY_SECONDS * day.plan.speed
    batches = [
        [each for each in steady if place == int((each.due_at - begin) / (end - begin) * BATCHES)]
        for place in range(BATCHES)
    ]

    def beside(
        what: str, of: Callable[[Stay], float], theory: float, fine: float, unit: str
    ) -> Compared:
        measured = mean(of(each) for each in steady)
        margin = T_95_OF_6 * _spread(batches, of) / sqrt(BATCHES) + fine
        return Compared(what, measured, theory, margin, unit)

    def rung_within(span: timedelta) -> Callable[[Stay], float]:
        return lambda each: 100.0 * (each.rung and each.wait <= span)

    within_target, within_soon = (
        100 * model.served_within(span.total_seconds()) for span in (TARGET, SOON)
    )
    fine = 100 * look_seconds / PATIENCE.total_seconds()
    day.compared = [
        beside("average wait", lambda each: each.wait.total_seconds(), model.wait_seconds,
               look_seconds, "s"),
        beside("cancelled while waiting", lambda each: 100.0 * (not each.rung),
               100 * model.gives_up, fine, "%"),
        beside("rung within 20 minutes", rung_within(TARGET), within_target, fine, "%"),
        beside("rung within 2 minutes", rung_within(SOON), within_soon,
               fine + 100 * _slope(model, look_seconds), "%"),
    ]  # fmt: skip


def _slope(model: ErlangA, seconds: float) -> float:
    """How much of the service level a wait that is longer by so much takes."""
    soon = SOON.total_seconds()
    return abs(model.served_within(soon) - model.served_within(max(0.0, soon - seconds)))


def _spread(batches: Sequence[Sequence[Stay]], of: Callable[[Stay], float]) -> float:
    """The standard deviation between the means of the batches."""
    means = [mean(of(each) for each in batch) for batch in batches if batch]
    return stdev(means) if len(means) > 1 else 0.0


def rows_of(day: Day) -> list[tuple[str, str]]:
    """What came of the day."""
    over = [each for each in day.stays if each.over_at]
    waits = [each.wait / timedelta(minutes=1) for each in over if each.rung]
    may = [each for each in over if each.rung or each.wait > TARGET]
    within = sum(each.rung and each.wait <= TARGET for each in may)
    rows = [(f"callbacks: {name}", f"{count:,}") for name, count in sorted(day.callbacks.items())]
    rows += [(name, f"{count:,}") for name, count in day.counts.items()]
    if waits:
        tenths = quantiles(waits, n=10) if len(waits) > 1 else waits
        rows += [
            ("service level (rung within 20 minutes)", f"{100 * within / max(1, len(may)):.1f} %"),
            ("average wait of those rung, minutes", f"{mean(waits):.1f}"),
            ("median wait, minutes", f"{median(waits):.1f}"),
            ("wait of nine in ten, minutes", f"{tenths[-1]:.1f}"),
        ]
    ended = max(1, day.counts.get("attempts", 0))
    for name, taken in sorted(day.processor.items(), key=lambda each: -each[1]):
        rows.append((f"processor: {name}, ms an attempt", f"{1000 * taken / ended:.0f}"))
    in_all = sum(day.processor.values())
    rows += [
        ("processor: all, ms an attempt", f"{1000 * in_all / ended:.0f}"),
        ("cores taken while open", f"{_cores_taken(day):.2f}"),
        ("attempts a second", f"{ended / max(0.1, day.open_seconds):.1f}"),
        ("whole run, seconds", f"{day.seconds:.0f}"),
        (f"rules broken, of {RULES} and the carrier's record",
         str(len(day.broken))),
    ]  # fmt: skip
    return rows


def _cores_taken(day: Day) -> float:
    return sum(day.processor.values()) / max(0.1, day.open_seconds)


def compared_rows(day: Day) -> list[tuple[str, ...]]:
    """Theory beside the day."""
    return [
        (
            each.what,
            f"{each.measured:.1f} {each.unit}",
            f"{each.theory:.1f} {each.unit}",
            f"{abs(each.measured - each.theory):.1f}",
            f"{each.margin:.1f}",
            "holds" if each.holds else "MISSED",
        )
        for each in day.compared
    ]


def as_text(day: Day) -> str:
    """The tables for a terminal."""
    return "\n\n".join(
        (
            columns(rows_of(day)),
            _in_words(day),
            columns([_heads(day), *compared_rows(day)]),
            columns([_HALF_HOUR_HEADS, *half_hour_rows(day)]),
        )
    )


def _heads(day: Day) -> tuple[str, ...]:
    begin, end = (each.astimezone(OPENS.tzinfo) for each in day.plan.steady)
    return (f"{begin:%H:%M} to {end:%H:%M}", "measured", "Erlang A", "apart", "margin", "")


def _how_full(day: Day) -> str:
    """Whether the machine carried them, and how many such a day could have."""
    model = day.model
    if model is not None and model.load > model.servers:
        cancelled = 100 * day.callbacks.get(Status.CANCELLED, 0) / max(1, len(day.asked_at))
        return (
            f"More asked than {_CORES} cores carry in that time: all processes together took "
            f"{_cores_taken(day):.2f}, so a call kept an advisor for "
            f"{model.service_seconds:.0f} s, of which people talk {day.plan.talk_seconds:.0f}. "
            f"{cancelled:.0f} % of all did not wait so long and cancelled."
        )
    each = sum(day.processor.values()) / max(1, len(day.asked_at))
    fit = _CORES * _OPEN_OF_TEN_MINUTES / each if each else 0
    return (
        f"For each callback that was asked for, all processes took {1000 * each:.0f} ms of "
        f"processor, so {_CORES} cores that do nothing else bear {fit:,.0f} at most in the eight "
        f"of ten minutes in which the doors are open."
    )


def _in_words(day: Day) -> str:
    if day.model is None:
        return "Too few in the level part of the day to be held against theory."
    model = day.model
    return (
        f"{model.an_hour:,.0f} became due an hour, each kept an advisor for "
        f"{model.service_seconds:.0f} s: {model.load:.1f} erlangs for {model.servers} advisors."
    )


_HALF_HOUR_HEADS = ("from", "asked", "became due", "rung", "cancelled", "average wait, minutes")


@dataclass(frozen=True)
class HalfHour:
    """What happened in half an hour."""

    begins: datetime
    asked: int
    due: int
    rung: int
    cancelled: int
    wait_minutes: float | None


def by_half_hour(day: Day) -> list[HalfHour]:
    """The whole day. Waits are those of who became due (or, before opening, came) then."""
    found = []
    for begin, end in half_hours(day.plan):
        due = [each for each in day.stays if begin <= max(each.due_at, OPENS) < end]
        over = [each for each in day.stays if each.over_at and begin <= each.over_at < end]
        waits = [each.wait / timedelta(minutes=1) for each in due if each.over_at and each.rung]
        found.append(
            HalfHour(
                begin,
                sum(begin <= each < end for each in day.asked_at),
                len(due),
                sum(each.rung for each in over),
                sum(not each.rung for each in over),
                mean(waits) if waits else None,
            )
        )
    return found


def half_hour_rows(day: Day) -> list[tuple[str, ...]]:
    """The day as a table."""
    return [
        (
            f"{each.begins:%H:%M}",
            str(each.asked),
            str(each.due),
            str(each.rung),
            str(each.cancelled),
            "" if each.wait_minutes is None else f"{each.wait_minutes:.1f}",
        )
        for each in by_half_hour(day)
    ]


def as_picture(day: Day) -> str:
    """The day as SVG."""
    return national_chart.drawn(by_half_hour(day))


def as_page(day: Day) -> str:
    """bench/scenarios/NATIONAL_DAY.md."""
    plan = day.plan
    results = "\n".join(f"| {name} | {value} |" for name, value in rows_of(day))
    compared = markdown(compared_rows(day))
    halves = markdown(half_hour_rows(day))
    held = "every rule held" if not day.broken else f"{len(day.broken)} rules were broken"
    return f"""\
# A national day: {plan.callbacks:,} callbacks, {plan.advisors} advisors

Written by `make simulate ARGS="--callbacks {plan.callbacks} --advisors {plan.advisors} \
--speed {plan.speed:g} --open-hours {plan.open_hours:g} --write"`. It took {day.seconds:.0f} s;
{held}. {_how_full(day)}

![Requests and first calls in each half hour, and waits]\
(national-day.svg)

PostgreSQL, web under gunicorn (2 processes), two workers and the simulated carrier are real
processes, with one clock that runs {plan.speed:g} times as fast as a real one. Advisors act through
the same functions as their desk: claim, Call, wait for the end, record the outcome.
{100 * plan.by_http:.0f} % of those who ask by day ask (and cancel) through the JSON API
over HTTP, the others through these functions. Those who ask at night do so before the run, each at
their own time of the night. Rate limits are off: all come from one address. At the end the
rules of tests/stateful/rules.py are checked against the database and the carrier's record of which
phone rang when; those who still wait at closing are kept for the next opening.

| what | how many |
| --- | ---: |
{results}

## Beside queueing theory

In the level part of the day as many ask in every hour, at random, and nobody is booked.
{_in_words(day)}
Each waiting visitor cancels after a time of their own, exponential
with a mean of {PATIENCE // timedelta(minutes=1)} minutes. Erlang A (`erlang_a.py`) is given
these four numbers and predicts the rest. A visitor who is not reached arrives again when the next
attempt is due.

The margin is the 95 % confidence interval of the measured mean (the means of {BATCHES} equal parts
of the time, Student's t), and what the simulation cannot see: people look every
{LOOK_EVERY_SECONDS} real seconds, which are {LOOK_EVERY_SECONDS * plan.speed:.0f} of this day.

| {" | ".join(_heads(day))} |
| --- | ---: | ---: | ---: | ---: | --- |
{compared}

## The day

| {" | ".join(_HALF_HOUR_HEADS)} |
| --- | ---: | ---: | ---: | ---: | ---: |
{halves}

Machine: {host()} (load {os.getloadavg()[0]:.1f} at the end). \
{versions(day.postgresql, "sqlalchemy", "gunicorn")}; nothing is synced to disk. Seed {plan.seed}.
"""
