"""Form of the weekly hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from werkzeug.datastructures import MultiDict

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import DAY_NAMES, Interval, Week
from helpline.web.int_params import parse_index
from helpline.web.language import gettext as _

MOST_INTERVALS = 24
_FIELD = re.compile(rf"({'|'.join(DAY_NAMES)}|time)-(\d{{1,2}})-(?:opens|closes)")

_YEARS = range(2000, 2101)

LAST_MINUTE, MIDNIGHT = "23:59", "24:00"
UNTIL_MIDNIGHT = "until-midnight"
"""Button that replaces 23:59, which closes for a minute every night, by 24:00."""

Pairs = list[tuple[str, str]]


@cache
def time_zones() -> tuple[str, ...]:
    """Return all time zones in order; cached, since it reads a folder of files."""
    return tuple(sorted(available_timezones()))


def read_pairs(posted: Mapping[str, str], key: str) -> Pairs:
    """Return the pairs of times posted for a day, empty ones included."""
    places = {
        int(match[2]) for name in posted if (match := _FIELD.fullmatch(name)) and match[1] == key
    }
    return [
        (
            posted.get(f"{key}-{place}-opens", "").strip(),
            posted.get(f"{key}-{place}-closes", "").strip(),
        )
        for place in sorted(places)[:MOST_INTERVALS]
    ]


def intervals_of(pairs: Pairs) -> tuple[Interval, ...]:
    """Return the intervals; empty pairs are left out.

    Raises:
        InvalidHours: with a message for the page.
    """
    intervals = []
    for opens, closes in pairs:
        if not opens and not closes:
            continue
        if not opens or not closes:
            raise InvalidHours(_("Enter both times, or leave both empty."))
        if opens == closes:
            raise InvalidHours(
                _("The two times are the same. For the whole day, enter 00:00 and 24:00.")
            )
        intervals.append(Interval.parse(opens, closes))
    return tuple(intervals)


def until_midnight(pairs: Pairs) -> Pairs:
    """Return the times with 24:00 in place of 23:59 as closing time."""
    return [
        (opens, MIDNIGHT if closes == LAST_MINUTE and opens else closes) for opens, closes in pairs
    ]


def bars_of(pairs: Pairs) -> list[dict[str, Any]]:
    """Return each pair as typed, with its position on the ruler if it can be parsed."""
    bars: list[dict[str, Any]] = []
    for opens, closes in pairs:
        bar: dict[str, Any] = {"opens": opens, "closes": closes, "start": None, "end": None}
        try:
            interval = Interval.parse(opens, closes)
            bar |= {"start": interval.start, "end": interval.end}
        except InvalidHours:
            pass
        bars.append(bar)
    return bars


@dataclass(slots=True)
class WeekForm:
    """The values as typed, and errors by day.

    Args:
        typed: the pairs of each day.
        zone: the chosen time zone.
        since: "now", or "date" for a week that begins on ``since_date``.
        fresh: the field that a button just added, to be focused.
    """

    typed: dict[str, Pairs]
    zone: str
    since: str = "now"
    since_date: str = ""
    fresh: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, week: Week, zone: str, since: date | None = None) -> WeekForm:
        return cls(
            {
                key: [(interval.opens, interval.closes) for interval in day]
                for key, day in zip(DAY_NAMES, week.days, strict=True)
            },
            zone,
            "date" if since else "now",
            since.isoformat() if since else "",
        )

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> WeekForm:
        return cls(
            {key: read_pairs(posted, key) for key in DAY_NAMES},
            posted.get("zone", ""),
            posted.get("since", "now"),
            posted.get("since-date", "").strip(),
        )

    @property
    def minute_short(self) -> tuple[str, ...]:
        """Days, by key, that close one minute before midnight."""
        return tuple(key for key, pairs in self.typed.items() if until_midnight(pairs) != pairs)

    def press(self, button: str, posted: MultiDict[str, str]) -> None:
        """Apply a button beside a day; everything typed stays.

        Args:
            button: "add:mon", "remove:mon:1", "close:mon", "copy:mon", UNTIL_MIDNIGHT; others are
                ignored.
        """
        if button == UNTIL_MIDNIGHT:
            self.typed = {key: until_midnight(pairs) for key, pairs in self.typed.items()}
        action, _colon, rest = button.partition(":")
        key, _colon, place = rest.partition(":")
        if key not in DAY_NAMES:
            return
        pairs = self.typed[key]
        match action:
            case "add" if len(pairs) < MOST_INTERVALS:
                pairs.append(("", ""))
                self.fresh = f"{key}-{len(pairs) - 1}-opens"
            case "remove" if (gone := parse_index(place, pairs)) is not None:
                del pairs[gone]
                self.fresh = f"{key}-add"
            case "close":
                pairs.clear()
                self.fresh = f"{key}-add"
            case "copy":
                for other in posted.getlist(f"copy-{key}"):
                    if other in DAY_NAMES:
                        self.typed[other] = list(pairs)
                self.fresh = f"{key}-copy"

    def week(self) -> Week | None:
        """Return the week, or None with ``errors`` set."""
        days: list[tuple[Interval, ...]] = []
        for key in DAY_NAMES:
            try:
                days.append(intervals_of(self.typed[key]))
            except InvalidHours as problem:
                self.errors[key] = _(problem.message_key)
        if self.errors:
            return None
        try:
            return Week(tuple(days))
        except InvalidHours as problem:
            day = DAY_NAMES[problem.day] if problem.day is not None else DAY_NAMES[0]
            self.errors[day] = _(problem.message_key)
            return None

    def begins(self, today: date, saved_zone: str) -> date | None:
        """Return when the week comes into force; None for now. Errors are in ``errors``."""
        if self.zone not in time_zones():
            self.errors["zone"] = _("Choose a time zone from the list.")
        if self.since != "date":
            return None
        day = date_of(self.since_date)
        if day is None or day <= today:
            self.errors["since-date"] = _("Choose a date after today, or choose “From now”.")
        elif self.zone != saved_zone:
            self.errors["zone"] = _("A new time zone applies at once. Save it on its own first.")
        return day


def date_of(typed: str) -> date | None:
    """Return a date as browsers send it; None if it is none, or far off."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year in _YEARS else None
