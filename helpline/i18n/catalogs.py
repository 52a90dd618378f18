"""The catalogs in ``helpline/translations``, with the text overrides of admins.

A language has ``messages.po``, what visitors read, and may have ``staff.po``, what only staff read.

Text overrides are applied here and nowhere else: see ``published_overrides``.

See docs/decisions/0026-wording-comes-from-one-place.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from helpline.domain import text_override_rules
from helpline.domain.text_override_rules import InvalidText, Use
from helpline.i18n import published_overrides
from helpline.i18n.published_overrides import SourceText

FOLDER = Path(__file__).parents[1] / "translations"
SOURCE_LANGUAGE = "en"
"""The language of the sources, which needs no catalog."""
TEXT, VOICE, LINE, FORMAT = "text", "voice", "line", "format"
"""The contexts of a catalog besides pages: text messages, voice prompts, crisis lines (name and
note), and formats of times (CLDR patterns, which Babel reads)."""
VISITORS, STAFF = "messages", "staff"
"""The catalogs of a language. A text that both read is in the visitors'."""

_SOURCES = NullTranslations()


def available() -> tuple[str, ...]:
    """Return the codes of all languages: English first, then those with a catalog."""
    return _list_languages(FOLDER)


def staff_languages() -> tuple[str, ...]:
    """Return the languages that staff pages are in: English first, then those with a catalog."""
    return _list_languages(FOLDER, STAFF)


def source_file(language: str, domain: str = VISITORS) -> Path:
    """Return a .po file of a language: of VISITORS, or of STAFF."""
    return FOLDER / language.replace("-", "_") / "LC_MESSAGES" / f"{domain}.po"


def pgettext_noop(_context: str, text: str) -> str:
    """Mark a text of a context for extraction."""
    return text


def translations(language: str) -> NullTranslations:
    """Return the translations of a language, text overrides applied."""
    return _cached_translations(language, published_overrides.version())


@lru_cache(maxsize=32)
def _cached_translations(language: str, _mark: Hashable) -> NullTranslations:
    """Return the same object until overrides change, so that callers can cache by it."""
    code = language if language in available() else SOURCE_LANGUAGE
    overrides = published_overrides.current().get(code)
    return (
        _OverriddenTranslations(built_in(language), overrides) if overrides else built_in(language)
    )


def built_in(language: str) -> NullTranslations:
    """Return the translations of a language without overrides; the sources' without a catalog."""
    has_catalog = language in available() and language != SOURCE_LANGUAGE
    return _load(FOLDER, language) if has_catalog else _SOURCES


def translate(context: str, text: str, language: str) -> str:
    """Return a text of a context in a language, overrides applied; English where untranslated.

    Args:
        context: TEXT, VOICE, LINE or FORMAT.
        text: in English.
    """
    if context in (TEXT, VOICE):
        return str(translations(language).upgettext(context, text))
    return _translate_built_in(context, text, language)


@lru_cache(maxsize=4096)
def _translate_built_in(context: str, text: str, language: str) -> str:
    return str(built_in(language).upgettext(context, text))


class _OverriddenTranslations(NullTranslations):
    """A catalog with overrides, each used only while it has the original's placeholders."""

    def __init__(
        self, built_in_catalog: NullTranslations, overrides: Mapping[SourceText, tuple[str, ...]]
    ) -> None:
        super().__init__()
        self._usual, self._theirs = built_in_catalog, overrides

    def ugettext(self, message: str) -> str:
        original = str(self._usual.ugettext(message))
        return self._other("", message, original) or original

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        original = str(self._usual.ungettext(msgid1, msgid2, n))
        return self._other("", msgid1, original, self._usual.plural(n)) or original

    def upgettext(self, context: str, message: str) -> str:
        original = str(self._usual.upgettext(context, message))
        return self._other(context, message, original) or original

    def _other(self, context: str, message: str, original: str, form: int = 0) -> str | None:
        forms = self._theirs.get((context, message))
        if forms is None or form >= len(forms):
            return None
        return forms[form] if _is_valid(use_of(context), original, forms[form]) else None


def use_of(context: str) -> Use:
    return {TEXT: Use.TEXT, VOICE: Use.VOICE}.get(context, Use.PAGE)


@lru_cache(maxsize=2048)
def _is_valid(use: Use, original: str, override: str) -> bool:
    try:
        text_override_rules.check(use, original, override)
    except InvalidText:
        return False
    return True


@cache
def _list_languages(folder: Path, domain: str = VISITORS) -> tuple[str, ...]:
    names = sorted(file.parts[-3] for file in folder.glob(f"*/LC_MESSAGES/{domain}.mo"))
    return (SOURCE_LANGUAGE, *(name.replace("_", "-") for name in names))


@cache
def _load(folder: Path, language: str) -> NullTranslations:
    code = language.replace("-", "_")
    visitors, staff = (Translations.load(folder, [code], each) for each in (VISITORS, STAFF))
    if isinstance(staff, Translations) and isinstance(visitors, Translations):
        staff.merge(visitors)
        return staff
    return visitors
