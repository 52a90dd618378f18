"""Forms of shifts and their exceptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval
from helpline.domain.rota import Shift
from helpline.web.admin.week_form import date_of
from helpline.web.language import gettext as _

_MOST_DAYS_OFF = 92


@dataclass(slots=True)
class ShiftForm:
    """Weekly shifts to add: the same hours on one or more weekdays."""

    days: tuple[str, ...] = ()
    opens: str = ""
    closes: str = ""
    first: str = ""
    last: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> ShiftForm:
        return cls(
            days=tuple(posted.getlist("days")),
            opens=posted.get("opens", "").strip(),
            closes=posted.get("closes", "").strip(),
            first=posted.get("first", "").strip(),
            last=posted.get("last", "").strip(),
        )

    def shifts(self) -> list[Shift] | None:
        if not self.days or not set(self.days) <= set("0123456"):
            self.errors["days"] = _("Choose at least one day.")
        hours = interval(self.opens, self.closes, self.errors, "opens")
        first = day(self.first, self.errors, "first")
        last = day(self.last, self.errors, "last") if self.last else None
        if first and last and last < first:
            self.errors["last"] = _("The last date must not be before the first date.")
        if self.errors or hours is None or first is None:
            return None
        return [Shift(int(weekday), hours, first, last) for weekday in sorted(set(self.days))]


@dataclass(slots=True)
class ExceptionForm:
    """A day off, several days off, or an extra shift on one date."""

    kind: str = "off"
    day: str = ""
    until: str = ""
    extra_opens: str = ""
    extra_closes: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> ExceptionForm:
        return cls(
            kind=posted.get("kind", ""),
            day=posted.get("day", "").strip(),
            until=posted.get("until", "").strip(),
            extra_opens=posted.get("extra_opens", "").strip(),
            extra_closes=posted.get("extra_closes", "").strip(),
        )

    def days_off(self) -> tuple[date, date] | None:
        first = day(self.day, self.errors, "day")
        last = day(self.until, self.errors, "until") if self.until else first
        if first and last and not 0 <= (last - first).days <= _MOST_DAYS_OFF:
            self.errors["until"] = _("Choose a date after the first day, at most 3 months later.")
        return None if self.errors or first is None or last is None else (first, last)

    def extra(self) -> tuple[date, Interval] | None:
        on = day(self.day, self.errors, "day")
        hours = interval(self.extra_opens, self.extra_closes, self.errors, "extra_opens")
        return None if self.errors or on is None or hours is None else (on, hours)


def interval(opens: str, closes: str, errors: dict[str, str], name: str) -> Interval | None:
    """Return the hours, or None with an error under ``name``."""
    try:
        return Interval.parse(opens, closes)
    except InvalidHours:
        errors[name] = _("Enter both times as hours and minutes, such as 10:00 and 18:00.")
        return None


def day(typed: str, errors: dict[str, str], name: str) -> date | None:
    """Return the date, or None with an error under ``name``."""
    parsed = date_of(typed)
    if parsed is None:
        errors[name] = _("Enter the date, such as 2026-11-23.")
        return None
    return parsed
