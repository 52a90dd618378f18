"""The opening hours that an admin has set, as one immutable value.

A change makes another plan, which is previewed, checked against the bookings and saved whole, so
every saved version states completely what was in force from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpline.domain.errors import DomainError, InvalidHours
from helpline.domain.opening_hours import (
    Closure,
    Interval,
    OpeningHours,
    Period,
    SpecialDay,
    Week,
    WeekVersion,
    intervals_from_data,
    merge_periods,
    stretches_of_one_offset,
)

MAX_EXCEPTION_DAYS = 366
MAX_EMERGENCY_CLOSURE = timedelta(days=31)
MAX_REASON_LENGTH = 200
_DAY = timedelta(days=1)
_RELEVANT_FOR = 2 * _DAY
"""What ended longer ago cannot affect today in any time zone."""


class ExceptionKind(StrEnum):
    """How dates differ from the weekly hours."""

    CLOSED = "closed"
    PART = "part"
    HOURS = "hours"


class DateTaken(DomainError):
    """A date of this exception already has its own hours.

    Args:
        other: the existing exception.
    """

    def __init__(self, other: HoursException) -> None:
        super().__init__(other)
        self.other = other


class CannotKeepOpen(DomainError):
    """No exception can keep this time open without changing other hours."""


class NotInPlan(DomainError):
    """What was to be changed or removed no longer exists."""


@dataclass(frozen=True, slots=True)
class HolidayOrigin:
    """The public holiday that an exception was added for.

    Args:
        country, state: codes of the public holiday list; an empty state is the whole country.
        category: such as "public" or "optional".
        name: the holiday's name when it was chosen.
        is_estimated: whether its date was an estimate then.
    """

    country: str
    state: str
    category: str
    name: str
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class HoursException:
    """Dates on which the weekly hours do not apply, first and last included.

    Args:
        kind: closed all day, closed for part of each day, or open at other hours.
        intervals: when it is closed (a part) or open (other hours).
        reasons: shown to visitors, by language; may be empty.
        number: its id within the plan; 0 until it is added.
        holiday: the public holiday it was added for.

    Raises:
        InvalidHours: the dates are in the wrong order or too many, or the intervals overlap or do
            not fit the kind.
    """

    kind: ExceptionKind
    first: date
    last: date
    intervals: tuple[Interval, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    holiday: HolidayOrigin | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidHours("The last date must not be before the first date.")
        if (self.last - self.first).days >= MAX_EXCEPTION_DAYS:
            raise InvalidHours("An exception can last at most one year.")
        if bool(self.intervals) == (self.kind == ExceptionKind.CLOSED):
            raise InvalidHours("Enter both a start time and an end time.")
        object.__setattr__(self, "intervals", SpecialDay(self.first, self.intervals).intervals)

    def days(self) -> Iterator[date]:
        """Iterate over its dates."""
        for step in range((self.last - self.first).days + 1):
            yield self.first + step * _DAY

    @property
    def replaces_hours(self) -> bool:
        """Whether it replaces the day's hours."""
        return self.kind != ExceptionKind.PART

    def reason(self, language: str) -> str:
        """Return the reason in this language, else in the first one given; empty for none."""
        return _in_language(self.reasons, language)

    def outside_of(self, day: date) -> Iterator[Self]:
        """Iterate over what is left without one of its dates: before it, and after it."""
        if self.first < day:
            yield replace(self, last=day - _DAY)
        if self.last > day:
            yield replace(self, first=day + _DAY, number=0 if self.first < day else self.number)

    def to_data(self) -> dict[str, Any]:
        """Return the exception as JSON data."""
        return {
            "number": self.number,
            "kind": str(self.kind),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "intervals": [[interval.opens, interval.closes] for interval in self.intervals],
            "reasons": dict(self.reasons),
            **({"holiday": asdict(self.holiday)} if self.holiday else {}),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` returned."""
        return cls(
            ExceptionKind(data["kind"]),
            date.fromisoformat(data["first"]),
            date.fromisoformat(data["last"]),
            intervals_from_data(data["intervals"]),
            dict(data["reasons"]),
            data["number"],
            HolidayOrigin(**data["holiday"]) if "holiday" in data else None,
        )


@dataclass(frozen=True, slots=True)
class EmergencyClosure:
    """An emergency closure: closed from one instant to another, whatever the hours.

    Args:
        reasons: shown to visitors, by language; may be empty.
    """

    starts_at: datetime
    ends_at: datetime
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.starts_at < self.ends_at <= self.starts_at + MAX_EMERGENCY_CLOSURE:
            raise InvalidHours("Choose a time in the future, at most one month from now.")

    def reason(self, language: str) -> str:
        """Return the message in this language, else in the first one given; empty for none."""
        return _in_language(self.reasons, language)

    def to_data(self) -> dict[str, Any]:
        """Return the closure as JSON data."""
        return {
            "starts_at": self.starts_at.astimezone(UTC).isoformat(),
            "ends_at": self.ends_at.astimezone(UTC).isoformat(),
            "reasons": dict(self.reasons),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` returned."""
        return cls(
            datetime.fromisoformat(data["starts_at"]),
            datetime.fromisoformat(data["ends_at"]),
            dict(data["reasons"]),
        )


@dataclass(frozen=True, slots=True)
class HoursPlan:
    """The week in force, later weeks, exceptions and the emergency closure.

    Args:
        zone_name: an IANA name such as "Asia/Kolkata"; all hours are its wall-clock time.
        week: the weekly hours in force now.
        later: weeks by the date they come into force, in order.
        exceptions: in order of their dates.
        shut: the emergency closure while there is one.

    Raises:
        InvalidHours: two weeks come into force on one date.
    """

    zone_name: str
    week: Week
    later: tuple[WeekVersion, ...] = ()
    exceptions: tuple[HoursException, ...] = ()
    shut: EmergencyClosure | None = None

    def __post_init__(self) -> None:
        later = tuple(sorted(self.later, key=lambda version: version.effective_from or date.min))
        object.__setattr__(self, "later", later)
        in_order = tuple(
            sorted(self.exceptions, key=lambda exception: (exception.first, exception.number))
        )
        object.__setattr__(self, "exceptions", in_order)

    @property
    def zone(self) -> ZoneInfo:
        """The helpline's time zone; raises InvalidHours where there is none of that name."""
        try:
            return ZoneInfo(self.zone_name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise InvalidHours("This time zone does not exist.") from problem

    def opening_hours(self) -> OpeningHours:
        """Return the effective opening hours for visitors, slots, queue and dispatch.

        Raises:
            InvalidHours: the parts contradict each other.
        """
        zone = self.zone
        closures = [
            closure
            for exception in self.exceptions
            if exception.kind == ExceptionKind.PART
            for closure in _closures(exception, zone)
        ]
        if self.shut is not None:
            closures.append(Closure(self.shut.starts_at, self.shut.ends_at))
        return OpeningHours(
            zone=zone,
            versions=(WeekVersion(None, self.week), *self.later),
            special_days=tuple(
                SpecialDay(day, exception.intervals)
                for exception in self.exceptions
                if exception.replaces_hours
                for day in exception.days()
            ),
            closures=tuple(closures),
        )

    def weekly_hours(self, now: datetime) -> OpeningHours:
        """Return the weekly hours alone, current and later; raises InvalidHours for an unknown
        zone.
        """
        return replace(self.without_past(now), exceptions=(), shut=None).opening_hours()

    def week_on(self, day: date) -> Week:
        """Return the weekly hours in force on a date, exceptions aside."""
        started = [
            version.week for version in self.later if (version.effective_from or date.min) <= day
        ]
        return started[-1] if started else self.week

    def without_past(self, now: datetime) -> Self:
        """Return the plan without what is over: past weeks, exceptions and closures. Nothing to
        come changes.
        """
        today = now.astimezone(self.zone).date()
        since = (now - _RELEVANT_FOR).astimezone(self.zone).date()
        started = [
            version for version in self.later if (version.effective_from or date.min) < since
        ]
        return replace(
            self,
            week=started[-1].week if started else self.week,
            later=self.later[len(started) :],
            exceptions=tuple(
                exception for exception in self.exceptions if exception.last >= min(since, today)
            ),
            shut=self.shut if self.shut and self.shut.ends_at > now else None,
        )

    def with_week(self, week: Week, *, today: date) -> Self:
        """Return the plan with another week from now on, replacing those already in force."""
        future = tuple(
            version for version in self.later if (version.effective_from or date.min) > today
        )
        return replace(self, week=week, later=future)

    def with_later_week(self, week: Week, since: date) -> Self:
        """Return the plan with another week from a date on, replacing one from that date."""
        others = tuple(version for version in self.later if version.effective_from != since)
        return replace(self, later=(*others, WeekVersion(since, week)))

    def without_later_week(self, since: date) -> Self:
        """Return the plan without the week from a date on; raises NotInPlan where there is none."""
        remaining = tuple(version for version in self.later if version.effective_from != since)
        if len(remaining) == len(self.later):
            raise NotInPlan
        return replace(self, later=remaining)

    def with_exception(self, *added: HoursException) -> Self:
        """Return the plan with more exceptions; one with an existing number replaces that one.

        Raises:
            DateTaken: a date already has its own hours.
            NotInPlan: there is no exception of that number.
        """
        by_number = {exception.number: exception for exception in self.exceptions}
        for exception in added:
            if exception.number and exception.number not in by_number:
                raise NotInPlan
            number = exception.number or max(by_number, default=0) + 1
            for other in by_number.values():
                if (
                    other.number != number
                    and exception.replaces_hours
                    and other.replaces_hours
                    and exception.first <= other.last
                    and other.first <= exception.last
                ):
                    raise DateTaken(other)
            by_number[number] = replace(exception, number=number)
        return replace(self, exceptions=tuple(by_number.values()))

    def with_opening(self, starts_at: datetime, length: timedelta) -> Self:
        """Return the plan kept open for one interval too, by hours of its own for that date.

        Args:
            starts_at: an aware instant at a full minute.
            length: how long it stays open.

        Raises:
            CannotKeepOpen: other hours would change, or an emergency closure covers it.
        """
        local = starts_at.astimezone(self.zone)
        day, start = local.date(), local.hour * 60 + local.minute
        try:
            stretch = Interval(start, start + int(length / timedelta(minutes=1)))
            wanted = self._with_opening_on(day, stretch)
            wanted_hours = wanted.opening_hours()
        except (InvalidHours, DateTaken) as problem:
            raise CannotKeepOpen from problem
        around = (starts_at - 3 * _DAY, starts_at + 3 * _DAY)
        opening = Period(starts_at.astimezone(UTC), (starts_at + length).astimezone(UTC))
        before = self.opening_hours().periods(*around)
        if wanted_hours.periods(*around) != merge_periods((*before, opening)):
            raise CannotKeepOpen
        return wanted

    def _with_opening_on(self, day: date, stretch: Interval) -> Self:
        remaining: list[HoursException] = []
        added: list[HoursException] = []
        reasons: Mapping[str, str] = {}
        for exception in self.exceptions:
            if not exception.first <= day <= exception.last:
                remaining.append(exception)
                continue
            for piece in exception.outside_of(day):
                (remaining if piece.number else added).append(piece)
            if exception.replaces_hours:
                reasons = exception.reasons
            elif intervals := _subtract_interval(exception.intervals, stretch):
                added.append(replace(exception, first=day, last=day, intervals=intervals, number=0))
        hours = _merge_intervals((*self.opening_hours().starting_on(day), stretch))
        added.append(HoursException(ExceptionKind.HOURS, day, day, hours, reasons))
        return replace(self, exceptions=tuple(remaining)).with_exception(*added)

    def without_exception(self, number: int) -> Self:
        """Return the plan without an exception; raises NotInPlan where there is none of that
        number.
        """
        remaining = tuple(exception for exception in self.exceptions if exception.number != number)
        if len(remaining) == len(self.exceptions):
            raise NotInPlan
        return replace(self, exceptions=remaining)

    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON data, in the parts in which it is stored and audited."""
        return {
            "zone": self.zone_name,
            "week": self.week.to_data(),
            "later": [
                {"from": version.effective_from.isoformat(), "week": version.week.to_data()}
                for version in self.later
                if version.effective_from is not None
            ],
            "exceptions": [exception.to_data() for exception in self.exceptions],
            "shut": self.shut.to_data() if self.shut else None,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` wrote; what is missing is none."""
        return cls(
            data["zone"],
            Week.from_data(data["week"]),
            tuple(
                WeekVersion(date.fromisoformat(version["from"]), Week.from_data(version["week"]))
                for version in data.get("later") or ()
            ),
            tuple(
                HoursException.from_data(exception) for exception in data.get("exceptions") or ()
            ),
            EmergencyClosure.from_data(data["shut"]) if data.get("shut") else None,
        )


def _merge_intervals(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return tuple(merged)


def _subtract_interval(intervals: Iterable[Interval], stretch: Interval) -> tuple[Interval, ...]:
    pieces = (
        (start, end)
        for interval in intervals
        for start, end in (
            (interval.start, min(interval.end, stretch.start)),
            (max(interval.start, stretch.end), interval.end),
        )
    )
    return tuple(Interval(start, end) for start, end in pieces if start < end)


def _closures(exception: HoursException, zone: ZoneInfo) -> Iterator[Closure]:
    """A repeated hour is closed both times; a skipped one does not occur."""
    for day in exception.days():
        midnight = datetime.combine(day, time(), UTC)
        for interval in exception.intervals:
            starts = midnight + timedelta(minutes=interval.start)
            ends = midnight + timedelta(minutes=interval.end)
            for begins, until, offset in stretches_of_one_offset(zone, starts - _DAY, ends + _DAY):
                starts_at, ends_at = max(begins, starts - offset), min(until, ends - offset)
                if starts_at < ends_at:
                    yield Closure(starts_at, ends_at)


def _in_language(reasons: Mapping[str, str], language: str) -> str:
    return reasons.get(language) or next((reason for reason in reasons.values() if reason), "")
