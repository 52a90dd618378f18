"""Opening hours in OpenStreetMap's opening_hours syntax, read and written.

A value is a list of rules. Each calendar day is evaluated by itself: a rule that names the day
replaces earlier rules, unless a comma adds it or it only closes certain times; a rule that does not
name the day can still add the hours after midnight of the evening it names.

Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, and what the two
engines that the tests compare with agree on (tests/opening_hours).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import (
    DAY,
    EVERY_DAY,
    MAX_LENGTH,
    NO_HOURS_FOUND,
    NO_SUCH_DATE,
    NOT_POSSIBLE,
    OPEN_ALL_DAY,
    SHORT_DAYS,
    TOO_LONG,
    CannotRead,
    Pieces,
    Timetable,
    merge_pieces,
    pieces_of_week,
    pieces_on,
    subtract_pieces,
    timetable_from,
)
from helpline.domain.opening_hours import DAY_MINUTES

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_YEARS_AHEAD = 5

NOT_CERTAIN = "It is not certain whether the helpline is open at these times."
HOLIDAY_HOURS = (
    "Only PH off can be imported. Set the hours of public holidays on the Public holidays page."
)

Stretch = tuple[int, int]
"""Minutes after the midnight at which a day begins; over 1440 on the next day."""


def to_osm(hours: Timetable) -> str:
    """Return the hours in OpenStreetMap's syntax: 'Mo-Fr 10:00-18:00; 2026 Nov 08 off "Diwali"'.

    Hours over midnight are split and every date lists all that is open on it, so that all engines
    read the same.
    """
    week = pieces_of_week(hours.week)
    rules = _week_rules(week)
    if hours.closed_on_holidays:
        rules.append("PH off")
    return "; ".join([*rules, *_date_rules(hours, week)])


def _week_rules(week: Sequence[Pieces]) -> list[str]:
    if not any(week):
        return ["Mo-Su off"]
    if set(week) == {OPEN_ALL_DAY}:
        return ["24/7"]
    days_of: dict[Pieces, list[int]] = {}
    for number, day in enumerate(week):
        if day:
            days_of.setdefault(day, []).append(number)
    return [f"{_days(days)} {_times(pieces)}" for pieces, days in days_of.items()]


def _date_rules(hours: Timetable, week: Sequence[Pieces]) -> Iterator[str]:
    reasons = {
        day: dated.reason
        for dated in hours.dates
        for day in _dates_between(dated.first, dated.last)
    }
    concerned = sorted({*reasons, *(day + DAY for day in reasons)})
    ranges: list[tuple[date, date, Pieces, str]] = []
    for day in concerned:
        pieces, reason = pieces_on(hours, day), reasons.get(day, "")
        if day not in reasons and pieces == week[day.weekday()]:
            continue
        if ranges and ranges[-1][1:] == (day - DAY, pieces, reason):
            ranges[-1] = (ranges[-1][0], day, pieces, reason)
        else:
            ranges.append((day, day, pieces, reason))
    for first, last, pieces, reason in ranges:
        comment = " ".join(reason.replace('"', "'").split())
        state = "" if not pieces or not comment else " open"
        yield f"{_date_range(first, last)} {_times(pieces)}{state}" + (
            f' "{comment}"' if comment else ""
        )


def _dates_between(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _days(days: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in days:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(
        SHORT_DAYS[run[0]] if len(run) == 1 else f"{SHORT_DAYS[run[0]]}-{SHORT_DAYS[run[-1]]}"
        for run in runs
    )


def _times(pieces: Pieces) -> str:
    return ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in pieces) or "off"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _date_range(first: date, last: date) -> str:
    if first == last:
        return _date(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_date(first)}-{last.day:02}"
    return f"{_date(first)}-{_date(last)}"


def _date(day: date) -> str:
    return f"{day.year:04} {_MONTHS[day.month - 1]} {day.day:02}"


@dataclass(frozen=True, slots=True)
class _Dates:
    """Dates named by a rule, of one year or of every year."""

    first: tuple[int, int]
    last: tuple[int, int]
    years: tuple[int, int] | None

    def holds(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.years is not None:
            return (self.years[0], *self.first) <= (day.year, *at) <= (self.years[1], *self.last)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(slots=True)
class _Rule:
    """One rule; ``times`` of None means all day, ``adds`` that a comma adds it to earlier rules."""

    days: set[int] = field(default_factory=set)
    dates: list[_Dates] = field(default_factory=list)
    holidays: bool = False
    times: list[Stretch] | None = None
    is_open: bool = True
    reason: str = ""
    adds: bool = False

    def names(self, day: date) -> bool:
        if self.dates:
            return any(dates.holds(day) for dates in self.dates)
        return not self.days or day.weekday() in self.days

    def change(self, pieces: Pieces, *, named: bool, named_before: bool) -> Pieces:
        """Return the day after this rule is applied.

        Args:
            named: whether the rule names the day.
            named_before: whether it names the day before.
        """
        if self.times is None and not self.is_open:
            return () if named else pieces
        times = [(0, DAY_MINUTES)] if self.times is None else self.times
        changed = [(start, min(end, DAY_MINUTES)) for start, end in times if named]
        changed += [
            (0, end - DAY_MINUTES) for _, end in times if named_before and end > DAY_MINUTES
        ]
        if not self.is_open:
            return subtract_pieces(pieces, *changed)
        return merge_pieces(*(() if named and not self.adds else pieces), *changed)


def from_osm(text: str, *, today: date | None) -> Timetable:
    """Read OpenStreetMap's syntax: weekdays, dates, ranges of them, times (also over midnight),
    24/7, open, off, closed, PH off, and quoted reasons.

    Args:
        text: such as 'Mo-Fr 10:00-18:00; PH off'. A day that no rule names is closed.
        today: earlier dates are left out; dates without a year are read for this year and the next.
            None reads no dates.

    Raises:
        CannotRead: names the part and the reason.
    """
    if len(text) > MAX_LENGTH:
        raise CannotRead("", TOO_LONG)
    doubts: list[str] = []
    rules = list(_rules(text, doubts))
    if not rules:
        raise CannotRead(text, NO_HOURS_FOUND)
    weekly = [rule for rule in rules if not rule.dates and not rule.holidays]
    week = [_pieces_on(date(2001, 1, 1 + number), weekly) for number in EVERY_DAY]  # a Monday
    days = _window(text, rules, today)
    dated = [rule for rule in rules if not rule.holidays]
    try:
        hours = timetable_from(
            week,
            {day: _pieces_on(day, dated) for day in days},
            {day: _reason_on(day, dated) for day in days},
        )
    except InvalidHours as problem:
        raise CannotRead(text, problem.message_key) from problem
    return replace(
        hours,
        closed_on_holidays=any(rule.holidays for rule in rules),
        doubts=tuple(doubts),
    )


def _pieces_on(day: date, rules: Sequence[_Rule]) -> Pieces:
    pieces: Pieces = ()
    for rule in rules:
        pieces = rule.change(pieces, named=rule.names(day), named_before=rule.names(day - DAY))
    return pieces


def _reason_on(day: date, rules: Sequence[_Rule]) -> str:
    return next((rule.reason for rule in reversed(rules) if rule.dates and rule.names(day)), "")


def _window(text: str, rules: Sequence[_Rule], today: date | None) -> list[date]:
    dates = [dates for rule in rules for dates in rule.dates]
    if not dates:
        return []
    if today is None:
        raise CannotRead(text, NO_SUCH_DATE)
    last = max([today.year + 1, *(named.years[1] for named in dates if named.years)])
    if last > today.year + _MAX_YEARS_AHEAD:
        raise CannotRead(text, NO_SUCH_DATE)
    return list(_dates_between(today, date(last + 1, 1, 1)))


_MONTH = "|".join(_MONTHS)
_WEEKDAY = "|".join(SHORT_DAYS)
_DATE = rf"(?:(\d{{4}})\s+)?({_MONTH})\s+(\d{{1,2}})"
_TOKENS = {
    name: re.compile(rf"\s*{pattern}", re.IGNORECASE)
    for name, pattern in {
        "always": r"24/7(?![\w:])",
        "date": rf"{_DATE}(?:\s*-\s*(?:{_DATE}|(\d{{1,2}})))?(?![\w:+-])",
        "day": rf"({_WEEKDAY})(?:(\s*-\s*)({_WEEKDAY}))?(?![\w\[])",
        "holiday": r"PH(?!\w)",
        "colon": r":(?=\s)",
        "time": r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?![\w:+/])",
        "off": r"(?:off|closed)(?!\w)",
        "open": r"open(?!\w)",
        "comment": r'"([^"]*)"',
        "comma": r",",
    }.items()
}


def _rules(text: str, doubts: list[str]) -> Iterator[_Rule]:
    for part in re.findall(r'(?:[^;"]|"[^"]*"|")+', _one_line(text, doubts)):
        if part.strip():
            yield from _Part(part, doubts).rules()


def _one_line(text: str, doubts: list[str]) -> str:
    """Lines are joined by semicolons and dashes become hyphens, both outside of quotes."""

    def plain(match: re.Match[str]) -> str:
        piece = match[0]
        if piece.startswith('"'):
            return piece
        if dash := re.search(r"\S*\s*[\u2010-\u2015]\s*\S*", piece):
            doubts.append(dash[0])
        return re.sub(r"[\u2010-\u2015]", "-", piece)

    lines = [line.strip() for line in text.splitlines() if line.strip()]
    doubts += lines[1:]
    joined = ""
    for line in lines:
        joined += ("" if not joined else " " if joined.endswith((";", ",")) else "; ") + line
    return re.sub(r'"[^"]*"|[^"]+', plain, joined)


class _Part:
    """The text between two semicolons: a rule, and those that commas add to it."""

    def __init__(self, part: str, doubts: list[str]) -> None:
        self._part, self._doubts, self._place = part.rstrip(), doubts, 0

    def rules(self) -> Iterator[_Rule]:
        adds = False
        while self._place < len(self._part):
            rule = _Rule(adds=adds)
            self._select(rule)
            self._hours(rule)
            yield rule
            if self._place < len(self._part) and self._next("comma") is None:
                raise CannotRead(self._rest)
            adds = True

    def _select(self, rule: _Rule) -> None:
        follows = True
        while True:
            if not follows and self._is_selector():
                raise CannotRead(self._part)
            if match := self._next("day"):
                rule.days |= self._weekdays(match)
            elif match := self._next("date"):
                rule.dates.append(self._dates(match))
            elif self._next("holiday"):
                rule.holidays = True
            else:
                break
            follows = self._next("comma") is not None
        if (rule.dates and rule.days) or (rule.holidays and (rule.dates or rule.days)):
            raise CannotRead(self._part)
        if (rule.dates or rule.days) and self._next("colon"):
            self._doubts.append(self._part.strip())

    def _is_selector(self) -> bool:
        names = ("day", "date", "holiday")
        return any(_TOKENS[name].match(self._part, self._place) for name in names)

    def _weekdays(self, match: re.Match[str]) -> set[int]:
        first, dash, last = match.groups()
        if dash and dash != "-":
            self._doubts.append(match[0].strip())
        begins = _index_of(first, SHORT_DAYS)
        ends = _index_of(last or first, SHORT_DAYS)
        return {(begins + step) % 7 for step in range((ends - begins) % 7 + 1)}

    def _hours(self, rule: _Rule) -> None:
        """Times, state and reason; one of the first two is required."""
        began = self._place
        is_always = self._next("always") is not None
        if is_always and (rule.days or rule.dates):
            self._doubts.append(self._part.strip())
        times = [] if is_always else self._times()
        closes = self._next("off") is not None
        opens = not closes and self._next("open") is not None
        if not (times or is_always or closes or opens):
            raise CannotRead(self._rest or self._part)
        if is_always and closes:
            raise CannotRead(self._part)
        rule.times, rule.is_open = times or None, not closes
        comment = self._next("comment")
        if comment is not None:
            if not (closes or opens):
                raise CannotRead(self._part[began : self._place], NOT_CERTAIN)
            rule.reason = " ".join(comment[1].split())
        if rule.holidays and (rule.is_open or rule.times):
            raise CannotRead(self._part, HOLIDAY_HOURS)

    def _times(self) -> list[Stretch]:
        times = []
        while match := self._next("time"):
            times.append(_parse_times(match))
            after = self._place
            if not self._next("comma"):
                break
            if _TOKENS["time"].match(self._part, self._place) is None:
                self._place = after
                break
        return times

    def _dates(self, match: re.Match[str]) -> _Dates:
        year, month, day, to_year, to_month, to_day, same_month = match.groups()
        first = (_index_of(month, _MONTHS) + 1, int(day))
        last = first
        if same_month:
            last = (first[0], int(same_month))
        elif to_month:
            last = (_index_of(to_month, _MONTHS) + 1, int(to_day))
        if to_year and not year:
            raise CannotRead(match[0])
        years = None
        if year:
            begins = int(year)
            years = (begins, int(to_year) if to_year else begins + (last < first))
            if to_month and not to_year:
                self._doubts.append(match[0].strip())
        if same_month and last < first:
            raise CannotRead(match[0], NO_SUCH_DATE)
        _check_date(match[0], first, years[0] if years else _LEAP_YEAR)
        _check_date(match[0], last, years[1] if years else _LEAP_YEAR)
        if years and (years[0], *first) > (years[1], *last):
            raise CannotRead(match[0], NO_SUCH_DATE)
        return _Dates(first, last, years)

    def _next(self, name: str) -> re.Match[str] | None:
        match = _TOKENS[name].match(self._part, self._place)
        if match is not None:
            self._place = match.end()
        return match

    @property
    def _rest(self) -> str:
        return self._part[self._place :]


_LEAP_YEAR = 2000


def _check_date(part: str, day: tuple[int, int], year: int) -> None:
    try:
        date(year, *day)
    except ValueError as problem:
        raise CannotRead(part, NO_SUCH_DATE) from problem


def _index_of(name: str, names: Sequence[str]) -> int:
    return names.index(name.capitalize())


def _parse_times(match: re.Match[str]) -> Stretch:
    """22:00-02:00 and 22:00-26:00 are the same in OpenStreetMap."""
    hours, minutes, to_hours, to_minutes = (int(group) for group in match.groups())
    start, end = hours * 60 + minutes, to_hours * 60 + to_minutes
    if max(minutes, to_minutes) > 59 or start >= DAY_MINUTES or end > 2 * DAY_MINUTES:
        raise CannotRead(match[0], NOT_POSSIBLE)
    if end <= start:
        end += DAY_MINUTES
    if end - start > DAY_MINUTES:
        raise CannotRead(match[0], NOT_POSSIBLE)
    return start, end
