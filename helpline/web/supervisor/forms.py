"""Forms of the live view."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from helpline.callbacks.set_aside.service import MatchAttribute, Pattern
from helpline.calls.supervision.models import SupervisorAction
from helpline.calls.supervision.service import Order
from helpline.domain.retries import Disposition
from helpline.domain.slots import is_in_calendar, parse_start
from helpline.staff.models import Staff
from helpline.web.disposition_text import disposition_choices
from helpline.web.formatting import language_name
from helpline.web.forms import strip
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext, ngettext
from helpline.web.language import lazy_gettext as _
from helpline.web.request_context import zone

ASSIGN = "assign"
RELEASE, CLOSE = "release", "close"
BLOCK_DAYS = (1, 7, 30, 90)
PAUSE_MINUTES = (15, 30, 60, 120)
MAX_REASON_LENGTH = 500
SIMILARITY_LABELS = {
    MatchAttribute.NETWORK: _("Same network (one IPv4 address, or one IPv6 /64)"),
    MatchAttribute.NETWORK_56: _("Same wider network (IPv6 /56)"),
    MatchAttribute.NETWORK_48: _("Same widest network (IPv6 /48)"),
    MatchAttribute.PAGE: _("Same source page"),
    MatchAttribute.CHANNEL: _("Same channel"),
    MatchAttribute.NUMBERS: _("Phone numbers that differ only in the last 4 digits"),
    MatchAttribute.WORDS: _("Same name and note"),
}
ACTION_LABELS = {
    SupervisorAction.GIVE: _("Assign to an advisor"),
    SupervisorAction.TAKE_BACK: _("Return to the queue"),
    SupervisorAction.FIRST: _("Pin to front"),
    SupervisorAction.USUAL: _("Unpin: move to its normal position"),
    SupervisorAction.LAST: _("Move to back"),
}
"""What a supervisor can do with a callback."""
_TIME_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
_TIME_REQUIRED = _("Enter a date and time, for example 2026-11-23 14:30.")


def _reason_field(missing: str, hint: str) -> TextAreaField:
    """Return the field of a reason; ``missing`` and ``hint`` say who will see it."""
    too_long = _("The reason must be 500 characters or fewer.")
    return TextAreaField(
        _("Reason"),
        description=hint,
        filters=[strip],
        validators=[DataRequired(missing), Length(max=MAX_REASON_LENGTH, message=too_long)],
    )


def _reason_for_supervisors() -> TextAreaField:
    return _reason_field(
        _("Enter a reason. Other supervisors will see it."),
        _("Other supervisors will see this. Do not name the visitor."),
    )


def _check_row_id(_form: FlaskForm, field: Field) -> None:
    if parse_row_id(field.data) is None:
        raise ValidationError(_("Enter a callback number, for example 12."))


def _check_year(_form: FlaskForm, field: Field) -> None:
    if field.data and not is_in_calendar(field.data):
        raise ValidationError(_TIME_REQUIRED)


def _time_field(label: str) -> DateTimeLocalField:
    return DateTimeLocalField(
        label,
        format=_TIME_FORMATS,
        invalid_value_message=_TIME_REQUIRED,
        validators=[InputRequired(_TIME_REQUIRED), _check_year],
    )


class BlockForm(FlaskForm):  # type: ignore[misc]
    """Block the number of a callback."""

    callback = StringField(
        _("Callback number"),
        description=_(
            "For example 12. It is shown in the live view, on the desk and in the audit log."
        ),
        filters=[strip],
        validators=[_check_row_id],
    )
    days = RadioField(
        _("Duration"),
        coerce=int,
        choices=lambda: [
            SelectChoice(str(days), ngettext("%(num)s day", "%(num)s days", days))
            for days in BLOCK_DAYS
        ],
        invalid_value_message=_("Choose a duration."),
        invalid_choice_message=_("Choose a duration."),
    )
    reason = _reason_for_supervisors()


def _row_id(typed: str | int) -> int:
    row_id = parse_row_id(str(typed))
    if row_id is None:
        raise ValueError("no row id")
    return row_id


class HeldForm(FlaskForm):  # type: ignore[misc]
    """Release or close held requests."""

    callback = SelectMultipleField(
        _("Requests"),
        coerce=_row_id,
        choices=[],
        validate_choice=False,
        invalid_value_message=_("Select at least one request."),
        validators=[DataRequired(_("Select at least one request."))],
    )
    decision = StringField(
        validators=[AnyOf([RELEASE, CLOSE], message=_("Choose whether to release or close them."))]
    )


class PauseForm(FlaskForm):  # type: ignore[misc]
    """Pause dispatch for a time."""

    minutes = RadioField(
        _("How long"),
        choices=lambda: [
            SelectChoice(str(number), ngettext("%(num)s minute", "%(num)s minutes", number))
            for number in PAUSE_MINUTES
        ],
        default=str(PAUSE_MINUTES[0]),
        invalid_choice_message=_("Choose how long."),
    )
    reason = _reason_field(
        _("Enter a reason. Advisors and admins will see it."),
        _("Advisors and admins will see this. Do not name a visitor."),
    )


class RescheduleForm(FlaskForm):  # type: ignore[misc]
    """Reschedule a callback that waits."""

    nearest: Sequence[datetime] = ()
    """Free times to offer first, after the chosen one was taken."""

    time = SelectField(_("New time"), default="", validate_choice=False)
    agreed = BooleanField(_("The visitor asked for this time"))
    seen = HiddenField()

    def validate_time(self, field: SelectField) -> None:
        if parse_start(field.data) is None:
            raise ValidationError(_("Choose a time."))

    @property
    def slot_at(self) -> datetime | None:
        return parse_start(self.time.data)

    @property
    def seen_due_at(self) -> datetime | None:
        """When the callback was due when the page was made."""
        return parse_start(self.seen.data or "")

    def slot_gone(self, nearest: Sequence[datetime]) -> None:
        """Report that the slot was taken, and offer the nearest free ones."""
        self.nearest = nearest
        self.time.errors = [
            _("That time is no longer free. The nearest free times are first in the list.")
            if nearest
            else _("That time is no longer free, and there is no other. The old time is kept.")
        ]


class SetAsideForm(FlaskForm):  # type: ignore[misc]
    """Set aside the requests that match an example."""

    callback = StringField(
        _("Number of a callback that looks fake"),
        description=_("Other requests are compared with this one."),
        filters=[strip],
        validators=[_check_row_id],
    )
    alike = SelectMultipleField(
        _("Match by"),
        description=_(
            "Requests must match everything you choose. You are not shown the network, number "
            "or text."
        ),
        choices=[SelectChoice(value, label) for value, label in SIMILARITY_LABELS.items()],
        invalid_choice_message=_("Choose what the requests have in common."),
        validators=[DataRequired(_("Choose what the requests have in common."))],
    )
    since = _time_field(_("Requested from"))
    until = _time_field(_("Requested until"))
    reason = _reason_for_supervisors()

    def validate_until(self, field: DateTimeLocalField) -> None:
        if self.since.data and field.data and self.since.data > field.data:
            raise ValidationError(_("Enter an end time after the start time."))

    def pattern(self) -> Pattern:
        """Return which requests to set aside. Call only after ``validate()``."""
        return Pattern(
            int(self.callback.data),
            tuple(MatchAttribute(value) for value in self.alike.data),
            _in_zone(self.since.data),
            _in_zone(self.until.data) + timedelta(minutes=1),
        )


def _in_zone(local: datetime) -> datetime:
    return local.replace(tzinfo=zone())


def _with_languages(staff: Staff) -> str:
    return f"{staff.name} ({', '.join(language_name(code) for code in staff.languages)})"


class ActionForm(FlaskForm):  # type: ignore[misc]
    """Assign or move a callback."""

    action = RadioField(
        _("Action"),
        name="deed",
        choices=[SelectChoice(value, label) for value, label in ACTION_LABELS.items()],
        invalid_choice_message=_("Choose an action."),
    )
    to = SelectField(_("Advisor to assign"), coerce=parse_row_id, validate_choice=False)
    reason = _reason_field(
        _("Enter a reason. The advisors affected will see it."),
        _("The advisors affected will see this. Do not name the visitor."),
    )
    seen = HiddenField()

    def validate_to(self, field: SelectField) -> None:
        if self.action.data == SupervisorAction.GIVE and field.data is None:
            raise ValidationError(_("Choose an advisor."))

    def offer(self, actions: Collection[SupervisorAction], advisors: Iterable[Staff]) -> None:
        """Set what can be done now, and the advisors to choose from."""
        self.action.choices = [choice for choice in self.action.choices if choice.value in actions]
        self.to.choices = [
            SelectChoice("", _("Choose")),
            *(SelectChoice(str(staff.id), _with_languages(staff)) for staff in advisors),
        ]

    def order(self) -> Order:
        """Return the action. Call only after ``validate()``."""
        return Order(
            SupervisorAction(self.action.data),
            parse_row_id(self.seen.data or ""),
            self.reason.data,
            self.to.data,
        )


class FinishForm(FlaskForm):  # type: ignore[misc]
    """Record the outcome of a call, or assign its callback again."""

    outcome = RadioField(
        _("Outcome"),
        choices=lambda: [*disposition_choices(), SelectChoice(ASSIGN)],
        invalid_choice_message=_("Choose an outcome or assign the callback."),
    )
    reason = _reason_field(
        _("Enter a reason. The advisors affected will see it."),
        _("The advisor will see this. Do not name the visitor."),
    )

    def offer(self, attempt_id: int, advisor: str, *, may_assign: bool) -> None:
        """Set choices and ids, for a page that has this form once for each call."""
        for field in (self.outcome, self.reason):
            field.id = f"{field.name}-{attempt_id}"
        assign = SelectChoice(ASSIGN, gettext("Assign it to %(name)s again", name=advisor))
        self.outcome.choices = [*disposition_choices(), *([assign] if may_assign else [])]

    @property
    def disposition(self) -> Disposition | None:
        """The outcome; None to assign the callback."""
        return None if self.outcome.data == ASSIGN else Disposition(self.outcome.data)
