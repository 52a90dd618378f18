"""Form of public holidays: closed, or open at special hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import ValidationError

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import ExceptionKind, HolidayOrigin, HoursException
from helpline.domain.opening_hours import Interval
from helpline.hours.public_holidays import PublicHoliday
from helpline.web.admin.hours_fields import time_field
from helpline.web.language import lazy_gettext as _


class HolidaysForm(FlaskForm):  # type: ignore[misc]
    """The days to close or to open at special hours, which are the same on all days.

    Args:
        listed: the holidays to choose from.
    """

    closed = SelectMultipleField(name="day", id="holidays", validate_choice=False, default=())
    special = SelectMultipleField(validate_choice=False, default=())
    opens = time_field(_("From"))
    closes = time_field(_("Until"))

    def __init__(self, listed: Sequence[PublicHoliday], **options: Any) -> None:
        super().__init__(**options)
        self.listed = listed

    def validate_closed(self, field: SelectMultipleField) -> None:
        if set(field.data) & set(self.special.data):
            raise ValidationError(
                _("For each day, select either closed or special hours, not both.")
            )
        if not self._chosen():
            raise ValidationError(_("Select at least one day."))

    def validate_opens(self, field: StringField) -> None:
        try:
            if self.special.data:
                Interval.parse(field.data, self.closes.data)
        except InvalidHours as problem:
            raise ValidationError(
                _("Enter the special hours, such as 10:00 to 14:00.")
            ) from problem

    def exceptions(self, country: str, state: str) -> list[HoursException]:
        """Return the selected days as exceptions. Call only after ``validate()``."""
        special, hours = set(self.special.data), list[Interval]()
        if special:
            hours = [Interval.parse(self.opens.data, self.closes.data)]
        return [
            HoursException(
                ExceptionKind.HOURS if is_special else ExceptionKind.CLOSED,
                holiday.day,
                holiday.day,
                tuple(hours) if is_special else (),
                holiday.names,
                holiday=HolidayOrigin(
                    country, state, holiday.category, holiday.name, holiday.is_estimated
                ),
            )
            for holiday in self._chosen()
            for is_special in [holiday.day.isoformat() in special]
        ]

    def _chosen(self) -> list[PublicHoliday]:
        days = {*self.closed.data, *self.special.data}
        return [holiday for holiday in self.listed if holiday.day.isoformat() in days]
