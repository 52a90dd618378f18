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
class TextEntry:
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
        catalog = catalogs.built_in(language)
        if self.context:
            return (str(catalog.upgettext(self.context, self.text)),)
        if self.many is None:
            return (str(catalog.ugettext(self.text)),)
        return tuple(
            str(catalog.ungettext(self.text, self.many, count))
            for count in plural_examples(language)
        )


def plural_examples(language: str) -> Sequence[int]:
    """Return a number for each plural form of a language, such as 1 and 2."""
    plural = catalogs.built_in(language).plural
    example_of_form: dict[int, int] = {}
    for number in (*range(1, 200), 0):
        example_of_form.setdefault(plural(number), number)
    return [example_of_form[form] for form in sorted(example_of_form)]


def page_texts() -> Sequence[TextEntry]:
    """Return the texts of all pages, in source order."""
    others = [code for code in catalogs.available() if code != catalogs.SOURCE_LANGUAGE]
    return _read(catalogs.source_file(others[0])) if others else ()


def keyed_texts(context: str, texts_by_key: Mapping[str, str]) -> Sequence[TextEntry]:
    """Return text messages or prompts by key; equal texts are one entry."""
    keys: dict[str, list[str]] = {}
    for key, text in texts_by_key.items():
        keys.setdefault(text, []).append(key)
    return [TextEntry(context, text, None, tuple(same_keys)) for text, same_keys in keys.items()]


@cache
def _read(file: Path) -> Sequence[TextEntry]:
    with file.open("rb") as opened:
        catalog = read_po(opened)
    entries = []
    for message in catalog:
        if message.id and not message.context:
            singular, plural = (
                message.id if isinstance(message.id, list | tuple) else (message.id, None)
            )
            files = tuple(file_name for file_name, _line in message.locations)
            entries.append(TextEntry("", str(singular), plural, files))
    return entries
