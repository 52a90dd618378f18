"""Form of the weekly hours."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Self
from zoneinfo import available_timezones

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from helpline import clock
from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import DAY_NAMES, Week
from helpline.web.admin.hours_fields import (
    UNTIL_MIDNIGHT,
    IntervalsField,
    check_intervals,
    date_field,
)
from helpline.web.forms import VersionField, only_if
from helpline.web.int_params import parse_index
from helpline.web.language import gettext, locale
from helpline.web.language import lazy_gettext as _

_NOW, _FROM_DATE = "now", "date"


@cache
def time_zones() -> tuple[str, ...]:
    """Return all time zones in order; cached, since it reads a folder of files."""
    return tuple(sorted(available_timezones()))


class WeekForm(FlaskForm):  # type: ignore[misc]
    """The hours of a week, from now or from a date.

    Args:
        plan: what is saved.
    """

    focus = ""
    """Id of the input that a button just added, or of another one to go on with."""

    version = VersionField()
    mon = IntervalsField(validators=[check_intervals])
    tue = IntervalsField(validators=[check_intervals])
    wed = IntervalsField(validators=[check_intervals])
    thu = IntervalsField(validators=[check_intervals])
    fri = IntervalsField(validators=[check_intervals])
    sat = IntervalsField(validators=[check_intervals])
    sun = IntervalsField(validators=[check_intervals])
    since = RadioField(
        _("When the hours apply"),
        choices=[
            SelectChoice(_NOW, _("From now")),
            SelectChoice(_FROM_DATE, _("From a date. Current hours apply until then.")),
        ],
        default=_NOW,
        validate_choice=False,
    )
    since_date = date_field(
        _("Start date"),
        _("Choose a date after today, or choose “From now”."),
        only_if(lambda form: form.is_scheduled),
        name="since-date",
    )
    zone = SelectField(
        _("Time zone"),
        choices=lambda: [SelectChoice(name, name.replace("_", " ")) for name in time_zones()],
        invalid_choice_message=_("Choose a time zone from the list."),
    )

    def __init__(self, plan: HoursPlan, **options: Any) -> None:
        super().__init__(**options)
        self.plan = plan
        names = locale().days["stand-alone"]["wide"]
        for number, day in enumerate(self.days):
            day.label.text = names[number]

    @classmethod
    def of(cls, plan: HoursPlan, version: int, week: Week, since: date | None = None) -> Self:
        """Return the form with a saved week."""
        days = {
            key: [{"opens": interval.opens, "closes": interval.closes} for interval in intervals]
            for key, intervals in zip(DAY_NAMES, week.days, strict=True)
        }
        return cls(
            plan,
            formdata=None,
            data=days,
            version=version,
            since=_FROM_DATE if since else _NOW,
            since_date=since,
            zone=plan.zone_name,
        )

    @property
    def days(self) -> list[IntervalsField]:
        return [self[key] for key in DAY_NAMES]

    @property
    def is_scheduled(self) -> bool:
        """Whether the week begins on a date."""
        return bool(self.since.data == _FROM_DATE)

    @property
    def starts_on(self) -> date | None:
        """When the week comes into force; None for now."""
        return self.since_date.data if self.is_scheduled else None

    def validate_since_date(self, field: DateField) -> None:
        if field.data <= clock.now().astimezone(self.plan.zone).date():
            raise ValidationError(_("Choose a date after today, or choose “From now”."))

    def validate_zone(self, field: SelectField) -> None:
        is_later = self.is_scheduled and not self.since_date.errors
        if is_later and field.data != self.plan.zone_name:
            raise ValidationError(_("A new time zone applies at once. Save it on its own first."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that no day's hours overlap those of another."""
        if not super().validate(extra_validators):
            return False
        try:
            self.week()
        except InvalidHours as problem:
            self.days[problem.day or 0].errors = [gettext(problem.message_key)]
            return False
        return True

    def week(self) -> Week:
        """Return the week. Call only after ``validate()``."""
        return Week(tuple(day.intervals for day in self.days))

    def press(self, button: str) -> None:
        """Apply a button beside a day; everything typed stays.

        Args:
            button: "add:mon", "remove:mon:1", "close:mon", "copy:mon", UNTIL_MIDNIGHT; others are
                ignored.
        """
        if button == UNTIL_MIDNIGHT:
            for day in self.days:
                day.close_at_midnight()
        action, _colon, rest = button.partition(":")
        key, _colon, index = rest.partition(":")
        if key not in DAY_NAMES:
            return
        day = self[key]
        match action:
            case "add" if len(day) < day.max_entries:
                self.focus = day.append_entry().opens.id
            case "remove" if (place := parse_index(index, day)) is not None:
                day.pop_entry(place)
                self.focus = f"{key}-add"
            case "close":
                day.process(None)
                self.focus = f"{key}-add"
            case "copy":
                for other in request.form.getlist(f"copy-{key}"):
                    if other in DAY_NAMES:
                        self[other].process(None, day.data)
                self.focus = f"{key}-copy"
