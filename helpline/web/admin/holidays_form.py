"""Form of public holidays: closed, or open at special hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import ExceptionKind, HolidayOrigin, HoursException
from helpline.domain.opening_hours import Interval
from helpline.hours.public_holidays import PublicHoliday
from helpline.web.admin.week_form import date_of
from helpline.web.language import gettext as _


@dataclass(slots=True)
class HolidaysForm:
    """The values as typed, and errors by field.

    Args:
        closed, special: the selected days.
        opens, closes: the special hours, the same on all days.
    """

    closed: set[date]
    special: set[date]
    opens: str
    closes: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: Any) -> HolidaysForm:
        def days(name: str) -> set[date]:
            ticked = posted.getlist(name) if posted else []
            return {day for text in ticked if (day := date_of(text))}

        return cls(
            days("day"),
            days("special"),
            posted.get("opens", "").strip(),
            posted.get("closes", "").strip(),
        )

    def exceptions(
        self, listed: Sequence[PublicHoliday], country: str, state: str, *, today: date
    ) -> list[HoursException] | None:
        """Return the selected days as exceptions, or None with ``errors`` set."""
        hours = self._hours() if self.special else ()
        if self.closed & self.special:
            self.errors["holidays"] = _(
                "For each day, select either closed or special hours, not both."
            )
        chosen = [holiday for holiday in listed if holiday.day in self.closed | self.special]
        if not chosen and not self.errors:
            self.errors["holidays"] = _("Select at least one day.")
        if self.errors:
            return None
        return [
            HoursException(
                ExceptionKind.HOURS if holiday.day in self.special else ExceptionKind.CLOSED,
                holiday.day,
                holiday.day,
                hours if holiday.day in self.special else (),
                holiday.names,
                holiday=HolidayOrigin(
                    country, state, holiday.category, holiday.name, holiday.is_estimated
                ),
            )
            for holiday in chosen
            if holiday.day >= today
        ]

    def _hours(self) -> tuple[Interval, ...]:
        try:
            return (Interval.parse(self.opens, self.closes),)
        except InvalidHours:
            self.errors["opens"] = _("Enter the special hours, such as 10:00 to 14:00.")
            return ()
