"""Forms of pages about callers."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from helpline import clock
from helpline.callbacks.on_behalf import Purpose
from helpline.domain import references
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.slots import parse_start
from helpline.web.forms import strip
from helpline.web.language import lazy_gettext as _
from helpline.web.language import ngettext
from helpline.web.request_context import parse_known_number
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import BLOCK_DAYS
from helpline.web.visitor.forms import ASAP

CANCEL, UNSAFE, RESCHEDULE = "cancel", "unsafe", "reschedule"
_PASS_SECONDS = 30 * 60


class LookUpForm(FlaskForm):  # type: ignore[misc]
    """A reference or a phone number, and what for."""

    who = StringField(
        _("Reference or phone number"),
        description=_("For example K7M-3XD, or the whole number that we should call."),
        filters=[strip],
    )
    purpose = RadioField(
        _("What does the caller want?"),
        description=_("The audit log notes who looked, and this."),
        choices=[
            SelectChoice(Purpose.CANCEL, _("To cancel")),
            SelectChoice(Purpose.UNSAFE, _("It is not safe to call any more")),
            SelectChoice(Purpose.RESCHEDULE, _("Another time")),
            SelectChoice(Purpose.QUESTION, _("To know about their request")),
        ],
        validators=[InputRequired(_("Choose what the caller wants."))],
        validate_choice=False,
    )
    reference: str | None = None
    number: str | None = None

    def validate_who(self, field: StringField) -> None:
        self.reference = references.parse(field.data)
        if self.reference is not None:
            return
        try:
            self.number = parse_known_number(field.data).e164
        except InvalidPhoneNumber as problem:
            raise ValidationError(
                _("Enter a reference of 6 letters and digits, or a whole phone number.")
            ) from problem

    def validate_purpose(self, field: RadioField) -> None:
        if field.data not in [*Purpose]:
            raise ValidationError(_("Choose what the caller wants."))


class ActForm(FlaskForm):  # type: ignore[misc]
    """What to do with a request that was looked up."""

    found = HiddenField()
    action = RadioField(
        _("What should happen?"),
        choices=[
            SelectChoice(CANCEL, _("Cancel the request")),
            SelectChoice(RESCHEDULE, _("Reschedule it")),
            SelectChoice(UNSAFE, _("Mark the number as unsafe to call")),
        ],
        validators=[InputRequired(_("Choose what should happen."))],
        validate_choice=False,
    )
    when = SelectField(_("New time"), default=ASAP, validate_choice=False)
    days = SelectField(
        _("Do not call this number for"),
        coerce=int,
        default=BLOCK_DAYS[1],
        choices=lambda: [
            SelectChoice(str(days), ngettext("%(num)d day", "%(num)d days", days))
            for days in BLOCK_DAYS
        ],
        validate_choice=False,
    )

    def validate_action(self, field: RadioField) -> None:
        if field.data not in (CANCEL, RESCHEDULE, UNSAFE):
            raise ValidationError(_("Choose what should happen."))

    def validate_when(self, field: SelectField) -> None:
        if self.action.data == RESCHEDULE and field.data != ASAP and self.slot_at is None:
            raise ValidationError(_("Choose one of the times."))

    def validate_days(self, field: SelectField) -> None:
        if self.action.data == UNSAFE and field.data not in BLOCK_DAYS:
            raise ValidationError(_("Choose a duration."))

    @property
    def slot_at(self) -> datetime | None:
        """The chosen slot; None for as soon as possible."""
        return None if self.when.data == ASAP else parse_start(self.when.data)


def signed(callback_id: int) -> str:
    """Return the proof that this member of staff has just looked a request up."""
    return _signer().dumps([current_staff_id(), callback_id, int(clock.now().timestamp())])


def id_of(proof: str) -> int | None:
    """Return the callback of a proof; None where it is not theirs, or older than half an hour."""
    try:
        staff_id, callback_id, at = _signer().loads(proof)
    except BadSignature:
        return None
    is_new = clock.now().timestamp() - at < _PASS_SECONDS
    return int(callback_id) if staff_id == current_staff_id() and is_new else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="request-looked-up")
