"""Every wording that a visitor reads, hears or is sent, to look it up and to say it otherwise.

The pages' words are in every catalog, each with where it stands.
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
    """One wording.

    Args:
        context: catalogs.TEXT, catalogs.VOICE, or "" for pages.
        text: as the sources have it, in English.
        many: the same for a number of things, if it has such a form.
        places: the files in which it stands, or the key of a text or a prompt.
    """

    context: str
    text: str
    many: str | None
    places: tuple[str, ...]

    @property
    def id(self) -> str:
        """Short, and the same as long as the sources say it so."""
        return hashlib.sha256(f"{self.context}\0{self.text}".encode()).hexdigest()[:16]

    def ours(self, language: str) -> tuple[str, ...]:
        """Our own words for it, one for each plural form of the language."""
        usual = catalogs.built_in(language)
        if self.context:
            return (str(usual.upgettext(self.context, self.text)),)
        if self.many is None:
            return (str(usual.ugettext(self.text)),)
        return tuple(
            str(usual.ungettext(self.text, self.many, count)) for count in examples(language)
        )


def examples(language: str) -> Sequence[int]:
    """A number for each plural form of a language, such as 1 and 2."""
    plural = catalogs.built_in(language).plural
    found: dict[int, int] = {}
    for number in (*range(1, 200), 0):
        found.setdefault(plural(number), number)
    return [found[form] for form in sorted(found)]


def of_pages() -> Sequence[Wording]:
    """The words of all pages, in the order in which they stand."""
    others = [each for each in catalogs.available() if each != catalogs.SOURCE_LANGUAGE]
    return _read(catalogs.FOLDER / f"{others[0]}.po") if others else ()


def of_keys(context: str, told: Mapping[str, str]) -> Sequence[Wording]:
    """Texts or prompts, by their keys. Those that say the same are one wording."""
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
