"""The tables of the reports, for their pages and for export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.directory.referrals.models import ServiceEntry
from helpline.domain.report_figures import FEW, for_outside
from helpline.reports import figures
from helpline.reports.daily_counts import Measure, bounds
from helpline.reports.figures import Days, Part, Sums, Target

BANDS = (5, 10, 20, 30, 60, 120)
"""Upper bounds of the bands of waiting, in minutes; the last row is of longer waits."""

NOT_TOLD = "*"
"""Replaces a suppressed count in exports for outsiders."""

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: its name in the export.
        counts: whether it counts people, so that small counts are suppressed for outsiders.
        rests_on: columns whose small counts this one would reveal.
    """

    name: str
    counts: bool = False
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of text, numbers and None.

    Args:
        group: the column whose equal values share a total that may be known.
    """

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    group: int | None = None

    def as_told_outside(self) -> Table:
        """Return the table for outsiders: without counts under five and those a total would
        reveal.
        """
        rows = [list(row) for row in self.rows]
        places = {each.name: place for place, each in enumerate(self.columns)}
        for place, column in enumerate(self.columns):
            if column.counts:
                self._leave_out(rows, place)
        for place, column in enumerate(self.columns):
            for row in rows:
                if any(row[places[other]] == NOT_TOLD for other in column.rests_on):
                    row[place] = NOT_TOLD
        return replace(self, rows=[tuple(row) for row in rows])

    def _leave_out(self, rows: list[list[Any]], place: int) -> None:
        groups: dict[Any, list[list[Any]]] = {}
        for row in rows:
            groups.setdefault(None if self.group is None else row[self.group], []).append(row)
        for members in groups.values():
            told = for_outside([row[place] or 0 for row in members])
            for row, each in zip(members, told, strict=True):
                row[place] = NOT_TOLD if each is None else each


@dataclass(frozen=True, slots=True)
class Source:
    """The data that tables are built from."""

    session: Session
    days: Days
    target: Target
    sums: Sums


@dataclass(frozen=True, slots=True)
class Kind:
    """A table that can be requested.

    Args:
        measures: the measures it needs.
        outside: whether outsiders may have it.
    """

    measures: tuple[Measure, ...]
    build: Callable[[Source], Table]
    outside: bool = True


def source_of(session: Session, days: Days, target: Target, *names: str) -> Source:
    """Read the data of some tables once."""
    wanted = {measure for name in names for measure in TABLES[name].measures}
    found = figures.sums(session, days, wanted) if wanted else Sums({})
    return Source(session, days, target, found)


def _summary(source: Source) -> Table:
    found = figures.summary(source.sums, source.target)
    rows = [
        ("requests", found.requests, None, found.requests),
        ("asked_while_closed", *_part(found.asked_closed)),
        ("rung", found.rung, None, found.rung),
        ("service_level", *_part(found.service_level)),
        ("average_wait_minutes", None, _round(found.average_wait), found.rung),
        ("median_wait_minutes", None, found.median_wait, found.rung),
        ("wait_of_90_percent_minutes", None, found.longest_of_nine_in_ten, found.rung),
        ("left_before_rung", *_part(found.left)),
        ("left_before_their_time", found.left_early, None, found.left_early),
        ("still_waiting", found.waiting, None, found.waiting),
        ("first_try_reached", *_part(found.first_reached)),
        ("tries_until_reached", None, _round(found.tries), found.reached),
        ("reached", found.reached, None, found.reached),
        ("not_reached", found.not_reached, None, found.not_reached),
        ("tries", found.attempts, None, found.attempts),
        ("talk_minutes", None, _round(found.talk), found.attempts),
        ("wrap_up_minutes", None, _round(found.wrap_up), found.attempts),
        ("handling_minutes", None, _round(found.handling), found.attempts),
        ("calls_in", found.calls_in, None, found.calls_in),
        ("calls_in_answered", *_part(Part(found.answered, found.calls_in))),
    ]
    return _Summary(
        (Column("measure"), Column("number"), Column("value"), Column("of")),
        rows,
    )


class _Summary(Table):
    """A table whose rows are single figures: one based on few people is suppressed as a whole."""

    __slots__ = ()

    def as_told_outside(self) -> Table:
        return replace(self, rows=[self._told(*row) for row in self.rows])

    @staticmethod
    def _told(name: str, number: int | None, value: Any, of: int) -> tuple[Any, ...]:
        rest = of - number if number is not None and value is not None else FEW
        few = min(of, rest, FEW if number is None else number) < FEW
        return (name, NOT_TOLD, NOT_TOLD, NOT_TOLD) if few else (name, number, value, of)


def _days(source: Source) -> Table:
    rows = [
        (
            each.day.isoformat(),
            each.requests,
            each.rung,
            _round(each.average_wait),
            each.service_level.part,
            each.service_level.whole,
            _percent(each.service_level),
            each.left,
            each.reached,
        )
        for each in figures.by_day(source.session, source.days, source.target)
    ]
    columns = (
        Column("day"),
        Column("requests", counts=True),
        Column("rung", counts=True),
        Column("average_wait_minutes", rests_on=("rung",)),
        Column("rung_in_time", counts=True),
        Column("to_be_rung", counts=True),
        Column("service_level_percent", rests_on=("rung_in_time", "to_be_rung")),
        Column("left_before_rung", counts=True),
        Column("reached", counts=True),
    )
    return Table(columns, rows)


def _simple(measure: Measure, part: str, number: str) -> Callable[[Source], Table]:
    """Return a table of one measure by part, highest count first."""

    def build(source: Source) -> Table:
        found = source.sums.of(measure)
        rows = sorted(found.items(), key=lambda each: (-each[1], each[0]))
        return Table((Column(part), Column(number, counts=True)), rows)

    return build


def _waits(source: Source) -> Table:
    rung, left = (source.sums.waits(each) for each in (Measure.RUNG, Measure.LEFT_WAIT))
    rows, below = [], -1
    for most in (*BANDS, None):
        within = [
            sum(
                number
                for minutes, number in waits.items()
                if minutes > below and (most is None or minutes <= most)
            )
            for waits in (rung, left)
        ]
        rows.append((most, *within))
        below = most if most is not None else below
    columns = (
        Column("up_to_minutes"),
        Column("rung", counts=True),
        Column("left_before_rung", counts=True),
    )
    return Table(columns, rows)


def _tries(source: Source) -> Table:
    reached, in_vain = (source.sums.of(each) for each in (Measure.TRIES, Measure.TRIES_IN_VAIN))
    rows = [
        (int(tries), reached.get(tries, 0), in_vain.get(tries, 0))
        for tries in sorted({*reached, *in_vain}, key=int)
    ]
    columns = (Column("tries"), Column("reached", counts=True), Column("not_reached", counts=True))
    return Table(columns, rows)


def _hours(source: Source) -> Table:
    names = (Measure.ASKED, Measure.ASKED_CLOSED, Measure.ATTEMPTS, Measure.RANG_IN, Measure.OPEN)
    found = [source.sums.of(each) for each in names]
    passed = figures.hours_passed(source.session, source.days)
    rows = [
        (weekday, hour, *(each.get(f"{weekday}{hour:02}", 0) for each in found))
        for weekday in range(7)
        for hour in range(24)
        if f"{weekday}{hour:02}" in passed
    ]
    columns = (
        Column("weekday"),
        Column("hour"),
        Column("requests", counts=True),
        Column("requests_while_closed", counts=True),
        Column("tries", counts=True),
        Column("calls_in_while_open", counts=True),
        Column("minutes_open"),
    )
    return Table(columns, rows, group=0)


def _advisors(source: Source) -> Table:
    rows = [
        (
            each.name,
            each.attempts,
            each.reached,
            _round(each.talk),
            _round(each.wrap_up),
            round(each.hours, 1),
            each.answered,
        )
        for each in figures.advisors(source.session, source.sums)
    ]
    names = ("advisor", "tries", "reached", "talk_minutes", "wrap_up_minutes", "hours_with_calls")
    columns = tuple(Column(each) for each in (*names, "calls_in_answered"))
    return Table(columns, rows)


def _referrals(source: Source) -> Table:
    found = {int(place): number for place, number in source.sums.of(Measure.REFERRALS).items()}
    known = source.session.execute(
        sa.select(ServiceEntry.name, ServiceEntry.id).where(ServiceEntry.id.in_(found))
    )
    rows = sorted(
        ((name, found[place]) for name, place in known), key=lambda row: (-row[1], row[0])
    )
    return Table((Column("place"), Column("referrals", counts=True)), rows)


CALLBACKS = "callbacks"
"""The table with one row per callback instead of sums."""

CALLBACK_COLUMNS = (
    *("requested_at", "channel", "page", "language", "region", "booked_for", "status"),
    *("tries", "disposition", "ended_at", "erased"),
)


def callbacks(session: Session, days: Days) -> Iterator[tuple[Any, ...]]:
    """Iterate over every callback requested in a range, in order, without personal data.

    Each batch is a query of its own, so neither memory nor the database holds them all, and no
    transaction is open while a slow connection downloads them.
    """
    start, end = bounds(days.first, days.zone)[0], bounds(days.last, days.zone)[1]
    place: tuple[datetime, int] = (start, 0)
    while True:
        batch = session.execute(
            sa.select(
                Callback.requested_at,
                Callback.id,
                Callback.channel,
                Callback.source_page,
                Callback.language,
                Callback.phone_region,
                Callback.slot_at,
                Callback.status,
                Callback.attempts_used,
                Callback.disposition,
                Callback.ended_at,
                Callback.erased_at,
            )
            .where(
                Callback.requested_at >= place[0],
                Callback.requested_at < end,
                sa.or_(Callback.requested_at > place[0], Callback.id > place[1]),
            )
            .order_by(Callback.requested_at, Callback.id)
            .limit(_BATCH)
        ).all()
        session.rollback()
        for at, _id, *told, slot_at, status, tries, disposition, ended_at, erased_at in batch:
            yield (
                _moment(at, days),
                *told,
                _moment(slot_at, days),
                str(status),
                tries,
                disposition,
                _moment(ended_at, days),
                erased_at is not None,
            )
        if len(batch) < _BATCH:
            return
        place = (batch[-1].requested_at, batch[-1].id)


TABLES: Mapping[str, Kind] = {
    "summary": Kind(figures.IN_SUMMARY, _summary),
    "days": Kind((), _days),
    "channels": Kind((Measure.REQUESTS,), _simple(Measure.REQUESTS, "channel", "requests")),
    "pages": Kind((Measure.PAGES,), _simple(Measure.PAGES, "page", "requests")),
    "waits": Kind((Measure.RUNG, Measure.LEFT_WAIT), _waits),
    "left": Kind((Measure.LEFT,), _simple(Measure.LEFT, "how", "callbacks")),
    "outcomes": Kind((Measure.OUTCOMES,), _simple(Measure.OUTCOMES, "outcome", "callbacks")),
    "tries": Kind((Measure.TRIES, Measure.TRIES_IN_VAIN), _tries),
    "dispositions": Kind(
        (Measure.DISPOSITIONS,), _simple(Measure.DISPOSITIONS, "disposition", "tries")
    ),
    "not_rung": Kind((Measure.NOT_RUNG,), _simple(Measure.NOT_RUNG, "why", "tries")),
    "calls_in": Kind((Measure.CALLS_IN,), _simple(Measure.CALLS_IN, "outcome", "calls")),
    "referrals": Kind((Measure.REFERRALS,), _referrals),
    "hours": Kind(
        (
            *(Measure.ASKED, Measure.ASKED_CLOSED, Measure.ATTEMPTS),
            *(Measure.RANG_IN, Measure.OPEN),
        ),
        _hours,
    ),
    "advisors": Kind(figures.OF_ADVISORS, _advisors, outside=False),
}


def _part(found: Part) -> tuple[int, float | None, int]:
    return found.part, _percent(found), found.whole


def _percent(found: Part) -> float | None:
    return None if found.share is None else round(float(100 * found.share), 1)


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def _moment(at: datetime | None, days: Days) -> str | None:
    return None if at is None else at.astimezone(days.zone).isoformat(timespec="seconds")
