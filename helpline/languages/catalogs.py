"""The catalogs. A language is there as soon as its .po file lies beside this one.

They are read as they are written: nothing has to be compiled, so nothing can be out of date.
"""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent
MOTHER_TONGUE = "en"
"""The language of the sources, which needs no catalog."""
TEXT, VOICE, LINE, FORMAT = "text", "voice", "line", "format"
"""The contexts of a catalog beside the pages: what is texted, what is spoken, crisis lines by name
and note, and how a time is put (in the patterns of Unicode's locale data, which Babel reads)."""


def available() -> tuple[str, ...]:
    """The codes of all languages there are words in, such as "hi": English, then by catalog."""
    return _listed(FOLDER)


def translations(language: str) -> NullTranslations:
    """The words of a language; those of the sources where there is no catalog of it.

    Args:
        language: a code, such as "hi".
    """
    known = language in available() and language != MOTHER_TONGUE
    return _read(FOLDER / f"{language}.po") if known else NullTranslations()


@lru_cache(maxsize=4096)
def told(context: str, words: str, language: str) -> str:
    """The words of a context in a language; as they stand in the sources where it lacks them.

    Args:
        context: TEXT, VOICE, LINE or FORMAT.
        words: in English.
    """
    return str(translations(language).upgettext(context, words))


@cache
def _listed(folder: Path) -> tuple[str, ...]:
    return (MOTHER_TONGUE, *sorted(file.stem for file in folder.glob("*.po")))


@cache
def _read(file: Path) -> Translations:
    with file.open("rb") as opened:
        catalog = read_po(opened, locale=file.stem.replace("-", "_"))
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled)
