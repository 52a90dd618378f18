"""Opening hours in schema.org's vocabulary, read and written: OpeningHoursSpecification, and the
text of openingHours.

What applies today and from a later date is read. What could be misread is refused by name: hours
that end with nothing after them, hours of two places, times with another offset.

Sources: https://schema.org/OpeningHoursSpecification, https://schema.org/openingHours and
https://developers.google.com/search/docs/appearance/structured-data/local-business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import (
    DATE_TWICE,
    DAY,
    EVERY_DAY,
    LONGEST_TEXT,
    NO_SUCH_DATE,
    NO_WEEK,
    NOT_POSSIBLE,
    NOTHING_THERE,
    SHORT_DAYS,
    TOO_LONG,
    CannotRead,
    DatedHours,
    Intervals,
    Timetable,
)
from helpline.domain.opening_hours import DAY_MINUTES, Interval, SpecialDay, Week, WeekVersion
from helpline.domain.osm_hours import HOLIDAY_HOURS, from_osm

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOLIDAYS = "PublicHolidays"
_SCHEMA = "https://schema.org/"
_MOST_DAYS = 400

SEVERAL_PLACES = "These are the hours of several places. Paste the hours of one place."
OTHER_OFFSET = "This time has the offset of a different time zone."
IT_ENDS = "These hours end on a date, and no hours follow."
IT_BEGINS_LATER = "These hours do not say what applies today."
OPEN_AND_CLOSED = "The same day is both open and closed."
TWO_WEEKS = "There are two sets of weekly hours, and they differ."


def to_schema_org(hours: Timetable) -> list[dict[str, Any]]:
    """Return the hours as a list of OpeningHoursSpecification for JSON-LD.

    Weekly hours name their days; dated hours have ``validFrom`` and ``validThrough`` and no day. As
    search engines expect, a closed date opens and closes at midnight, and a closing at the end of
    the day is its last second.
    """
    until = hours.later[0].effective_from if hours.later else None
    told = _week_told(hours.week, None, until)
    for number, version in enumerate(hours.later):
        after = hours.later[number + 1 :]
        told += _week_told(
            version.week, version.effective_from, after[0].effective_from if after else None
        )
    if hours.closed_on_holidays:
        told += _specified({"dayOfWeek": [_SCHEMA + _HOLIDAYS]}, ())
    for each in hours.dates:
        about: dict[str, Any] = {
            "validFrom": each.first.isoformat(),
            "validThrough": each.last.isoformat(),
        }
        if each.reason:
            about["description"] = each.reason
        told += _specified(about, each.intervals)
    return told


def _week_told(week: Week, since: date | None, until: date | None) -> list[dict[str, Any]]:
    valid: dict[str, Any] = {}
    if since is not None:
        valid["validFrom"] = since.isoformat()
    if until is not None:
        valid["validThrough"] = (until - DAY).isoformat()
    if week.is_closed:
        return _specified({"dayOfWeek": [_SCHEMA + day for day in _DAYS]} | valid, ())
    kinds: dict[Interval, list[str]] = {}
    for name, day in zip(_DAYS, week.days, strict=True):
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
        {**kind, **about, "opens": f"{each.opens}:00", "closes": _closing(each)}
        for each in intervals
    ]


def _closing(each: Interval) -> str:
    if each.end - each.start == DAY_MINUTES:
        last = each.end % DAY_MINUTES - 1 if each.start else DAY_MINUTES - 1
        return f"{last // 60:02}:{last % 60:02}:59"
    end = each.end % DAY_MINUTES
    return f"{end // 60:02}:{end % 60:02}:00"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One OpeningHoursSpecification.

    Args:
        text: as written.
        days: weekdays by number; empty for every day of its dates.
        on_holidays: whether it is for public holidays.
        first, last: the dates it applies to; None for no limit.
        is_special: from the special hours, where a single date is that date.
    """

    text: str
    days: tuple[int, ...]
    on_holidays: bool
    first: date | None
    last: date | None
    intervals: Intervals
    reason: str
    is_special: bool

    @property
    def is_weekly(self) -> bool:
        return bool(self.days) and not self.is_special

    def dates(self, today: date) -> Iterator[date]:
        """Iterate over its dates from today on; the entry must have an end."""
        first, last = self.first or today, self.last or self.first
        if last is None:
            raise CannotRead(self.text)
        if last < first or (last - max(first, today)).days > _MOST_DAYS:
            raise CannotRead(f"{first} - {last}", NO_SUCH_DATE)
        day = max(first, today)
        while day <= last:
            if not self.days or day.weekday() in self.days:
                yield day
            day += DAY


def from_schema_org(text: str, *, today: date, zone: ZoneInfo) -> Timetable:
    """Read JSON or JSON-LD that contains schema.org opening hours at any depth.

    Weekly hours in force today are the week, those from a later date a later week. Weekly hours
    that end without a successor become hours of their dates. An entry without times is closed.

    Args:
        today: what ended before is left out.
        zone: the helpline's; a time with an offset that the zone does not always have is refused.

    Raises:
        CannotRead: names the part and the reason.
    """
    if len(text) > LONGEST_TEXT:
        raise CannotRead("", TOO_LONG)
    try:
        place = _the_place(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise CannotRead(text) from problem
    reader = _Reader(today, zone)
    entries = [
        reader.entry(each, is_special=special)
        for each, special in place.entries
        if not reader.is_over(each)
    ]
    written = _week_of_texts(place.texts)
    try:
        return _timetable(text, entries, written, today)
    except InvalidHours as problem:
        raise CannotRead(text, problem.message_key) from problem


def _timetable(
    text: str, entries: Sequence[_Entry], written: Week | None, today: date
) -> Timetable:
    holidays = [each for each in entries if each.on_holidays]
    if any(each.intervals or each.first or each.last for each in holidays):
        raise CannotRead(holidays[0].text, HOLIDAY_HOURS)
    weekly = [each for each in entries if each.is_weekly]
    lasting = [each for each in weekly if _lasts(each, weekly)]
    dates = _dates([each for each in entries if not each.is_weekly and not each.on_holidays], today)
    seasons = _dates([each for each in weekly if each not in lasting], today)
    begins = sorted({each.first for each in lasting if each.first and each.first > today})
    if lasting:
        weeks = [_week_on(day, lasting) for day in (today, *begins)]
        if written is not None and written != weeks[0]:
            raise CannotRead(text, TWO_WEEKS)
    elif written is not None:
        weeks = [written]
    else:
        bounded = next((each for each in weekly if each.last), None)
        raise CannotRead(
            f"validThrough {bounded.last}" if bounded else text, IT_ENDS if bounded else NO_WEEK
        )
    return Timetable(
        weeks[0],
        tuple(_ranges(seasons | dates)),
        bool(holidays),
        tuple(WeekVersion(day, week) for day, week in zip(begins, weeks[1:], strict=True)),
    )


def _lasts(entry: _Entry, weekly: Iterable[_Entry]) -> bool:
    """Whether weekly hours have no end, or a successor on the next day."""
    return entry.last is None or any(each.first == entry.last + DAY for each in weekly)


def _week_on(day: date, lasting: Sequence[_Entry]) -> Week:
    """The weekly hours on a date: for each weekday, those that began last."""
    holding = [
        each for each in lasting if (each.first or date.min) <= day <= (each.last or date.max)
    ]
    if not holding:
        first = min(each.first or date.min for each in lasting)
        if first > day:
            raise CannotRead(f"validFrom {first}", IT_BEGINS_LATER)
        ended = next(each for each in lasting if each.last)
        raise CannotRead(f"validThrough {ended.last}", IT_ENDS)
    days = []
    for number in EVERY_DAY:
        naming = [each for each in holding if number in each.days]
        newest = max((each.first or date.min for each in naming), default=date.min)
        of_day = [each for each in naming if (each.first or date.min) == newest]
        days.append(_together(of_day))
    return Week(tuple(days))


def _together(entries: Sequence[_Entry]) -> Intervals:
    if len({bool(each.intervals) for each in entries}) > 1:
        raise CannotRead(entries[-1].text, OPEN_AND_CLOSED)
    intervals = tuple({each: None for entry in entries for each in entry.intervals})
    try:
        return SpecialDay(date.min, intervals).intervals
    except InvalidHours as problem:
        raise CannotRead(entries[-1].text, problem.message_key) from problem


def _dates(entries: Iterable[_Entry], today: date) -> dict[date, tuple[Intervals, str]]:
    """The hours of each date; entries for the same dates are combined."""
    found: dict[date, list[_Entry]] = {}
    for each in entries:
        for day in each.dates(today):
            found.setdefault(day, []).append(each)
    for day, telling in found.items():
        if len({(each.first, each.last, each.days) for each in telling}) > 1:
            raise CannotRead(f"{day}", DATE_TWICE)
    return {
        day: (_together(telling), next((each.reason for each in telling if each.reason), ""))
        for day, telling in found.items()
    }


def _ranges(dates: Mapping[date, tuple[Intervals, str]]) -> Iterator[DatedHours]:
    days = sorted(dates)
    while days:
        last = 0
        while (
            last + 1 < len(days)
            and days[last + 1] - days[last] == DAY
            and dates[days[last + 1]] == dates[days[0]]
        ):
            last += 1
        yield DatedHours(days[0], days[last], *dates[days[0]])
        days = days[last + 1 :]


_WEEKLY_KEYS = ("openingHoursSpecification", "hoursAvailable")
_SPECIAL_KEY = "specialOpeningHoursSpecification"
_TEXT_KEY = "openingHours"


@dataclass(slots=True)
class _Place:
    """The hours that one organisation or place states."""

    name: str = ""
    entries: list[tuple[Mapping[str, Any], bool]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def _the_place(data: Any) -> _Place:
    """Return the one place whose hours a document states.

    Raises:
        CannotRead: there is none, or several with different hours.
    """
    known: dict[str, Mapping[str, Any]] = {}
    for each in _objects(data):
        if isinstance(each.get("@id"), str) and len(each) > 1:
            known[each["@id"]] = each
    places = [
        place for each in _objects(data) if (place := _place_of(each, known)).entries or place.texts
    ]
    if not places:
        loose = [each for each in _objects(data) if _is_entry(each)]
        if not loose:
            raise CannotRead(json.dumps(data), NOTHING_THERE)
        return _Place(entries=[(each, False) for each in loose])
    if any((each.entries, each.texts) != (places[0].entries, places[0].texts) for each in places):
        raise CannotRead(", ".join(each.name for each in places if each.name), SEVERAL_PLACES)
    return places[0]


def _place_of(each: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> _Place:
    place = _Place(str(each.get("name") or each.get("@type") or ""))
    for key in (*_WEEKLY_KEYS, _SPECIAL_KEY):
        for value in _list(each.get(key)):
            is_name = isinstance(value, dict) and set(value) == {"@id"}
            entry = known.get(str(value["@id"])) if is_name else value
            if not isinstance(entry, dict) or not _is_entry(entry):
                raise CannotRead(json.dumps(value, ensure_ascii=False))
            place.entries.append((entry, key == _SPECIAL_KEY))
    for value in _list(each.get(_TEXT_KEY)):
        if not isinstance(value, str):
            raise CannotRead(json.dumps(value, ensure_ascii=False))
        place.texts.append(value)
    return place


def _objects(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, list):
        for each in data:
            yield from _objects(each)
    elif isinstance(data, dict):
        yield data
        for each in data.values():
            yield from _objects(each)


def _is_entry(each: Mapping[str, Any]) -> bool:
    kinds = [re.sub(r"^.*[/:]", "", str(kind)) for kind in _list(each.get("@type"))]
    keys = ("opens", "closes", "dayOfWeek", "validFrom", "validThrough")
    return "OpeningHoursSpecification" in kinds or any(key in each for key in keys)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _week_of_texts(texts: Sequence[str]) -> Week | None:
    """The week of openingHours, such as ["Mo-Fr 10:00-18:00", "Sa 10:00-14:00"]."""
    if not texts:
        return None
    found = from_osm(", ".join(texts), today=None)
    if found.closed_on_holidays or found.doubts:
        raise CannotRead(", ".join(texts))
    return found.week


_TIME = re.compile(r"T?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(?:00:00|23:59)(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class _Reader:
    today: date
    zone: ZoneInfo

    def is_over(self, each: Mapping[str, Any]) -> bool:
        last = self._date(each, "validThrough")
        if last is None and not each.get("dayOfWeek"):
            last = self._date(each, "validFrom")
        return last is not None and last < self.today

    def entry(self, each: Mapping[str, Any], *, is_special: bool) -> _Entry:
        days = [self._day(name) for name in _list(each.get("dayOfWeek"))]
        first, last = self._date(each, "validFrom"), self._date(each, "validThrough")
        text = json.dumps(each, ensure_ascii=False)
        if first is None and (is_special or not days):
            raise CannotRead(text)
        reason = each.get("description")
        return _Entry(
            text=text,
            days=tuple(day for day in days if day is not None),
            on_holidays=None in days,
            first=first,
            last=last,
            intervals=self._intervals(each, text),
            reason=" ".join(reason.split()) if isinstance(reason, str) else "",
            is_special=is_special,
        )

    def _day(self, told: Any) -> int | None:
        """A weekday by number; None for public holidays."""
        name = str(told.get("@id", "") if isinstance(told, dict) else told).strip()
        short = re.sub(r"^(https?://schema\.org/|schema:)", "", name).casefold()
        for names in (_DAYS, SHORT_DAYS):
            for number, each in enumerate(names):
                if short == each.casefold():
                    return number
        if short == _HOLIDAYS.casefold():
            return None
        raise CannotRead(name)

    def _date(self, each: Mapping[str, Any], name: str) -> date | None:
        told = each.get(name)
        if told is None:
            return None
        match = _DATE.fullmatch(str(told).strip())
        try:
            return date.fromisoformat(match[1] if match else "")
        except ValueError as problem:
            raise CannotRead(f"{name} {told}", NO_SUCH_DATE) from problem

    def _intervals(self, each: Mapping[str, Any], text: str) -> Intervals:
        if each.get("opens") is None and each.get("closes") is None:
            return ()
        opens, closes = (self._time(each.get(name), text) for name in ("opens", "closes"))
        if opens[0] >= DAY_MINUTES:
            raise CannotRead(str(each["opens"]), NOT_POSSIBLE)
        start, end = opens[0], closes[0]
        if closes[1] == "59":  # the last second of a minute that is open to its end
            end += 1
        elif (start, end, closes[1]) == (0, DAY_MINUTES - 1, None):
            end = DAY_MINUTES  # how search engines want a whole day written
        elif start == end == 0:
            return ()
        try:
            return (Interval(start, end if end > start else end + DAY_MINUTES),)
        except InvalidHours as problem:
            raise CannotRead(text, NOT_POSSIBLE) from problem

    def _time(self, told: Any, text: str) -> tuple[int, str | None]:
        """Minutes after midnight, and the seconds as written."""
        if not isinstance(told, str):
            raise CannotRead(text)
        match = _TIME.fullmatch(told.strip())
        if match is None:
            raise CannotRead(told)
        hours, minutes, seconds, offset = match.groups()
        if offset is not None and not self._is_own(offset):
            raise CannotRead(told, OTHER_OFFSET)
        at = int(hours) * 60 + int(minutes)
        if int(minutes) > 59 or at > DAY_MINUTES or seconds not in (None, "00", "59"):
            raise CannotRead(told, NOT_POSSIBLE)
        return at, seconds

    def _is_own(self, offset: str) -> bool:
        """Whether the helpline's zone has this offset all year."""
        sign = -1 if offset.startswith("-") else 1
        digits = re.sub(r"\D", "", offset) or "0000"
        told = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        months = (datetime(self.today.year, month, 1, tzinfo=self.zone) for month in range(1, 13))
        return {each.utcoffset() for each in months} == {told}
