"""The catalogs. A language is there as soon as its .po file lies beside this one.

They are read as they are written: nothing has to be compiled, so nothing can be out of date.
Here, and nowhere else, an admin's words come in the place of ours: see rewordings.
See docs/decisions/0026-wording-comes-from-one-place.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from helpline.domain import text_override_rules
from helpline.domain.text_override_rules import InvalidText, Use
from helpline.i18n import published_overrides
from helpline.i18n.published_overrides import Words

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"
"""The language of the sources, which needs no catalog."""
TEXT, VOICE, LINE, FORMAT = "text", "voice", "line", "format"
"""The contexts of a catalog beside the pages: what is texted, what is spoken, crisis lines by name
and note, and how a time is put (in the patterns of Unicode's locale data, which Babel reads)."""


_SOURCES = NullTranslations()


def available() -> tuple[str, ...]:
    """The codes of all languages there are words in, such as "hi": English, then by catalog."""
    return _listed(FOLDER)


def translations(language: str) -> NullTranslations:
    """The words of a language as they are read: an admin's where they said it otherwise.

    Args:
        language: a code, such as "hi".
    """
    return _worded(language, published_overrides.version())


@lru_cache(maxsize=32)
def _worded(language: str, _mark: Hashable) -> NullTranslations:
    """The same object as long as nothing else is published, so that others may keep what they
    made of it."""
    known = language if language in available() else SOURCE_LANGUAGE
    theirs = published_overrides.current().get(known)
    return _Reworded(built_in(language), theirs) if theirs else built_in(language)


def built_in(language: str) -> NullTranslations:
    """Our own words of a language; those of the sources where there is no catalog of it."""
    known = language in available() and language != SOURCE_LANGUAGE
    return _read(FOLDER / f"{language}.po") if known else _SOURCES


def translate(context: str, words: str, language: str) -> str:
    """The words of a context in a language, an admin's where they said it otherwise; as they stand
    in the sources where it lacks them.

    Args:
        context: TEXT, VOICE, LINE or FORMAT.
        words: in English.
    """
    if context in (TEXT, VOICE):
        return str(translations(language).upgettext(context, words))
    return _translate(context, words, language)


@lru_cache(maxsize=4096)
def _translate(context: str, words: str, language: str) -> str:
    return str(built_in(language).upgettext(context, words))


class _Reworded(NullTranslations):
    """A catalog with an admin's words in the place of ours, each where it breaks nothing: after an
    upgrade ours may leave open something else."""

    def __init__(self, usual: NullTranslations, theirs: Mapping[Words, tuple[str, ...]]) -> None:
        super().__init__()
        self._usual, self._theirs = usual, theirs

    def ugettext(self, message: str) -> str:
        """A page's words."""
        usual = str(self._usual.ugettext(message))
        return self._other("", message, usual) or usual

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """A page's words for a number of things."""
        usual = str(self._usual.ungettext(msgid1, msgid2, n))
        return self._other("", msgid1, usual, self._usual.plural(n)) or usual

    def upgettext(self, context: str, message: str) -> str:
        """The words of a context."""
        usual = str(self._usual.upgettext(context, message))
        return self._other(context, message, usual) or usual

    def _other(self, context: str, message: str, usual: str, form: int = 0) -> str | None:
        theirs = self._theirs.get((context, message))
        if theirs is None or form >= len(theirs):
            return None
        return theirs[form] if _fits(use_of(context), usual, theirs[form]) else None


def use_of(context: str) -> Use:
    """Where the words of a context are read."""
    return {TEXT: Use.TEXT, VOICE: Use.VOICE}.get(context, Use.PAGE)


@lru_cache(maxsize=2048)
def _fits(use: Use, usual: str, theirs: str) -> bool:
    try:
        text_override_rules.check(use, usual, theirs)
    except InvalidText:
        return False
    return True


@cache
def _listed(folder: Path) -> tuple[str, ...]:
    return (SOURCE_LANGUAGE, *sorted(file.stem for file in folder.glob("*.po")))


@cache
def _read(file: Path) -> Translations:
    with file.open("rb") as opened:
        catalog = read_po(opened, locale=file.stem.replace("-", "_"))
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled)
