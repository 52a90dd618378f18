"""Form of an exception: dates, kind, times, and a reason in each language."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import ExceptionKind, HoursException
from helpline.web.admin.hours_fields import (
    UNTIL_MIDNIGHT,
    IntervalsField,
    check_intervals,
    date_field,
    message_field,
)
from helpline.web.forms import VersionField, only_if
from helpline.web.int_params import parse_index
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _

_KINDS_WITH_TIMES = (ExceptionKind.PART, ExceptionKind.HOURS)


class ExceptionForm(FlaskForm):  # type: ignore[misc]
    """An exception from the weekly hours.

    Args:
        today: the first day that can be chosen.
        number: of the exception being edited; 0 for a new one.
    """

    focus = ""
    """Id of the input that a button just added, or of another one to go on with."""

    version = VersionField()
    first = date_field(_("Date"), _("Choose a date."))
    last = date_field(
        _("Last date (if several days)"),
        _("Choose a last date, or leave it empty for one day."),
        optional=True,
    )
    kind = RadioField(
        _("Type of exception"),
        choices=[
            SelectChoice(ExceptionKind.CLOSED, _("Closed all day")),
            SelectChoice(ExceptionKind.PART, _("Closed for part of the day, at the times below")),
            SelectChoice(ExceptionKind.HOURS, _("Different opening hours, at the times below")),
        ],
        invalid_choice_message=_("Choose a type of exception."),
    )
    time = IntervalsField(
        min_entries=1,
        validators=[only_if(lambda form: form.kind.data in _KINDS_WITH_TIMES), check_intervals],
    )
    reason = message_field(_("Reason (visitors see it)"))

    def __init__(self, today: date, number: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.today, self.number = today, number

    @classmethod
    def of(cls, exception: HoursException, version: int, today: date) -> Self:
        """Return the form with a saved exception."""
        return cls(
            today,
            exception.number,
            formdata=None,
            version=version,
            first=exception.first,
            last=exception.last if exception.last != exception.first else None,
            kind=exception.kind,
            time=[{"opens": one.opens, "closes": one.closes} for one in exception.intervals],
            reason=dict(exception.reasons),
        )

    @property
    def is_minute_short(self) -> bool:
        """Whether it is open until one minute before midnight."""
        return bool(self.kind.data == ExceptionKind.HOURS and self.time.is_minute_short)

    def validate_first(self, field: DateField) -> None:
        if (self.last.data or field.data) < self.today:
            raise ValidationError(_("Choose today or a later date."))

    def validate_time(self, field: IntervalsField) -> None:
        if field.errors:
            return
        if not field.intervals:
            raise ValidationError(_("Enter the times."))
        if any(after.start < before.end for before, after in pairwise(field.intervals)):
            raise ValidationError(_("Two opening times overlap. Change one of them."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that the exception is possible."""
        if not super().validate(extra_validators):
            return False
        try:
            self.exception()
        except InvalidHours as problem:
            self.last.errors = [gettext(problem.message_key)]
            return False
        return True

    def exception(self) -> HoursException:
        """Return the exception. Call only after ``validate()``."""
        kind = ExceptionKind(self.kind.data)
        return HoursException(
            kind,
            self.first.data,
            self.last.data or self.first.data,
            self.time.intervals if kind in _KINDS_WITH_TIMES else (),
            self.reason.by_language,
            self.number,
        )

    def press(self, button: str) -> None:
        """Apply a button beside the times; everything typed stays."""
        if button == UNTIL_MIDNIGHT:
            self.time.close_at_midnight()
        action, _colon, index = button.partition(":")
        if action == "add" and len(self.time) < self.time.max_entries:
            self.focus = self.time.append_entry().opens.id
        elif action == "remove" and (place := parse_index(index, self.time)) is not None:
            self.time.pop_entry(place)
            if not self.time:
                self.time.append_entry()
            self.focus = "time-add"
