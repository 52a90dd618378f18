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
    MAX_LENGTH,
    NO_HOURS_FOUND,
    NO_SUCH_DATE,
    NO_WEEK,
    NOT_POSSIBLE,
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
_MAX_DAYS = 400

SEVERAL_PLACES = "These are the hours of several places. Paste the hours of one place."
OTHER_OFFSET = "This time has the offset of a different time zone."
HOURS_END = "These hours end on a date, and no hours follow."
HOURS_BEGIN_LATER = "These hours do not say what applies today."
OPEN_AND_CLOSED = "The same day is both open and closed."
TWO_WEEKS = "There are two sets of weekly hours, and they differ."


def fixed_offset(zone: ZoneInfo, year: int) -> str | None:
    """Return the zone's offset, such as "+05:30"; None if it changes during the year."""
    offsets = {datetime(year, month, 1, tzinfo=zone).strftime("%z") for month in range(1, 13)}
    offset = offsets.pop()
    return None if offsets else f"{offset[:3]}:{offset[3:]}"


def to_schema_org(hours: Timetable) -> list[dict[str, Any]]:
    """Return the hours as a list of OpeningHoursSpecification for JSON-LD.

    Weekly hours name their days; dated hours have ``validFrom`` and ``validThrough`` and no day. As
    search engines expect, a closed date opens and closes at midnight, and a closing at the end of
    the day is its last second.
    """
    until = hours.later[0].effective_from if hours.later else None
    entries = _week_entries(hours.week, None, until)
    for number, version in enumerate(hours.later):
        after = hours.later[number + 1 :]
        entries += _week_entries(
            version.week, version.effective_from, after[0].effective_from if after else None
        )
    if hours.closed_on_holidays:
        entries += _entries({"dayOfWeek": [_SCHEMA + _HOLIDAYS]}, ())
    for dated in hours.dates:
        about: dict[str, Any] = {
            "validFrom": dated.first.isoformat(),
            "validThrough": dated.last.isoformat(),
        }
        if dated.reason:
            about["description"] = dated.reason
        entries += _entries(about, dated.intervals)
    return entries


def _week_entries(week: Week, since: date | None, until: date | None) -> list[dict[str, Any]]:
    valid: dict[str, Any] = {}
    if since is not None:
        valid["validFrom"] = since.isoformat()
    if until is not None:
        valid["validThrough"] = (until - DAY).isoformat()
    if week.is_closed:
        return _entries({"dayOfWeek": [_SCHEMA + day for day in _DAYS]} | valid, ())
    kinds: dict[Interval, list[str]] = {}
    for name, day in zip(_DAYS, week.days, strict=True):
        for interval in day:
            kinds.setdefault(interval, []).append(_SCHEMA + name)
    return [
        entry
        for interval, days in kinds.items()
        for entry in _entries({"dayOfWeek": days} | valid, (interval,))
    ]


def _entries(about: Mapping[str, Any], intervals: Intervals) -> list[dict[str, Any]]:
    kind = {"@type": "OpeningHoursSpecification"}
    if not intervals:
        return [{**kind, **about, "opens": "00:00:00", "closes": "00:00:00"}]
    return [
        {**kind, **about, "opens": f"{interval.opens}:00", "closes": _closing_time(interval)}
        for interval in intervals
    ]


def _closing_time(interval: Interval) -> str:
    if interval.end - interval.start == DAY_MINUTES:
        last = interval.end % DAY_MINUTES - 1 if interval.start else DAY_MINUTES - 1
        return f"{last // 60:02}:{last % 60:02}:59"
    end = interval.end % DAY_MINUTES
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
        if last < first or (last - max(first, today)).days > _MAX_DAYS:
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
    if len(text) > MAX_LENGTH:
        raise CannotRead("", TOO_LONG)
    try:
        place = _find_place(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise CannotRead(text) from problem
    reader = _Reader(today, zone)
    entries = [
        reader.entry(entry, is_special=special)
        for entry, special in place.entries
        if not reader.is_over(entry)
    ]
    written = _week_of_texts(place.texts)
    try:
        return _timetable(text, entries, written, today)
    except InvalidHours as problem:
        raise CannotRead(text, problem.message_key) from problem


def _timetable(
    text: str, entries: Sequence[_Entry], written: Week | None, today: date
) -> Timetable:
    holidays = [entry for entry in entries if entry.on_holidays]
    if any(entry.intervals or entry.first or entry.last for entry in holidays):
        raise CannotRead(holidays[0].text, HOLIDAY_HOURS)
    weekly = [entry for entry in entries if entry.is_weekly]
    lasting = [entry for entry in weekly if _is_continued(entry, weekly)]
    dates = _dates(
        [entry for entry in entries if not entry.is_weekly and not entry.on_holidays], today
    )
    seasons = _dates([entry for entry in weekly if entry not in lasting], today)
    begins = sorted({entry.first for entry in lasting if entry.first and entry.first > today})
    if lasting:
        weeks = [_weekly_hours_on(day, lasting) for day in (today, *begins)]
        if written is not None and written != weeks[0]:
            raise CannotRead(text, TWO_WEEKS)
    elif written is not None:
        weeks = [written]
    else:
        bounded = next((entry for entry in weekly if entry.last), None)
        raise CannotRead(
            f"validThrough {bounded.last}" if bounded else text, HOURS_END if bounded else NO_WEEK
        )
    return Timetable(
        weeks[0],
        tuple(_ranges(seasons | dates)),
        bool(holidays),
        tuple(WeekVersion(day, week) for day, week in zip(begins, weeks[1:], strict=True)),
    )


def _is_continued(entry: _Entry, weekly: Iterable[_Entry]) -> bool:
    """Without end, or with a successor on the next day."""
    return entry.last is None or any(other.first == entry.last + DAY for other in weekly)


def _weekly_hours_on(day: date, lasting: Sequence[_Entry]) -> Week:
    """For each weekday, those that began last."""
    in_force = [
        entry for entry in lasting if (entry.first or date.min) <= day <= (entry.last or date.max)
    ]
    if not in_force:
        first = min(entry.first or date.min for entry in lasting)
        if first > day:
            raise CannotRead(f"validFrom {first}", HOURS_BEGIN_LATER)
        ended = next(entry for entry in lasting if entry.last)
        raise CannotRead(f"validThrough {ended.last}", HOURS_END)
    days = []
    for number in EVERY_DAY:
        naming = [entry for entry in in_force if number in entry.days]
        newest = max((entry.first or date.min for entry in naming), default=date.min)
        of_day = [entry for entry in naming if (entry.first or date.min) == newest]
        days.append(_combined_intervals(of_day))
    return Week(tuple(days))


def _combined_intervals(entries: Sequence[_Entry]) -> Intervals:
    if len({bool(entry.intervals) for entry in entries}) > 1:
        raise CannotRead(entries[-1].text, OPEN_AND_CLOSED)
    intervals = tuple({interval: None for entry in entries for interval in entry.intervals})
    try:
        return SpecialDay(date.min, intervals).intervals
    except InvalidHours as problem:
        raise CannotRead(entries[-1].text, problem.message_key) from problem


def _dates(entries: Iterable[_Entry], today: date) -> dict[date, tuple[Intervals, str]]:
    """Entries for the same dates are combined."""
    by_date: dict[date, list[_Entry]] = {}
    for entry in entries:
        for day in entry.dates(today):
            by_date.setdefault(day, []).append(entry)
    for day, entries_of_day in by_date.items():
        if len({(entry.first, entry.last, entry.days) for entry in entries_of_day}) > 1:
            raise CannotRead(f"{day}", DATE_TWICE)
    return {
        day: (
            _combined_intervals(entries_of_day),
            next((entry.reason for entry in entries_of_day if entry.reason), ""),
        )
        for day, entries_of_day in by_date.items()
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


def _find_place(data: Any) -> _Place:
    """Return the one place whose hours a document states.

    Raises:
        CannotRead: there is none, or several with different hours.
    """
    by_id: dict[str, Mapping[str, Any]] = {}
    for data_object in _objects(data):
        if isinstance(data_object.get("@id"), str) and len(data_object) > 1:
            by_id[data_object["@id"]] = data_object
    places = [
        place
        for data_object in _objects(data)
        if (place := _place_of(data_object, by_id)).entries or place.texts
    ]
    if not places:
        loose = [data_object for data_object in _objects(data) if _is_entry(data_object)]
        if not loose:
            raise CannotRead(json.dumps(data), NO_HOURS_FOUND)
        return _Place(entries=[(data_object, False) for data_object in loose])
    if any(
        (place.entries, place.texts) != (places[0].entries, places[0].texts) for place in places
    ):
        raise CannotRead(", ".join(place.name for place in places if place.name), SEVERAL_PLACES)
    return places[0]


def _place_of(data: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> _Place:
    place = _Place(str(data.get("name") or data.get("@type") or ""))
    for key in (*_WEEKLY_KEYS, _SPECIAL_KEY):
        for value in _list(data.get(key)):
            is_name = isinstance(value, dict) and set(value) == {"@id"}
            entry = by_id.get(str(value["@id"])) if is_name else value
            if not isinstance(entry, dict) or not _is_entry(entry):
                raise CannotRead(json.dumps(value, ensure_ascii=False))
            place.entries.append((entry, key == _SPECIAL_KEY))
    for value in _list(data.get(_TEXT_KEY)):
        if not isinstance(value, str):
            raise CannotRead(json.dumps(value, ensure_ascii=False))
        place.texts.append(value)
    return place


def _objects(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, list):
        for value in data:
            yield from _objects(value)
    elif isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _objects(value)


def _is_entry(data: Mapping[str, Any]) -> bool:
    kinds = [re.sub(r"^.*[/:]", "", str(kind)) for kind in _list(data.get("@type"))]
    keys = ("opens", "closes", "dayOfWeek", "validFrom", "validThrough")
    return "OpeningHoursSpecification" in kinds or any(key in data for key in keys)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _week_of_texts(texts: Sequence[str]) -> Week | None:
    """The week of openingHours, such as ["Mo-Fr 10:00-18:00", "Sa 10:00-14:00"]."""
    if not texts:
        return None
    timetable = from_osm(", ".join(texts), today=None)
    if timetable.closed_on_holidays or timetable.doubts:
        raise CannotRead(", ".join(texts))
    return timetable.week


_TIME = re.compile(r"T?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(?:00:00|23:59)(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class _Reader:
    today: date
    zone: ZoneInfo

    def is_over(self, data: Mapping[str, Any]) -> bool:
        last = self._date(data, "validThrough")
        if last is None and not data.get("dayOfWeek"):
            last = self._date(data, "validFrom")
        return last is not None and last < self.today

    def entry(self, data: Mapping[str, Any], *, is_special: bool) -> _Entry:
        days = [self._day(name) for name in _list(data.get("dayOfWeek"))]
        first, last = self._date(data, "validFrom"), self._date(data, "validThrough")
        text = json.dumps(data, ensure_ascii=False)
        if first is None and (is_special or not days):
            raise CannotRead(text)
        reason = data.get("description")
        return _Entry(
            text=text,
            days=tuple(day for day in days if day is not None),
            on_holidays=None in days,
            first=first,
            last=last,
            intervals=self._intervals(data, text),
            reason=" ".join(reason.split()) if isinstance(reason, str) else "",
            is_special=is_special,
        )

    def _day(self, value: Any) -> int | None:
        """A weekday by number; None for public holidays."""
        name = str(value.get("@id", "") if isinstance(value, dict) else value).strip()
        short = re.sub(r"^(https?://schema\.org/|schema:)", "", name).casefold()
        for names in (_DAYS, SHORT_DAYS):
            for number, day_name in enumerate(names):
                if short == day_name.casefold():
                    return number
        if short == _HOLIDAYS.casefold():
            return None
        raise CannotRead(name)

    def _date(self, data: Mapping[str, Any], name: str) -> date | None:
        value = data.get(name)
        if value is None:
            return None
        match = _DATE.fullmatch(str(value).strip())
        try:
            return date.fromisoformat(match[1] if match else "")
        except ValueError as problem:
            raise CannotRead(f"{name} {value}", NO_SUCH_DATE) from problem

    def _intervals(self, data: Mapping[str, Any], text: str) -> Intervals:
        if data.get("opens") is None and data.get("closes") is None:
            return ()
        opens, closes = (self._time(data.get(name), text) for name in ("opens", "closes"))
        if opens[0] >= DAY_MINUTES:
            raise CannotRead(str(data["opens"]), NOT_POSSIBLE)
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

    def _time(self, value: Any, text: str) -> tuple[int, str | None]:
        """Minutes after midnight, and the seconds as written."""
        if not isinstance(value, str):
            raise CannotRead(text)
        match = _TIME.fullmatch(value.strip())
        if match is None:
            raise CannotRead(value)
        hours, minutes, seconds, offset = match.groups()
        if offset is not None and not self._is_zone_offset(offset):
            raise CannotRead(value, OTHER_OFFSET)
        at = int(hours) * 60 + int(minutes)
        if int(minutes) > 59 or at > DAY_MINUTES or seconds not in (None, "00", "59"):
            raise CannotRead(value, NOT_POSSIBLE)
        return at, seconds

    def _is_zone_offset(self, offset: str) -> bool:
        """Whether the zone has this offset all year."""
        sign = -1 if offset.startswith("-") else 1
        digits = re.sub(r"\D", "", offset) or "0000"
        wanted = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        months = (datetime(self.today.year, month, 1, tzinfo=self.zone) for month in range(1, 13))
        return {month.utcoffset() for month in months} == {wanted}
