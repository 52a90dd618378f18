"""The range of days of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from helpline.reports.figures import Days
from helpline.web.language import gettext as _
from helpline.web.language import locale

_DAY = timedelta(days=1)
_MOST_DAYS = 3660
_DATES = "dates"


@dataclass(slots=True)
class RangeForm:
    """The values as typed, and errors by field; today by default."""

    preset: str
    first: str
    last: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> RangeForm:
        first, last = asked.get("first", "").strip(), asked.get("last", "").strip()
        default = _DATES if first or last else "today"
        return cls(asked.get("range", default), first, last)

    def days(self, today: date, zone: ZoneInfo) -> Days | None:
        if self.preset in PRESETS:
            first, last = PRESETS[self.preset](today)
            self.first, self.last = first.isoformat(), last.isoformat()
            return Days(first, last, zone)
        begin, end = self._date("first"), self._date("last")
        if begin is None or end is None:
            return None
        if end < begin:
            self.errors["last"] = _("The last day must not be before the first day.")
        elif (end - begin).days >= _MOST_DAYS:
            self.errors["first"] = _("Choose a period of 10 years or less.")
        return None if self.errors else Days(begin, end, zone)

    def query(self) -> dict[str, Any]:
        if self.preset in PRESETS:
            return {"range": self.preset}
        return {"first": self.first, "last": self.last}

    def _date(self, name: str) -> date | None:
        try:
            day = date.fromisoformat(getattr(self, name))
        except ValueError:
            self.errors[name] = _("Enter a date, such as 2026-11-23.")
            return None
        if not 2000 <= day.year < 2200:
            self.errors[name] = _("Enter a date, such as 2026-11-23.")
            return None
        return day


def _week(today: date) -> tuple[date, date]:
    return today - today.weekday() * _DAY, today


def _month(today: date) -> tuple[date, date]:
    return today.replace(day=1), today


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


def _year(today: date) -> tuple[date, date]:
    """Twelve whole months and the days since."""
    first = today.replace(day=1)
    return first.replace(year=first.year - 1), today


PRESETS = {
    "today": lambda today: (today, today),
    "week": _week,
    "month": _month,
    "last_month": _last_month,
    "year": _year,
}


def preset_words() -> list[tuple[str, str]]:
    return [
        ("today", _("Today")),
        ("week", _("This week")),
        ("month", _("This month")),
        ("last_month", _("Last month")),
        ("year", _("12 months")),
    ]


def days_words(days: Days) -> str:
    """ "Monday 23 November 2026", or from when to when."""
    if days.number == 1:
        return day_words(days.first)
    return _("%(first)s to %(last)s", first=day_words(days.first), last=day_words(days.last))


def day_words(day: date) -> str:
    """ "Mon 23 Nov 2026"."""
    return str(format_date(day, "EEE d MMM y", locale=locale()))


def short_day(day: date) -> str:
    """ "23 Nov"."""
    return str(format_date(day, "d MMM", locale=locale()))


def month_words(day: date) -> str:
    """ "Nov 2026"."""
    return str(format_date(day, "LLL y", locale=locale()))
