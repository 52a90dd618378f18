"""The range of days of a report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from wtforms import DateField, Form, StringField
from wtforms.validators import ValidationError

from helpline.reports.figures import Days
from helpline.web.admin.hours_fields import date_field
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext, locale

_DAY = timedelta(days=1)
_MAX_DAYS = 3660
_DATES, _TODAY = "dates", "today"
_DATE_REQUIRED = lazy_gettext("Enter a date, such as 2026-11-23.")


class RangeForm(Form):  # type: ignore[misc]
    """A preset or two dates, in the address; today by default."""

    preset = StringField(name="range")
    first = date_field(lazy_gettext("From"), _DATE_REQUIRED)
    last = date_field(lazy_gettext("Until"), _DATE_REQUIRED)

    def validate_first(self, field: DateField) -> None:
        if self.last.data and (self.last.data - field.data).days >= _MAX_DAYS:
            raise ValidationError(_("Choose a period of 10 years or less."))

    def validate_last(self, field: DateField) -> None:
        if self.first.data and field.data < self.first.data:
            raise ValidationError(_("The last day must not be before the first day."))

    def days(self, today: date, zone: ZoneInfo) -> Days | None:
        """Return the days; None with errors."""
        if self.preset.data is None:
            typed = [*(self.first.raw_data or ()), *(self.last.raw_data or ())]
            self.preset.data = _DATES if any(typed) else _TODAY
        if self.preset.data in PRESETS:
            self.first.data, self.last.data = PRESETS[self.preset.data](today)
        elif not self.validate():
            return None
        return Days(self.first.data, self.last.data, zone)

    def query(self) -> dict[str, Any]:
        """Return the same days for another address."""
        if self.preset.data in PRESETS:
            return {"range": self.preset.data}
        return {"first": self.first.data.isoformat(), "last": self.last.data.isoformat()}


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
