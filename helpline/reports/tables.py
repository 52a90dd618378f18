"""The tables of the reports, for their pages and for export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.directory.referrals.models import ServiceEntry
from helpline.domain.report_figures import SUPPRESSED_BELOW, suppress_small_counts
from helpline.reports import figures
from helpline.reports.daily_counts import Measure, day_bounds
from helpline.reports.figures import Days, Share, Sums, Target

WAIT_BANDS = (5, 10, 20, 30, 60, 120)
"""Upper bounds of the bands of waiting, in minutes; the last row is of longer waits."""

SUPPRESSED = "*"
"""Replaces a suppressed count in exports for outsiders."""

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: its name in the export.
        counts: whether it counts people, so that small counts are suppressed for outsiders.
        derived_from: columns whose small counts this one would reveal.
    """

    name: str
    counts: bool = False
    derived_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of text, numbers and None.

    Args:
        group: the column whose equal values share a total that may be known.
    """

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    group: int | None = None

    def for_outsiders(self) -> Table:
        """Suppress counts under five, and those that a total would reveal."""
        rows = [list(row) for row in self.rows]
        indexes = {item.name: index for index, item in enumerate(self.columns)}
        for index, column in enumerate(self.columns):
            if column.counts:
                self._suppress(rows, index)
        for index, column in enumerate(self.columns):
            for row in rows:
                if any(row[indexes[other]] == SUPPRESSED for other in column.derived_from):
                    row[index] = SUPPRESSED
        return replace(self, rows=[tuple(row) for row in rows])

    def _suppress(self, rows: list[list[Any]], index: int) -> None:
        groups: dict[Any, list[list[Any]]] = {}
        for row in rows:
            groups.setdefault(None if self.group is None else row[self.group], []).append(row)
        for members in groups.values():
            counts = suppress_small_counts([row[index] or 0 for row in members])
            for row, count in zip(members, counts, strict=True):
                row[index] = SUPPRESSED if count is None else count


@dataclass(frozen=True)
class Source:
    """The data that tables are built from, each read once."""

    session: Session
    days: Days
    target: Target
    sums: Sums
    _tables: dict[str, Table] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        if name not in self._tables:
            self._tables[name] = TABLES[name].build(self)
        return self._tables[name]

    @cached_property
    def passed(self) -> frozenset[str]:
        return figures.hours_passed(self.session, self.days)

    @cached_property
    def workloads(self) -> Sequence[figures.AdvisorWorkload]:
        return figures.advisor_workloads(self.session, self.sums)


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table that can be requested.

    Args:
        measures: the measures it needs.
        outside: whether outsiders may have it.
    """

    measures: tuple[Measure, ...]
    build: Callable[[Source], Table]
    outside: bool = True


def load_source(session: Session, days: Days, target: Target, *names: str) -> Source:
    """Read the data of some tables once."""
    measures = {measure for name in names for measure in TABLES[name].measures}
    totals = figures.load_sums(session, days, measures) if measures else Sums({})
    return Source(session, days, target, totals)


def _summary(source: Source) -> Table:
    key_figures = figures.summarize(source.sums, source.target)
    rows = [
        ("requests", key_figures.requests, None, key_figures.requests),
        ("asked_while_closed", *_share_columns(key_figures.asked_closed)),
        ("rung", key_figures.rung, None, key_figures.rung),
        ("service_level", *_share_columns(key_figures.service_level)),
        ("average_wait_minutes", None, _round(key_figures.average_wait), key_figures.rung),
        ("median_wait_minutes", None, key_figures.median_wait, key_figures.rung),
        ("wait_of_90_percent_minutes", None, key_figures.wait_90th_percentile, key_figures.rung),
        ("left_before_rung", *_share_columns(key_figures.left)),
        ("left_before_their_time", key_figures.cancelled_early, None, key_figures.cancelled_early),
        ("still_waiting", key_figures.waiting, None, key_figures.waiting),
        ("first_try_reached", *_share_columns(key_figures.first_reached)),
        ("tries_until_reached", None, _round(key_figures.tries), key_figures.reached),
        ("reached", key_figures.reached, None, key_figures.reached),
        ("not_reached", key_figures.not_reached, None, key_figures.not_reached),
        ("tries", key_figures.attempts, None, key_figures.attempts),
        ("talk_minutes", None, _round(key_figures.talk), key_figures.attempts),
        ("wrap_up_minutes", None, _round(key_figures.wrap_up), key_figures.attempts),
        ("handling_minutes", None, _round(key_figures.handling), key_figures.attempts),
        ("calls_in", key_figures.calls_in, None, key_figures.calls_in),
        ("calls_in_answered", *_share_columns(Share(key_figures.answered, key_figures.calls_in))),
    ]
    return _Summary(
        (Column("measure"), Column("number"), Column("value"), Column("of")),
        rows,
    )


class _Summary(Table):
    """A table whose rows are single figures: one based on few people is suppressed as a whole."""

    __slots__ = ()

    def for_outsiders(self) -> Table:
        return replace(self, rows=[self._told(*row) for row in self.rows])

    @staticmethod
    def _told(name: str, number: int | None, value: Any, of: int) -> tuple[Any, ...]:
        rest = of - number if number is not None and value is not None else SUPPRESSED_BELOW
        few = min(of, rest, SUPPRESSED_BELOW if number is None else number) < SUPPRESSED_BELOW
        return (name, SUPPRESSED, SUPPRESSED, SUPPRESSED) if few else (name, number, value, of)


def _days(source: Source) -> Table:
    rows = [
        (
            day.day.isoformat(),
            day.requests,
            day.rung,
            _round(day.average_wait),
            day.service_level.part,
            day.service_level.whole,
            _percent(day.service_level),
            day.left,
            day.reached,
        )
        for day in figures.by_day(source.session, source.days, source.target)
    ]
    columns = (
        Column("day"),
        Column("requests", counts=True),
        Column("rung", counts=True),
        Column("average_wait_minutes", derived_from=("rung",)),
        Column("rung_in_time", counts=True),
        Column("to_be_rung", counts=True),
        Column("service_level_percent", derived_from=("rung_in_time", "to_be_rung")),
        Column("left_before_rung", counts=True),
        Column("reached", counts=True),
    )
    return Table(columns, rows)


def _by_part(measure: Measure, part: str, number: str) -> Callable[[Source], Table]:
    """Return a table of one measure by part, highest count first."""

    def build(source: Source) -> Table:
        counts = source.sums.of(measure)
        rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return Table((Column(part), Column(number, counts=True)), rows)

    return build


def _waits(source: Source) -> Table:
    rung, abandoned = (
        source.sums.waits(measure) for measure in (Measure.FIRST_CALLS, Measure.ABANDONED_WAITS)
    )
    rows, below = [], -1
    for most in (*WAIT_BANDS, None):
        within = [
            sum(
                number
                for minutes, number in waits.items()
                if minutes > below and (most is None or minutes <= most)
            )
            for waits in (rung, abandoned)
        ]
        rows.append((most, *within))
        below = most if most is not None else below
    columns = (
        Column("up_to_minutes"),
        Column("rung", counts=True),
        Column("left_before_rung", counts=True),
    )
    return Table(columns, rows)


def _attempts(source: Source) -> Table:
    reached, in_vain = (
        source.sums.of(measure)
        for measure in (Measure.ATTEMPTS_UNTIL_REACHED, Measure.ATTEMPTS_NOT_REACHED)
    )
    rows = [
        (int(attempts), reached.get(attempts, 0), in_vain.get(attempts, 0))
        for attempts in sorted({*reached, *in_vain}, key=int)
    ]
    columns = (Column("tries"), Column("reached", counts=True), Column("not_reached", counts=True))
    return Table(columns, rows)


def _hours(source: Source) -> Table:
    names = (
        Measure.ASKED,
        Measure.REQUESTS_WHILE_CLOSED,
        Measure.ATTEMPTS,
        Measure.INBOUND_WHILE_OPEN,
        Measure.OPEN,
    )
    counts = [source.sums.of(item) for item in names]
    passed = source.passed
    rows = [
        (weekday, hour, *(item.get(f"{weekday}{hour:02}", 0) for item in counts))
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
            item.name,
            item.attempts,
            item.reached,
            _round(item.talk),
            _round(item.wrap_up),
            round(item.hours, 1),
            item.answered,
        )
        for item in source.workloads
    ]
    names = ("advisor", "tries", "reached", "talk_minutes", "wrap_up_minutes", "hours_with_calls")
    columns = tuple(Column(item) for item in (*names, "calls_in_answered"))
    return Table(columns, rows)


def _referrals(source: Source) -> Table:
    counts = {
        int(service_id): number for service_id, number in source.sums.of(Measure.REFERRALS).items()
    }
    services = source.session.execute(
        sa.select(ServiceEntry.name, ServiceEntry.id).where(ServiceEntry.id.in_(counts))
    )
    rows = sorted(
        ((name, counts[service_id]) for name, service_id in services),
        key=lambda row: (-row[1], row[0]),
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
    start, end = day_bounds(days.first, days.zone)[0], day_bounds(days.last, days.zone)[1]
    position: tuple[datetime, int] = (start, 0)
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
                Callback.requested_at >= position[0],
                Callback.requested_at < end,
                sa.or_(Callback.requested_at > position[0], Callback.id > position[1]),
            )
            .order_by(Callback.requested_at, Callback.id)
            .limit(_BATCH)
        ).all()
        session.rollback()
        for at, _id, *details, slot_at, status, attempts, disposition, ended_at, erased_at in batch:
            yield (
                _local_time(at, days),
                *details,
                _local_time(slot_at, days),
                str(status),
                attempts,
                disposition,
                _local_time(ended_at, days),
                erased_at is not None,
            )
        if len(batch) < _BATCH:
            return
        position = (batch[-1].requested_at, batch[-1].id)


TABLES: Mapping[str, TableKind] = {
    "summary": TableKind(figures.SUMMARY_MEASURES, _summary),
    "days": TableKind((), _days),
    "channels": TableKind((Measure.REQUESTS,), _by_part(Measure.REQUESTS, "channel", "requests")),
    "pages": TableKind((Measure.PAGES,), _by_part(Measure.PAGES, "page", "requests")),
    "waits": TableKind((Measure.FIRST_CALLS, Measure.ABANDONED_WAITS), _waits),
    "left": TableKind((Measure.LEFT,), _by_part(Measure.LEFT, "how", "callbacks")),
    "outcomes": TableKind((Measure.OUTCOMES,), _by_part(Measure.OUTCOMES, "outcome", "callbacks")),
    "tries": TableKind((Measure.ATTEMPTS_UNTIL_REACHED, Measure.ATTEMPTS_NOT_REACHED), _attempts),
    "dispositions": TableKind(
        (Measure.DISPOSITIONS,), _by_part(Measure.DISPOSITIONS, "disposition", "tries")
    ),
    "not_rung": TableKind((Measure.NOT_CALLED,), _by_part(Measure.NOT_CALLED, "why", "tries")),
    "calls_in": TableKind(
        (Measure.INBOUND_CALLS,), _by_part(Measure.INBOUND_CALLS, "outcome", "calls")
    ),
    "referrals": TableKind((Measure.REFERRALS,), _referrals),
    "hours": TableKind(
        (
            *(Measure.ASKED, Measure.REQUESTS_WHILE_CLOSED, Measure.ATTEMPTS),
            *(Measure.INBOUND_WHILE_OPEN, Measure.OPEN),
        ),
        _hours,
    ),
    "advisors": TableKind(figures.ADVISOR_MEASURES, _advisors, outside=False),
}


def _share_columns(share: Share) -> tuple[int, float | None, int]:
    return share.part, _percent(share), share.whole


def _percent(share: Share) -> float | None:
    return None if share.share is None else round(float(100 * share.share), 1)


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def _local_time(at: datetime | None, days: Days) -> str | None:
    return None if at is None else at.astimezone(days.zone).isoformat(timespec="seconds")
