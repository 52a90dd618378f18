"""Public holidays by country and state, as the `holidays` package knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import holidays


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """A public holiday.

    Args:
        names: by language; where the package does not know it in one, in its own tongue.
    """

    day: date
    names: dict[str, str]


def countries() -> dict[str, tuple[str, ...]]:
    """Every country there is, with the codes of its states."""
    return {
        code: tuple(states)
        for code, states in sorted(holidays.list_supported_countries().items())
        if len(code) == 2
    }


def state_names(country: str) -> dict[str, str]:
    """The states of a country, by code, with a name where the package has one."""
    found = countries().get(country, ())
    named: dict[str, str] = {}
    for name, code in getattr(getattr(holidays, country, None), "subdivisions_aliases", {}).items():
        if name.isascii() and len(name) > len(code):
            named.setdefault(code, name)
    return {code: named.get(code, code) for code in found}


def of(country: str, state: str, year: int, languages: Sequence[str]) -> list[PublicHoliday]:
    """The public holidays of a year, in order; nothing for a place that is not known.

    Args:
        country: two letters.
        state: a code of ``countries``; empty for the holidays of the whole country.
        languages: in which names are wanted; the first is English or stands for it.
    """
    if country not in countries() or (state and state not in countries()[country]):
        return []
    known = holidays.list_localized_countries().get(country, ())
    named: dict[date, dict[str, str]] = {}
    for language in languages:
        tongue = _tongue(language, known)
        if tongue is None and language != languages[0]:
            continue
        found = holidays.country_holidays(
            country, subdiv=state or None, years=year, language=tongue
        )
        for day, name in found.items():
            named.setdefault(day, {})[language] = name
    return [PublicHoliday(day, names) for day, names in sorted(named.items())]


def _tongue(language: str, known: Sequence[str]) -> str | None:
    """The package's name of a language, such as "en_US" for "en"."""
    wanted = language.replace("-", "_")
    return next((each for each in known if each in (wanted, wanted.split("_")[0])), None) or next(
        (each for each in known if each.split("_")[0] == wanted.split("_")[0]), None
    )
