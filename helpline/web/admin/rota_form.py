"""Forms of shifts and their exceptions."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval
from helpline.domain.rota import Shift
from helpline.staff.rota.models import ExceptionKind
from helpline.web.admin.hours_fields import date_field, time_field
from helpline.web.forms import only_if
from helpline.web.language import lazy_gettext as _
from helpline.web.language import locale

_MOST_DAYS_OFF = 92
_OFF = "off"
_DATE_REQUIRED = _("Enter the date, such as 2026-11-23.")


def _check_times(opens: str, closes: str) -> None:
    try:
        Interval.parse(opens, closes)
    except InvalidHours as problem:
        raise ValidationError(
            _("Enter both times as hours and minutes, such as 10:00 and 18:00.")
        ) from problem


def _weekdays() -> list[SelectChoice]:
    names = locale().days["stand-alone"]["wide"]
    return [SelectChoice(str(number), names[number]) for number in range(7)]


class ShiftForm(FlaskForm):  # type: ignore[misc]
    """Weekly shifts to add: the same hours on one or more weekdays."""

    days = SelectMultipleField(
        _("Days"),
        choices=_weekdays,
        invalid_choice_message=_("Choose at least one day."),
        validators=[DataRequired(_("Choose at least one day."))],
    )
    opens = time_field(_("From"))
    closes = time_field(_("To"))
    first = date_field(_("First date"), _DATE_REQUIRED)
    last = date_field(_("Last date (optional)"), _DATE_REQUIRED, optional=True)

    def validate_opens(self, field: StringField) -> None:
        _check_times(field.data, self.closes.data)

    def validate_last(self, field: DateField) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("The last date must not be before the first date."))

    def shifts(self) -> list[Shift]:
        """Return the shifts. Call only after ``validate()``."""
        hours = Interval.parse(self.opens.data, self.closes.data)
        weekdays = sorted({int(number) for number in self.days.data})
        return [Shift(weekday, hours, self.first.data, self.last.data) for weekday in weekdays]


class ShiftExceptionForm(FlaskForm):  # type: ignore[misc]
    """One or more days off, or an extra shift on one date."""

    kind = RadioField(
        _("Type of exception"),
        choices=[
            SelectChoice(_OFF, _("Days off: no weekly shifts on these dates")),
            SelectChoice(ExceptionKind.EXTRA, _("Extra hours on one date")),
        ],
        default=_OFF,
        validate_choice=False,
    )
    day = date_field(_("Date"), _DATE_REQUIRED)
    until = date_field(
        _("Last day off (optional)"),
        _DATE_REQUIRED,
        only_if(lambda form: not form.is_extra),
        optional=True,
    )
    extra_opens = time_field(_("Extra hours from"), only_if(lambda form: form.is_extra))
    extra_closes = time_field(_("Extra hours to"))

    @property
    def is_extra(self) -> bool:
        return bool(self.kind.data == ExceptionKind.EXTRA)

    def validate_until(self, field: DateField) -> None:
        if (
            field.data
            and self.day.data
            and not 0 <= (field.data - self.day.data).days <= _MOST_DAYS_OFF
        ):
            raise ValidationError(_("Choose a date after the first day, at most 3 months later."))

    def validate_extra_opens(self, field: StringField) -> None:
        _check_times(field.data, self.extra_closes.data)

    @property
    def extra(self) -> Interval:
        """The extra hours. Only after ``validate()``."""
        return Interval.parse(self.extra_opens.data, self.extra_closes.data)
