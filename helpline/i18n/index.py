"""Index of every text that visitors read, hear or receive, for search and overrides.

Page texts are in every catalog, each with its source location.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from helpline.i18n import catalogs


@dataclass(frozen=True, slots=True)
class Wording:
    """One text.

    Args:
        context: catalogs.TEXT, catalogs.VOICE, or "" for pages.
        text: the English source.
        many: its plural form, if any.
        places: the files that use it, or the key of a text message or prompt.
    """

    context: str
    text: str
    many: str | None
    places: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return a short id that is stable while the source text is the same."""
        return hashlib.sha256(f"{self.context}\0{self.text}".encode()).hexdigest()[:16]

    def ours(self, language: str) -> tuple[str, ...]:
        """Return the built-in text for each plural form of a language."""
        usual = catalogs.built_in(language)
        if self.context:
            return (str(usual.upgettext(self.context, self.text)),)
        if self.many is None:
            return (str(usual.ugettext(self.text)),)
        return tuple(
            str(usual.ungettext(self.text, self.many, count)) for count in examples(language)
        )


def examples(language: str) -> Sequence[int]:
    """Return a number for each plural form of a language, such as 1 and 2."""
    plural = catalogs.built_in(language).plural
    found: dict[int, int] = {}
    for number in (*range(1, 200), 0):
        found.setdefault(plural(number), number)
    return [found[form] for form in sorted(found)]


def of_pages() -> Sequence[Wording]:
    """Return the texts of all pages, in source order."""
    others = [each for each in catalogs.available() if each != catalogs.SOURCE_LANGUAGE]
    return _read(catalogs.FOLDER / f"{others[0]}.po") if others else ()


def of_keys(context: str, told: Mapping[str, str]) -> Sequence[Wording]:
    """Return text messages or prompts by key; equal texts are one entry."""
    keys: dict[str, list[str]] = {}
    for key, text in told.items():
        keys.setdefault(text, []).append(key)
    return [Wording(context, text, None, tuple(found)) for text, found in keys.items()]


@cache
def _read(file: Path) -> Sequence[Wording]:
    with file.open("rb") as opened:
        catalog = read_po(opened, locale=file.stem.replace("-", "_"))
    found = []
    for each in catalog:
        if each.id and not each.context:
            one, many = each.id if isinstance(each.id, list | tuple) else (each.id, None)
            places = tuple(place for place, _line in each.locations)
            found.append(Wording("", str(one), many, places))
    return found
