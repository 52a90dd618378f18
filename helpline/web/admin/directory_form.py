"""Form fields shared by the crisis and the service directory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Self

from babel import Locale

from helpline.directory.models import Entry
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.phone_numbers import calling_regions
from helpline.i18n.catalogs import SOURCE_LANGUAGE
from helpline.web.language import gettext as _
from helpline.web.language import own_name, site_languages

_LONGEST = {"name": 120, "phone": 40, "tel": 40, "website": 200, "hours": 120, "confidence": 200}
_LONGEST_NOTES = 500
_LONGEST_SOURCE = 500
_MOST_SOURCES = 12


def note_languages() -> tuple[str, ...]:
    """Return the languages of notes, the fallback first."""
    return (
        SOURCE_LANGUAGE,
        *(language for language in site_languages() if language != SOURCE_LANGUAGE),
    )


def note_labels() -> dict[str, str]:
    return {f"notes-{code}": _("Notes: %(name)s", name=own_name(code)) for code in note_languages()}


@dataclass(slots=True)
class EntryForm:
    """The values as typed, and errors by field."""

    NAMES: ClassVar[tuple[str, ...]] = (
        "region",
        "kind",
        "name",
        "phone",
        "tel",
        "website",
        "hours",
    )
    KINDS: ClassVar[tuple[str, ...]] = ()
    ALSO_REGIONS: ClassVar[tuple[str, ...]] = ()

    typed: dict[str, str]
    checked: bool = False
    last_checked: datetime | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Entry) -> Self:
        notes = {SOURCE_LANGUAGE: entry.notes, **(entry.notes_by_language or {})}
        typed = {name: getattr(entry, name) or "" for name in cls.NAMES}
        typed |= {f"notes-{code}": notes.get(code, "") for code in note_languages()}
        typed["languages"] = ", ".join(_language_name(language) for language in entry.languages)
        typed["sources"] = "\n".join(entry.sources)
        typed["found_on"] = entry.found_on.isoformat() if entry.found_on else ""
        return cls(typed, last_checked=entry.last_checked)

    @classmethod
    def empty(cls, region: str, today: date) -> Self:
        return cls(cls._all({"region": region, "found_on": today.isoformat()}))

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> Self:
        return cls(cls._all(posted), checked="checked" in posted)

    @classmethod
    def _all(cls, values: Mapping[str, str]) -> dict[str, str]:
        notes = (f"notes-{code}" for code in note_languages())
        names = (*cls.NAMES, *notes, "languages", "sources", "found_on")
        return {name: values.get(name, "").replace("\r\n", "\n").strip() for name in names}

    def values(self, now: datetime) -> dict[str, Any] | None:
        """Return the parsed common values, or None with ``errors`` set.

        Args:
            now: when it was verified, if the admin says so.
        """
        region = self._region()
        values = {
            "region": region,
            "kind": self._kind(),
            "name": self._short("name"),
            "phone": self._short("phone") or None,
            "tel": self._tel(region),
            "website": self.address("website"),
            "hours": self._short("hours") or None,
            "languages": self._languages(),
            "sources": self._sources(),
            "found_on": self._found_on(),
            "last_checked": now if self.checked else None,
            **self._notes(),
        }
        if not self.typed["name"]:
            self.errors["name"] = _("Enter a name.")
        return None if self.errors else values

    def number(self, name: str, region: str) -> str | None:
        """Return a number as dialled in the region; None when empty."""
        typed = self.typed[name]
        if not typed:
            return None
        try:
            return phone_numbers.service_number(typed, region)
        except InvalidPhoneNumber as problem:
            self.errors[name] = _number_words(problem.reason)
            return None

    def _region(self) -> str:
        region = self.typed["region"].upper()
        if region not in (*calling_regions(), *self.ALSO_REGIONS):
            self.errors["region"] = _("Choose a country from the list.")
        return region

    def _kind(self) -> str:
        if self.typed["kind"] not in self.KINDS:
            self.errors["kind"] = _("Choose a type from the list.")
        return self.typed["kind"]

    def _short(self, name: str) -> str:
        text = " ".join(self.typed[name].split())
        if len(text) > _LONGEST[name]:
            self.errors[name] = _(
                "Shorten this to %(most)s characters or fewer.", most=_LONGEST[name]
            )
        return text

    def _tel(self, region: str) -> str | None:
        """The number to dial: as typed, else the shown number; both must be the same."""
        shown, dialled = self.number("phone", region), self.number("tel", region)
        if dialled and not shown and "phone" not in self.errors:
            self.errors["phone"] = _("Enter the number as people read it too.")
        elif shown and dialled and not _same(shown, dialled):
            self.errors["tel"] = _("This does not match the number above. Check both.")
        return dialled or shown

    def address(self, name: str) -> str | None:
        """Return an address without its scheme; None when empty."""
        address = self.typed[name].removeprefix("https://").removeprefix("http://").strip("/")
        if not address:
            return None
        host = address.partition("/")[0]
        plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>@')
        if not plain or "." not in host.strip(".") or len(address) > _LONGEST["website"]:
            self.errors[name] = _("Enter an address such as example.org.")
        return address

    def _languages(self) -> tuple[str, ...]:
        codes = []
        for name in filter(None, (part.strip() for part in self.typed["languages"].split(","))):
            code = _languages_by_name().get(name.casefold())
            if code is None:
                self.errors["languages"] = _(
                    "“%(name)s” is not a known language. Check the spelling.", name=name
                )
            else:
                codes.append(code)
        return tuple(dict.fromkeys(codes))

    def _sources(self) -> tuple[str, ...]:
        sources = tuple(
            filter(None, (source.strip() for source in self.typed["sources"].split("\n")))
        )
        if not sources:
            self.errors["sources"] = _("Enter at least one source.")
        elif len(sources) > _MOST_SOURCES or any(
            len(source) > _LONGEST_SOURCE for source in sources
        ):
            self.errors["sources"] = _(
                "Enter 12 sources or fewer, each with 500 characters or fewer."
            )
        return sources

    def _found_on(self) -> date | None:
        if not self.typed["found_on"]:
            return None
        with suppress(ValueError):
            return date.fromisoformat(self.typed["found_on"])
        self.errors["found_on"] = _("Enter a date, such as 2026-11-25.")
        return None

    def _notes(self) -> dict[str, Any]:
        notes = {code: " ".join(self.typed[f"notes-{code}"].split()) for code in note_languages()}
        for code, text in notes.items():
            if len(text) > _LONGEST_NOTES:
                self.errors[f"notes-{code}"] = _(
                    "Shorten this to %(most)s characters or fewer.", most=_LONGEST_NOTES
                )
        first = notes.pop(SOURCE_LANGUAGE)
        others = {code: text for code, text in notes.items() if text}
        return {"notes": first, "notes_by_language": others}


def _same(shown: str, dialled: str) -> bool:
    """Whether one is the other with its country code."""
    if shown == dialled:
        return True
    short, long = sorted((shown.lstrip("+").lstrip("0"), dialled.lstrip("+").lstrip("0")), key=len)
    return bool(short) and long.endswith(short)


def _number_words(reason: PhoneProblem) -> str:
    if reason in (PhoneProblem.TOO_SHORT, PhoneProblem.TOO_LONG):
        return _("This number is too short or too long. Check it and try again.")
    return _("A phone cannot dial this number. Check it. Short numbers such as 112 are allowed.")


def _language_name(code: str) -> str:
    return str(Locale("en").languages.get(code.replace("-", "_"), code))


@cache
def _languages_by_name() -> dict[str, str]:
    names = {str(code): str(name) for code, name in Locale("en").languages.items()}
    codes = {code.casefold().replace("_", "-"): code.replace("_", "-") for code in names}
    return {name.casefold(): code.replace("_", "-") for code, name in names.items()} | codes
