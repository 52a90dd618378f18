"""Forms of a member of staff: for admins, for invitations, and for the invited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, PasswordField, SelectMultipleField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from helpline.current import settings
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.unreadable import if_readable
from helpline.staff.members import ROLES, Profile
from helpline.staff.models import Staff
from helpline.staff.passwords import weakness
from helpline.web.formatting import language_name
from helpline.web.forms import VersionedForm, strip
from helpline.web.language import lazy_gettext as _
from helpline.web.language import site_name
from helpline.web.password_text import weakness_words
from helpline.web.request_context import own_numbers, profile

ROLE_LABELS = {"advisor": _("Advisor"), "supervisor": _("Supervisor"), "admin": _("Admin")}
_PHONE_ERRORS = {
    PhoneProblem.REGION_NOT_ALLOWED: _(
        "Calls to numbers in this country are not allowed. Ask the operator to allow them."
    ),
    PhoneProblem.OWN_NUMBER: _("This is the helpline's own number. Enter the advisor's number."),
    PhoneProblem.TOO_SHORT: _("This number is too short or too long. Check it and try again."),
    PhoneProblem.TOO_LONG: _("This number is too short or too long. Check it and try again."),
}
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"
_EMAIL_REQUIRED = _("Enter an email address, such as name@example.org.")


def _name_field(label: str) -> StringField:
    return StringField(
        label,
        description=_("Colleagues see it, visitors do not."),
        filters=[strip],
        validators=[
            DataRequired(_("Enter a name.")),
            Length(max=120, message=_("Shorten the name to 120 characters or fewer.")),
        ],
    )


class PhoneNumberField(TelField):  # type: ignore[misc]
    """A phone that the service may call. ``number`` is what was typed as E.164, None if empty."""

    number: str | None = None

    def pre_validate(self, _form: FlaskForm) -> None:
        if not self.data:
            return
        try:
            self.number = phone_numbers.parse(
                self.data,
                settings().default_region,
                settings().allowed_regions,
                own_numbers=own_numbers(),
            ).e164
        except InvalidPhoneNumber as problem:
            other = _("This number cannot be called. Enter it with its area code.")
            raise ValidationError(_PHONE_ERRORS.get(problem.reason, other)) from problem


def _language_choices(form: InviteForm | MemberForm, _field: Field) -> list[SelectChoice]:
    codes = dict.fromkeys((*profile().spoken_languages, *form.spoken))
    return [SelectChoice(code, language_name(code)) for code in codes]


def _roles_field() -> SelectMultipleField:
    return SelectMultipleField(
        _("Roles"),
        description=_("Choose one or more. No role includes another."),
        choices=[SelectChoice(role, ROLE_LABELS[role]) for role in ROLES],
        invalid_choice_message=_("Choose at least one role."),
        validators=[DataRequired(_("Choose at least one role."))],
    )


def _languages_field() -> SelectMultipleField:
    return SelectMultipleField(
        _("Languages they speak with visitors"),
        choices=_language_choices,
        invalid_choice_message=_("Choose at least one language from the list."),
        validators=[DataRequired(_("Choose at least one language from the list."))],
    )


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Invite someone. The address is their sign-in name; no mail is sent to it."""

    spoken: Sequence[str] = ()

    email = EmailField(
        _("Email address"),
        description=_("They will use it to sign in."),
        filters=[strip],
        validators=[
            Regexp(_EMAIL, message=_EMAIL_REQUIRED),
            Length(max=255, message=_EMAIL_REQUIRED),
        ],
    )
    roles = _roles_field()
    languages = _languages_field()


class MemberForm(VersionedForm):
    """What an admin changes of a member of staff."""

    name = _name_field(_("Name"))
    phone = PhoneNumberField(
        _("Phone"),
        description=_(
            "For each callback the service calls this phone first. Leave empty if the advisor "
            "calls visitors from their own phone."
        ),
        filters=[strip],
    )
    roles = _roles_field()
    languages = _languages_field()

    def __init__(self, staff: Staff, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spoken = staff.languages

    @classmethod
    def of(cls, staff: Staff) -> Self:
        """Return the form with what is saved."""
        return cls(
            staff,
            formdata=None,
            name=staff.name,
            phone=if_readable(staff.phone) or "",
            roles=[role.name for role in staff.roles],
            languages=staff.languages,
            version=staff.version,
        )

    def profile(self) -> Profile:
        """Return the profile. Call only after ``validate()``."""
        roles, languages = tuple(self.roles.data), tuple(self.languages.data)
        return Profile(self.name.data, roles, languages, self.phone.number)


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """What the invited enter of themselves.

    Args:
        email: their sign-in name, which their password may not be like.
    """

    name = _name_field(_("Your name"))
    phone = PhoneNumberField(
        _("Your phone number"),
        description=_("If you take callbacks, this phone rings first. Optional."),
        filters=[strip],
    )
    password = PasswordField(_("Choose a password"))
    again = PasswordField(_("Confirm password"))

    def __init__(self, email: str = "") -> None:
        super().__init__()
        self.email = email

    def validate_password(self, field: PasswordField) -> None:
        own_words = [self.name.data, self.email, site_name()]
        problem = weakness(field.data or "", own_words)
        if problem is not None:
            raise ValidationError(weakness_words(problem))

    def validate_again(self, field: PasswordField) -> None:
        if not self.password.errors and field.data != self.password.data:
            raise ValidationError(_("The passwords do not match. Enter the same password twice."))
