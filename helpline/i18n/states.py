"""States and territories of a country by ISO 3166-2 code, from the `pycountry` package.

The package takes a fifth of a second and 5 MB: it is imported where a state is first named.
"""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_MACRON = "\N{COMBINING MACRON}"


@lru_cache(maxsize=64)
def states_of(region: str, language: str) -> Mapping[str, str]:
    """Return the states of a region by code, in order of their names.

    Args:
        region: such as "IN"; empty for one without states.
        language: of the names, such as "hi"; as in the standard where there is no translation.
    """
    import pycountry  # noqa: PLC0415

    names = gettext.translation(
        "iso3166-2", pycountry.LOCALES_DIR, [language.replace("-", "_")], fallback=True
    )
    found = pycountry.subdivisions.get(country_code=region)  # type: ignore[no-untyped-call]
    named = {
        state.code: _without_marks(names.gettext(state.name))
        for state in found or ()
        if state.parent_code is None
    }
    return dict(sorted(named.items(), key=lambda item: item[1]))


def state_name(code: str, language: str) -> str:
    """Return the name of a state; its code where it is unknown.

    Args:
        code: such as "IN-MH".
    """
    return states_of(code[:2], language).get(code, code)


def _without_marks(name: str) -> str:
    """A name without the marks of the standard: "Mahārāshtra", "Wales [Cymru GB-CYM]"."""
    letters = unicodedata.normalize("NFD", name.partition(" [")[0])
    return unicodedata.normalize("NFC", letters.replace(_MACRON, ""))
