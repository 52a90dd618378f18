"""Fields of forms with times of day and dates."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort
from wtforms import DateField, Field, FieldList, Form, FormField, StringField
from wtforms.utils import unset_value
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import MAX_REASON_LENGTH
from helpline.domain.opening_hours import Interval
from helpline.web.forms import FieldByLanguage, one_line, strip
from helpline.web.language import gettext, site_languages
from helpline.web.language import lazy_gettext as _

MAX_INTERVALS = 24
LAST_MINUTE, MIDNIGHT = "23:59", "24:00"
UNTIL_MIDNIGHT = "until-midnight"
"""Button that replaces 23:59, which closes for a minute every night, by 24:00."""

_YEARS = range(2000, 2101)


def parse_date(typed: str) -> date | None:
    """Parse a date as browsers send it; None if it is none, or far off."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def date_field(
    label: str, message: str, *validators: Any, optional: bool = False, **options: Any
) -> DateField:
    """Return the field of a date in this century.

    Args:
        message: for every error.
        validators: before its own.
        optional: whether it may be empty.
    """

    def check_year(_form: Form, field: Field) -> None:
        if field.data is not None and field.data.year not in _YEARS:
            raise ValidationError(message)

    return DateField(
        label,
        invalid_value_message=message,
        validators=[*validators, Optional() if optional else DataRequired(message), check_year],
        **options,
    )


def time_field(label: str = "", *validators: Any) -> StringField:
    """Return the field of a time of day, such as 10:00. Two of them make an ``Interval``."""
    return StringField(label, filters=[strip], validators=validators)


class IntervalForm(Form):  # type: ignore[misc]
    """When it opens and closes."""

    opens = time_field()
    closes = time_field()

    @property
    def interval(self) -> Interval | None:
        """The interval; None while it cannot be parsed."""
        try:
            return Interval.parse(self.opens.data, self.closes.data)
        except InvalidHours:
            return None


class IntervalsField(FieldList):  # type: ignore[misc]
    """The intervals of a day. A field "mon" has inputs "mon-0-opens", "mon-0-closes" and so on."""

    intervals: tuple[Interval, ...] = ()
    """What was typed, once ``check_intervals`` has passed."""

    def __init__(self, label: str = "", validators: Any = None, **options: Any) -> None:
        options["max_entries"] = MAX_INTERVALS
        super().__init__(FormField(IntervalForm), label, validators, **options)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        try:
            super().process(formdata, data, extra_filters)
        except ValueError:  # it takes "mon-²-opens" for a number
            abort(400)

    @property
    def is_minute_short(self) -> bool:
        """Whether it closes one minute before midnight."""
        return any(_is_minute_short(entry.form) for entry in self.entries)

    def close_at_midnight(self) -> None:
        """Put 24:00 in place of 23:59."""
        for entry in self.entries:
            if _is_minute_short(entry.form):
                entry.form.closes.data = MIDNIGHT


def _is_minute_short(times: IntervalForm) -> bool:
    return bool(times.opens.data and times.closes.data == LAST_MINUTE)


def check_intervals(_form: Form, field: IntervalsField) -> None:
    """Parse the intervals; empty ones are left out."""
    intervals = []
    for entry in field.entries:
        opens, closes = entry.form.opens.data, entry.form.closes.data
        if not opens and not closes:
            continue
        if not opens or not closes:
            raise ValidationError(_("Enter both times, or leave both empty."))
        if opens == closes:
            raise ValidationError(
                _("The two times are the same. For the whole day, enter 00:00 and 24:00.")
            )
        try:
            intervals.append(Interval.parse(opens, closes))
        except InvalidHours as problem:
            raise ValidationError(gettext(problem.message_key)) from problem
    field.intervals = tuple(intervals)


def message_field(label: str) -> FieldByLanguage:
    """Return the field of a message to visitors in each language of the site."""
    too_long = _("Shorten this to %(most)s characters or fewer.", most=MAX_REASON_LENGTH)
    length = Length(max=MAX_REASON_LENGTH, message=too_long)
    return FieldByLanguage(
        label,
        languages=site_languages,
        field=lambda name: StringField(name, filters=[one_line], validators=[length]),
    )
