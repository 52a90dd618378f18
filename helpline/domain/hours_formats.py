"""Opening hours in the words of other programs: OpenStreetMap's opening_hours, and schema.org.

So that an admin can bring the hours from where they stand already, and maps and search engines
can tell visitors when we are open. What cannot be read is named, and nothing is guessed.

Sources: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification and
https://schema.org/OpeningHoursSpecification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from helpline.domain.errors import DomainError, InvalidHours
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import DAY_MINUTES, Interval, SpecialDay, Week, WeekVersion

Intervals = tuple[Interval, ...]

_DAY = timedelta(days=1)
_LONGEST_TEXT = 20_000
_MOST_DAYS = 400
_EVERY_DAY = tuple(range(7))
_ALL_DAY: Intervals = (Interval(0, DAY_MINUTES),)
_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_OSM_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SCHEMA_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SCHEMA_HOLIDAYS = "PublicHolidays"
_SCHEMA = "https://schema.org/"

NOT_UNDERSTOOD = "This part cannot be read."
NO_SUCH_DATE = "There is no such date."
DATE_TWICE = "A date has two sets of hours."
NOT_POSSIBLE = "These times are not possible."
TOO_LONG = "This is too long."
NOTHING_THERE = "No opening hours were found."


class CannotRead(DomainError):
    """A text that does not tell hours which we could keep.

    Args:
        part: the very piece of the text that cannot be read.
        message_key: why, in plain words; also the key of its translation.
    """

    def __init__(self, part: str, message_key: str = NOT_UNDERSTOOD) -> None:
        super().__init__(part, message_key)
        self.part = part.strip()[:200]
        self.message_key = message_key

    def __str__(self) -> str:
        return f"{self.message_key} {self.part}"


@dataclass(frozen=True, slots=True, order=True)
class DatedHours:
    """Dates with hours of their own, the first and the last included; no intervals: closed.

    Raises:
        InvalidHours: the last comes before the first, or two intervals overlap.
    """

    first: date
    last: date
    intervals: Intervals = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidHours("The last date comes before the first.")
        object.__setattr__(self, "intervals", SpecialDay(self.first, self.intervals).intervals)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Hours as other programs tell them.

    Args:
        week: the weekly hours in force now.
        dates: dates with their own hours, in order; no date is in two of them.
        public_holidays: the hours of public holidays, whichever dates those are; none: closed;
            None: as on any other day.
        later: weeks that come into force on a later date, in order. OpenStreetMap's syntax, as
            we write it, does not tell them.

    Raises:
        InvalidHours: a date is in two of ``dates``.
    """

    week: Week
    dates: tuple[DatedHours, ...] = ()
    public_holidays: Intervals | None = None
    later: tuple[WeekVersion, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", tuple(sorted(self.dates)))
        if any(after.first <= before.last for before, after in pairwise(self.dates)):
            raise InvalidHours(DATE_TWICE)
        if self.public_holidays is not None:
            object.__setattr__(self, "public_holidays", tuple(sorted(self.public_holidays)))


def timetable_of(plan: HoursPlan, today: date, language: str) -> Timetable:
    """What of a plan other programs can be told: the week, the weeks to come, whole dates.

    Part of a date that is closed, and the red switch, they cannot be told.
    """
    return Timetable(
        plan.week_on(today),
        tuple(
            DatedHours(each.first, each.last, each.intervals, each.reason(language))
            for each in plan.exceptions
            if each.takes_the_day and each.last >= today
        ),
        later=tuple(
            each for each in plan.later if each.effective_from and each.effective_from > today
        ),
    )


# OpenStreetMap


def to_osm(hours: Timetable) -> str:
    """The hours in OpenStreetMap's syntax: 'Mo-Fr 10:00-18:00; 2026 Nov 08 off "Diwali"'."""
    rules = _osm_week(hours.week)
    if hours.public_holidays is not None:
        rules.append(f"PH {_osm_times(hours.public_holidays)}")
    rules += [
        f"{_osm_dates(each)} {_osm_times(each.intervals)}{_osm_comment(each.reason)}"
        for each in hours.dates
    ]
    return "; ".join(rules)


def _osm_week(week: Week) -> list[str]:
    if week.is_closed:
        return ["Mo-Su off"]
    if set(week.days) == {_ALL_DAY}:
        return ["24/7"]
    kinds: dict[Intervals, list[int]] = {}
    for number, day in enumerate(week.days):
        if day:
            kinds.setdefault(day, []).append(number)
    return [f"{_osm_days(days)} {_osm_times(intervals)}" for intervals, days in kinds.items()]


def _osm_days(days: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in days:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(
        _OSM_DAYS[run[0]] if len(run) == 1 else f"{_OSM_DAYS[run[0]]}-{_OSM_DAYS[run[-1]]}"
        for run in runs
    )


def _osm_times(intervals: Intervals) -> str:
    return ",".join(_osm_time(each) for each in intervals) or "off"


def _osm_time(each: Interval) -> str:
    if each.end - each.start < DAY_MINUTES or each.start == 0:
        return str(each)
    return f"{each.opens}-{each.end // 60:02}:{each.end % 60:02}"  # 24 hours: to 34:00


def _osm_dates(each: DatedHours) -> str:
    first, last = each.first, each.last
    if first == last:
        return _osm_date(first)
    told = _osm_date(last) if last.year != first.year else _osm_date(last).split(" ", 1)[1]
    return f"{_osm_date(first)}-{told}"


def _osm_date(day: date) -> str:
    return f"{day.year:04} {_OSM_MONTHS[day.month - 1]} {day.day:02}"


def _osm_comment(reason: str) -> str:
    told = " ".join(reason.replace('"', "'").split())
    return f' "{told}"' if told else ""


_MONTH = "|".join(_OSM_MONTHS)
_WEEKDAY = "|".join(_OSM_DAYS)
_DATE = rf"(?:(\d{{4}})\s+)?({_MONTH})\s+(\d{{1,2}})"
_TOKENS = {
    name: re.compile(rf"\s*{pattern}", re.IGNORECASE)
    for name, pattern in {
        "always": r"24/7(?![\w:])",
        "date": rf"{_DATE}(?:\s*[-–]\s*(?:{_DATE}|(\d{{1,2}})))?(?![\w:+])",
        "day": rf"({_WEEKDAY})(?:\s*[-–]\s*({_WEEKDAY}))?(?![\w\[])",
        "holiday": r"PH(?!\w)",
        "time": r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})(?![\w:+/])",
        "off": r"(?:off|closed)(?!\w)",
        "comment": r'"([^"]*)"',
        "comma": r",",
    }.items()
}


@dataclass(slots=True)
class _Rule:
    """One rule of OpenStreetMap's syntax, as far as it was read."""

    days: list[int] = field(default_factory=list)
    dates: list[tuple[date, date]] = field(default_factory=list)
    holidays: bool = False
    intervals: list[Interval] | None = None
    reason: str = ""
    adds: bool = False

    @property
    def selects(self) -> bool:
        return bool(self.days or self.dates or self.holidays)


def from_osm(text: str, *, years: Sequence[int]) -> Timetable:
    """Reads OpenStreetMap's syntax: weekdays, times (also over midnight), PH, dates, off, 24/7 and
    comments in quotes.

    Args:
        text: such as 'Mo-Fr 10:00-18:00; PH off'. A day that no rule names is closed.
        years: for dates without a year.

    Raises:
        CannotRead: it says which part, and why.
    """
    if len(text) > _LONGEST_TEXT:
        raise CannotRead("", TOO_LONG)
    week: dict[int, Intervals] = {}
    dates: dict[tuple[date, date], tuple[Intervals, str]] = {}
    holidays: Intervals | None = None
    found = False
    for part, rule in _osm_rules(text, years):
        found = True
        times = _together(part, rule.intervals or [])
        if not rule.selects:
            rule.days = list(_EVERY_DAY)
        for day in rule.days:
            week[day] = _together(part, (*week.get(day, ()), *times)) if rule.adds else times
        if rule.holidays:
            holidays = _together(part, (*(holidays or ()), *times)) if rule.adds else times
        for each in rule.dates:
            earlier = dates.get(each, ((), ""))[0] if rule.adds else ()
            dates[each] = (_together(part, (*earlier, *times)), rule.reason)
    if not found:
        raise CannotRead(text, NOTHING_THERE)
    return _timetable(text, week, holidays, dates)


def _timetable(
    text: str,
    week: Mapping[int, Intervals],
    holidays: Intervals | None,
    dates: Mapping[tuple[date, date], tuple[Intervals, str]],
    later: tuple[WeekVersion, ...] = (),
) -> Timetable:
    try:
        return Timetable(
            Week(tuple(week.get(day, ()) for day in _EVERY_DAY)),
            tuple(
                DatedHours(first, last, intervals, reason)
                for (first, last), (intervals, reason) in dates.items()
            ),
            holidays,
            later,
        )
    except InvalidHours as problem:
        raise CannotRead(text, problem.message_key) from problem


def _osm_rules(text: str, years: Sequence[int]) -> Iterator[tuple[str, _Rule]]:
    for part in re.findall(r'(?:[^;"]|"[^"]*"|")+', text):
        if part.strip():
            yield from ((part, rule) for rule in _OsmPart(part, years).rules())


class _OsmPart:
    """What stands between two semicolons: a rule, and those that a comma adds to it."""

    def __init__(self, part: str, years: Sequence[int]) -> None:
        self._part, self._years, self._place = part.rstrip(), years, 0

    def rules(self) -> Iterator[_Rule]:
        adds = False
        while self._place < len(self._part):
            rule = _Rule(adds=adds)
            self._select(rule)
            self._times(rule)
            if comment := self._next("comment"):
                rule.reason = " ".join(comment[1].split())
            yield rule
            if self._place < len(self._part) and self._next("comma") is None:
                raise CannotRead(self._rest)
            adds = True

    def _select(self, rule: _Rule) -> None:
        while True:
            if match := self._next("day"):
                first, last = (_place_of(day or match[1], _OSM_DAYS) for day in match.groups())
                rule.days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
            elif match := self._next("date"):
                rule.dates += self._dates(match)
            elif self._next("holiday"):
                rule.holidays = True
            else:
                break
            self._next("comma")
        if rule.dates and (rule.days or rule.holidays):
            raise CannotRead(self._part)

    def _times(self, rule: _Rule) -> None:
        if self._next("off"):
            return
        if self._next("always"):
            rule.intervals = list(_ALL_DAY)
            return
        rule.intervals = []
        while match := self._next("time"):
            rule.intervals.append(_osm_interval(match))
            comma = self._place
            if self._next("comma") and _TOKENS["time"].match(self._part, self._place) is None:
                self._place = comma
                break
        if not rule.intervals:
            raise CannotRead(self._rest or self._part)

    def _dates(self, match: re.Match[str]) -> Iterator[tuple[date, date]]:
        year, month, day, to_year, to_month, to_day, same_month = match.groups()
        for begins in [int(year)] if year else self._years:
            try:
                first = date(begins, _place_of(month, _OSM_MONTHS) + 1, int(day))
                last = first
                if same_month:
                    last = first.replace(day=int(same_month))
                elif to_month:
                    numbers = (_place_of(to_month, _OSM_MONTHS) + 1, int(to_day))
                    last = date(int(to_year) if to_year else begins, *numbers)
                    if last < first and not to_year:
                        last = date(begins + 1, *numbers)
            except ValueError as problem:
                raise CannotRead(match[0], NO_SUCH_DATE) from problem
            if not first <= last <= first + _MOST_DAYS * _DAY:
                raise CannotRead(match[0], NO_SUCH_DATE)
            yield first, last

    def _next(self, name: str) -> re.Match[str] | None:
        match = _TOKENS[name].match(self._part, self._place)
        if match is not None:
            self._place = match.end()
        return match

    @property
    def _rest(self) -> str:
        return self._part[self._place :]


def _place_of(name: str, names: Sequence[str]) -> int:
    return names.index(name.capitalize())


def _osm_interval(match: re.Match[str]) -> Interval:
    """Times as OpenStreetMap has them: 22:00-02:00 and 22:00-26:00 are the same."""
    hours, minutes, to_hours, to_minutes = (int(each) for each in match.groups())
    start, end = hours * 60 + minutes, to_hours * 60 + to_minutes
    if max(minutes, to_minutes) > 59 or end > 2 * DAY_MINUTES:
        raise CannotRead(match[0], NOT_POSSIBLE)
    try:
        return Interval(start, end if end > start else end + DAY_MINUTES)
    except InvalidHours as problem:
        raise CannotRead(match[0], NOT_POSSIBLE) from problem


def _together(part: str, intervals: Iterable[Interval]) -> Intervals:
    try:
        return SpecialDay(date.min, tuple(intervals)).intervals
    except InvalidHours as problem:
        raise CannotRead(part, problem.message_key) from problem


# schema.org


def to_schema_org(hours: Timetable) -> list[dict[str, Any]]:
    """The hours as a list of OpeningHoursSpecification, ready for JSON-LD.

    Weekly hours name their days; dates with hours of their own have ``validFrom`` and
    ``validThrough`` and no day. A closed date opens and closes at midnight, as search engines
    expect. A closing that ends a whole day is told as its last second.
    """
    until = hours.later[0].effective_from if hours.later else None
    told = _schema_week(hours.week, None, until)
    for number, version in enumerate(hours.later):
        after = hours.later[number + 1 :]
        told += _schema_week(
            version.week, version.effective_from, after[0].effective_from if after else None
        )
    if hours.public_holidays is not None:
        told += _specified({"dayOfWeek": [_SCHEMA + _SCHEMA_HOLIDAYS]}, hours.public_holidays)
    for each in hours.dates:
        about: dict[str, Any] = {
            "validFrom": each.first.isoformat(),
            "validThrough": each.last.isoformat(),
        }
        if each.reason:
            about["description"] = each.reason
        told += _specified(about, each.intervals)
    return told


def _schema_week(week: Week, since: date | None, until: date | None) -> list[dict[str, Any]]:
    valid: dict[str, Any] = {}
    if since is not None:
        valid["validFrom"] = since.isoformat()
    if until is not None:
        valid["validThrough"] = (until - _DAY).isoformat()
    if week.is_closed:
        return _specified({"dayOfWeek": [_SCHEMA + day for day in _SCHEMA_DAYS]} | valid, ())
    kinds: dict[Interval, list[str]] = {}
    for name, day in zip(_SCHEMA_DAYS, week.days, strict=True):
        for each in day:
            kinds.setdefault(each, []).append(_SCHEMA + name)
    return [
        told
        for each, days in kinds.items()
        for told in _specified({"dayOfWeek": days} | valid, (each,))
    ]


def _specified(about: Mapping[str, Any], intervals: Intervals) -> list[dict[str, Any]]:
    kind = {"@type": "OpeningHoursSpecification"}
    if not intervals:
        return [{**kind, **about, "opens": "00:00:00", "closes": "00:00:00"}]
    return [
        {**kind, **about, "opens": f"{each.opens}:00", "closes": _schema_closing(each)}
        for each in intervals
    ]


def _schema_closing(each: Interval) -> str:
    if each.end - each.start == DAY_MINUTES:
        last = each.end % DAY_MINUTES - 1 if each.start else DAY_MINUTES - 1
        return f"{last // 60:02}:{last % 60:02}:59"
    end = each.end % DAY_MINUTES
    return f"{end // 60:02}:{end % 60:02}:00"


_SCHEMA_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?(?:Z|[+-]\d{2}:?\d{2})?")


def from_schema_org(text: str) -> Timetable:
    """Reads JSON or JSON-LD with schema.org's OpeningHoursSpecification in it, at whatever depth.

    Weekly hours without ``validFrom`` are those in force; with it, they come into force then.

    Raises:
        CannotRead: it says which part, and why.
    """
    if len(text) > _LONGEST_TEXT:
        raise CannotRead("", TOO_LONG)
    try:
        found = list(_specifications(json.loads(text)))
    except (ValueError, RecursionError) as problem:
        raise CannotRead(text) from problem
    if not found:
        raise CannotRead(text, NOTHING_THERE)
    weeks: dict[date | None, dict[int, Intervals]] = {}
    dates: dict[tuple[date, date], tuple[Intervals, str]] = {}
    holidays: Intervals | None = None
    for each in found:
        part = json.dumps(each, ensure_ascii=False)
        times, days = _schema_times(each, part), _schema_days(each, part)
        first = _schema_date(each.get("validFrom"), part)
        if days:
            week = weeks.setdefault(first, {})
            for day in days:
                if day is None:
                    holidays = _together(part, (*(holidays or ()), *times))
                else:
                    week[day] = _together(part, (*week.get(day, ()), *times))
        elif first is not None:
            last = _schema_date(each.get("validThrough"), part) or first
            earlier = dates.get((first, last), ((), ""))[0]
            reason = each.get("description")
            dates[first, last] = (
                _together(part, (*earlier, *times)),
                " ".join(reason.split()) if isinstance(reason, str) else "",
            )
        else:
            raise CannotRead(part)
    later = tuple(
        WeekVersion(first, _timetable(text, weeks[first], None, {}).week)
        for first in sorted(each for each in weeks if each is not None)
    )
    base = weeks.get(None)
    if base is None and later:  # all of it begins on some date: the first is what they have
        base, later = weeks[later[0].effective_from], later[1:]
    return _timetable(text, base or {}, holidays, dates, later)


def _specifications(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, list):
        for each in data:
            yield from _specifications(each)
    elif isinstance(data, dict):
        if data.get("@type") == "OpeningHoursSpecification" or "opens" in data:
            yield data
        else:
            for each in data.values():
                yield from _specifications(each)


def _schema_days(each: Mapping[str, Any], part: str) -> list[int | None]:
    """The weekdays by number, None for public holidays."""
    named = each.get("dayOfWeek", [])
    days: list[int | None] = []
    for name in named if isinstance(named, list) else [named]:
        told = str(name.get("@id", "") if isinstance(name, dict) else name)
        told = re.sub(r"^https?://schema\.org/", "", told)
        if told == _SCHEMA_HOLIDAYS:
            days.append(None)
        elif told in _SCHEMA_DAYS:
            days.append(_SCHEMA_DAYS.index(told))
        elif told in _OSM_DAYS:
            days.append(_OSM_DAYS.index(told))
        else:
            raise CannotRead(part)
    return days


def _schema_times(each: Mapping[str, Any], part: str) -> Intervals:
    opens, closes = (
        _SCHEMA_TIME.fullmatch(str(each.get(name, ""))) for name in ("opens", "closes")
    )
    if opens is None or closes is None:
        raise CannotRead(part)
    start, end = (int(time[1]) * 60 + int(time[2]) for time in (opens, closes))
    if closes[3] == "59":  # the last second of a minute that is open to its end
        end += 1
    elif (start, end, closes[3]) == (0, DAY_MINUTES - 1, None):
        end = DAY_MINUTES  # how search engines want a whole day told
    elif start == end == 0:
        return ()
    try:
        return (Interval(start, end if end > start else end + DAY_MINUTES),)
    except InvalidHours as problem:
        raise CannotRead(part, NOT_POSSIBLE) from problem


def _schema_date(told: Any, part: str) -> date | None:
    if told is None:
        return None
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError as problem:
        raise CannotRead(part, NO_SUCH_DATE) from problem
