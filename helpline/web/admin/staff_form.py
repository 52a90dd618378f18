"""Form of a member of staff: for admins, for invitations, and for the invited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from helpline.current import settings
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.unreadable import if_readable
from helpline.staff.members import ROLES, Profile
from helpline.staff.models import Staff
from helpline.web.language import gettext as _
from helpline.web.request_context import own_numbers

LONGEST_NAME = 120
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def to_choose(also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the languages to choose from: those of visitors, and these."""
    return tuple(dict.fromkeys((*settings().spoken_languages, *also)))


@dataclass(slots=True)
class StaffForm:
    """The values as typed, and errors by field.

    ``offered``: the languages to choose from.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    offered: tuple[str, ...] = field(default_factory=to_choose)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, staff: Staff) -> StaffForm:
        return cls(
            name=staff.name,
            email=staff.email,
            phone=if_readable(staff.phone) or "",
            roles=tuple(role.name for role in staff.roles),
            languages=tuple(staff.languages),
            offered=to_choose(staff.languages),
        )

    @classmethod
    def read(cls, posted: MultiDict[str, str], spoken: Iterable[str] = ()) -> StaffForm:
        """Read the fields as posted.

        Args:
            spoken: languages that this person already has.
        """
        return cls(
            name=posted.get("name", "").strip(),
            email=posted.get("email", "").strip(),
            phone=posted.get("phone", "").strip(),
            roles=tuple(posted.getlist("roles")),
            languages=tuple(posted.getlist("languages")),
            offered=to_choose(spoken),
        )

    def profile(self) -> Profile | None:
        self.check_name()
        self.check_duties()
        phone = self.check_phone()
        if self.errors:
            return None
        return Profile(self.name, self.roles, self.languages, phone)

    def check_name(self) -> None:
        if not self.name:
            self.errors["name"] = _("Enter a name.")
        elif len(self.name) > LONGEST_NAME:
            self.errors["name"] = _("Shorten the name to 120 characters or fewer.")

    def check_email(self) -> None:
        """The sign-in name; no mail is sent to it."""
        if not _EMAIL.fullmatch(self.email) or len(self.email) > 255:
            self.errors["email"] = _("Enter an email address, such as name@example.org.")

    def check_duties(self) -> None:
        if not self.roles or not set(self.roles) <= ROLES.keys():
            self.errors["roles"] = _("Choose at least one role.")
        if not self.languages or not set(self.languages) <= set(self.offered):
            self.errors["languages"] = _("Choose at least one language from the list.")

    def check_phone(self) -> str | None:
        """Return the number (E.164); None when empty."""
        if not self.phone:
            return None
        try:
            return phone_numbers.parse(
                self.phone,
                settings().default_region,
                settings().allowed_regions,
                own_numbers=own_numbers(),
            ).e164
        except InvalidPhoneNumber as problem:
            self.errors["phone"] = _phone_words(problem.reason)
            return None


def _phone_words(reason: PhoneProblem) -> str:
    if reason is PhoneProblem.REGION_NOT_ALLOWED:
        return _(
            "Calls to numbers in this country are not allowed. Ask the operator to allow them."
        )
    if reason is PhoneProblem.OWN_NUMBER:
        return _("This is the helpline's own number. Enter the advisor's number.")
    if reason in (PhoneProblem.TOO_SHORT, PhoneProblem.TOO_LONG):
        return _("This number is too short or too long. Check it and try again.")
    return _("This number cannot be called. Enter it with its area code.")
