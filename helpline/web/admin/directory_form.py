"""Form of an entry, shared by the crisis and the service directory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Self

from babel import Locale
from wtforms import (
    BooleanField,
    DateField,
    Field,
    Form,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from helpline import clock
from helpline.directory.models import Entry
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.i18n.catalogs import SOURCE_LANGUAGE
from helpline.web.forms import FieldByLanguage, VersionedForm, one_line, strip
from helpline.web.language import lazy_gettext as _
from helpline.web.language import site_languages
from helpline.web.visitor_context import region_names

MAX_NUMBER_LENGTH = 40
_MAX_NOTES_LENGTH = 500
_MAX_SOURCE_LENGTH = 500
_MAX_SOURCES = 12
_MAX_ADDRESS_LENGTH = 200


def max_length(most: int) -> Length:
    message = _("Shorten this to %(most)s characters or fewer.", most=most)
    return Length(max=most, message=message)


def text_field(label: str, most: int, *validators: Any) -> StringField:
    """Return the field of a text on one line, of at most so many characters."""
    return StringField(label, filters=[one_line], validators=[*validators, max_length(most)])


def number_field(label: str) -> TelField:
    """Return the field of a number as a phone in the entry's country dials it."""
    return TelField(
        label,
        filters=[one_line],
        validators=[max_length(MAX_NUMBER_LENGTH), _check_number],
    )


def _check_number(form: EntryForm, field: Field) -> None:
    try:
        form.dialled(field)
    except InvalidPhoneNumber as problem:
        if problem.reason in (PhoneProblem.TOO_SHORT, PhoneProblem.TOO_LONG):
            message = _("This number is too short or too long. Check it and try again.")
        else:
            message = _(
                "A phone cannot dial this number. Check it. Short numbers such as 112 are allowed."
            )
        raise ValidationError(message) from problem


class AddressField(StringField):  # type: ignore[misc]
    """A web address."""

    @property
    def address(self) -> str | None:
        """The address without its scheme; None when empty."""
        typed = strip(self.data)
        return typed.removeprefix("https://").removeprefix("http://").strip("/") or None

    def pre_validate(self, _form: Form) -> None:
        address = self.address
        if address is None:
            return
        host = address.partition("/")[0]
        plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>@')
        if not plain or "." not in host.strip(".") or len(address) > _MAX_ADDRESS_LENGTH:
            raise ValidationError(_("Enter an address such as example.org."))


def note_languages() -> tuple[str, ...]:
    """Return the languages of notes, the fallback first."""
    return tuple(dict.fromkeys((SOURCE_LANGUAGE, *site_languages())))


def region_choices() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in region_names()]


def region_field(choices: Callable[[], list[SelectChoice]] = region_choices) -> SelectField:
    return SelectField(
        _("Country"),
        coerce=str.upper,
        choices=choices,
        invalid_choice_message=_("Choose a country from the list."),
    )


def kind_field(choices: Callable[[], list[SelectChoice]]) -> SelectField:
    return SelectField(
        _("Type"), choices=choices, invalid_choice_message=_("Choose a type from the list.")
    )


class EntryForm(VersionedForm):
    """What the entries of every directory have."""

    language_codes: tuple[str, ...] = ()

    region = region_field()
    kind = kind_field(list)
    name = text_field(_("Name"), 120, DataRequired(_("Enter a name.")))
    phone = number_field(_("Number as people read it"))
    tel = number_field(_("Number as a phone dials it"))
    website = AddressField(_("Website"))
    hours = text_field(_("Opening hours"), 120)
    languages = StringField(_("Languages"), filters=[strip])
    notes = FieldByLanguage(
        _("Notes for visitors"),
        languages=note_languages,
        field=lambda name: TextAreaField(
            name, filters=[one_line], validators=[max_length(_MAX_NOTES_LENGTH)]
        ),
    )
    sources = TextAreaField(
        _("Sources"), filters=[strip], validators=[DataRequired(_("Enter at least one source."))]
    )
    found_on = DateField(
        _("Date found"),
        invalid_value_message=_("Enter a date, such as 2026-11-25."),
        validators=[Optional()],
    )
    checked = BooleanField()

    @classmethod
    def empty(cls, region: str) -> Self:
        today = clock.now().date()
        return cls(formdata=None, region=region, found_on=today)

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return the form with a saved entry."""
        saved = {name: getattr(entry, name, None) or "" for name in cls(formdata=None).data}
        saved |= {
            "notes": {SOURCE_LANGUAGE: entry.notes, **(entry.notes_by_language or {})},
            "languages": ", ".join(_language_name(language) for language in entry.languages),
            "sources": "\n".join(entry.sources),
        }
        return cls(formdata=None, data=saved)

    def values(self, now: datetime) -> dict[str, Any]:
        """Return the details that entries of every directory have. Only after ``validate()``.

        Args:
            now: when it was verified, if the admin says so.
        """
        notes = self.notes.by_language
        return {
            "region": self.region.data,
            "kind": self.kind.data,
            "name": self.name.data,
            "phone": self.phone.data or None,
            "tel": self.dialled(self.tel) or self.dialled(self.phone),
            "website": self.website.address,
            "hours": self.hours.data or None,
            "languages": self.language_codes,
            "sources": self._sources(),
            "found_on": self.found_on.data or None,
            "last_checked": now if self.checked.data else None,
            "notes": notes.pop(SOURCE_LANGUAGE, ""),
            "notes_by_language": notes,
        }

    def dialled(self, field: Field) -> str | None:
        """Return a number as dialled in the region; None when empty.

        Raises:
            InvalidPhoneNumber: it is none.
        """
        if not field.data:
            return None
        return phone_numbers.service_number(field.data, self.region.data or "")

    def validate_phone(self, field: Field) -> None:
        if self.tel.data and not field.data:
            raise ValidationError(_("Enter the number as people read it too."))

    def validate_tel(self, field: Field) -> None:
        if field.errors or self.phone.errors:
            return
        shown, dialled = self.dialled(self.phone), self.dialled(field)
        if shown and dialled and not _is_same_number(shown, dialled):
            raise ValidationError(_("This does not match the number above. Check both."))

    def validate_languages(self, field: Field) -> None:
        codes = []
        for name in filter(None, (part.strip() for part in field.data.split(","))):
            code = _languages_by_name().get(name.casefold())
            if code is None:
                raise ValidationError(
                    _("“%(name)s” is not a known language. Check the spelling.", name=name)
                )
            codes.append(code)
        self.language_codes = tuple(dict.fromkeys(codes))

    def validate_sources(self, field: Field) -> None:
        sources = self._sources()
        if len(sources) > _MAX_SOURCES or any(
            len(source) > _MAX_SOURCE_LENGTH for source in sources
        ):
            raise ValidationError(
                _("Enter 12 sources or fewer, each with 500 characters or fewer.")
            )

    def _sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (source.strip() for source in self.sources.data.split("\n"))))


def _is_same_number(shown: str, dialled: str) -> bool:
    """Whether one is the other with its country code."""
    if shown == dialled:
        return True
    short, long = sorted((shown.lstrip("+").lstrip("0"), dialled.lstrip("+").lstrip("0")), key=len)
    return bool(short) and long.endswith(short)


def _language_name(code: str) -> str:
    return str(Locale("en").languages.get(code.replace("-", "_"), code))


@cache
def _languages_by_name() -> dict[str, str]:
    names = {str(code): str(name) for code, name in Locale("en").languages.items()}
    codes = {code.casefold().replace("_", "-"): code.replace("_", "-") for code in names}
    return {name.casefold(): code.replace("_", "-") for code, name in names.items()} | codes
