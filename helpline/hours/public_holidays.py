"""Public holidays by country, state and category, from the `holidays` package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from helpline.domain.hours_plan import HolidayOrigin, HoursException

PUBLIC = "public"
_NON_HOLIDAYS = ("workday",)
"""Categories of substitute working days."""

CHECK_AGAIN_BEFORE = timedelta(days=14)
"""How long before an estimated date it should be checked: by then most are announced."""

_MAX_MOVE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """A public holiday.

    Args:
        names: by language, without the package's notes; in its own language where the package has
            no translation.
        category: the package's: "public", "optional", "half_day".
        notes: the package's notes, such as "estimated" or "observed".
        is_estimated: whether the date may still change.
    """

    day: date
    names: dict[str, str]
    category: str = PUBLIC
    notes: tuple[str, ...] = ()
    is_estimated: bool = False

    @property
    def name(self) -> str:
        """Name in the first language."""
        return next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class MovedHoliday:
    """An exception for a public holiday that the package now has on another date.

    Args:
        day: the exception's date.
        new_day: the package's date; None if it is no longer listed.
    """

    number: int
    name: str
    day: date
    new_day: date | None


def _package() -> Any:
    import holidays  # noqa: PLC0415 slow, and needed by few processes

    return holidays


def countries() -> dict[str, tuple[str, ...]]:
    """Return all countries with the codes of their states."""
    return {
        code: tuple(states)
        for code, states in sorted(_package().list_supported_countries().items())
        if len(code) == 2
    }


def state_names(country: str) -> dict[str, str]:
    """Return the states of a country by code."""
    codes = countries().get(country, ())
    named: dict[str, str] = {}
    aliases = getattr(getattr(_package(), country, None), "subdivisions_aliases", {})
    for name, code in aliases.items():
        if name.isascii() and len(name) > len(code):
            named.setdefault(code, name)
    return {code: named.get(code, code) for code in codes}


def categories(country: str) -> tuple[str, ...]:
    """Return the categories of holidays in a country, public ones first."""
    supported = getattr(getattr(_package(), country, None), "supported_categories", ())
    others = sorted(category for category in supported if category not in (PUBLIC, *_NON_HOLIDAYS))
    return (PUBLIC, *others) if PUBLIC in supported else tuple(others)


def holidays_of(
    country: str,
    state: str,
    year: int,
    languages: Sequence[str],
    wanted: Sequence[str] = (PUBLIC,),
) -> list[PublicHoliday]:
    """Return the holidays of a year, in order; none for an unknown place.

    A date in several categories has the first of them.

    Args:
        country: two letters.
        state: a code from ``countries``; empty for national holidays.
        languages: of the names; the first is English or its substitute.
        wanted: categories; those unknown in the country are left out.
    """
    if country not in countries() or (state and state not in countries()[country]):
        return []
    by_day: dict[date, PublicHoliday] = {}
    for category in categories(country):
        if category in wanted:
            for holiday in _holidays_of_category(country, state, year, tuple(languages), category):
                by_day.setdefault(holiday.day, holiday)
    return [by_day[day] for day in sorted(by_day)]


@lru_cache(maxsize=256)
def _holidays_of_category(
    country: str, state: str, year: int, languages: tuple[str, ...], category: str
) -> tuple[PublicHoliday, ...]:
    package_languages = _package().list_localized_countries().get(country, ())
    names: dict[date, dict[str, str]] = {}
    notes: dict[date, tuple[str, ...]] = {}
    estimated = set()
    for language in languages:
        package_language = _package_language(language, package_languages)
        if package_language is None and language != languages[0]:
            continue
        listed = _package().country_holidays(
            country,
            subdiv=state or None,
            years=year,
            language=package_language,
            categories=(category,),
        )
        labels = _labels(listed)
        for day, written in listed.items():
            name, kinds = _without_notes(written, labels)
            names.setdefault(day, {})[language] = name
            notes.setdefault(day, tuple(sorted({_note(labels[kind]) for kind in kinds})))
            if any("estimated" in kind for kind in kinds):
                estimated.add(day)
    return tuple(
        PublicHoliday(day, named, category, notes[day], day in estimated)
        for day, named in names.items()
    )


def _labels(listed: Any) -> dict[str, str]:
    """Patterns of the package for notes: {"estimated_label": "%s (estimated)"}."""
    return {
        name: listed.tr(label)
        for name in dir(listed)
        if name.endswith("_label") and isinstance(label := getattr(listed, name), str)
    }


def _without_notes(written: str, labels: dict[str, str]) -> tuple[str, set[str]]:
    names, kinds = [], set()
    for name in written.split("; "):
        for kind, label in labels.items():
            pattern = re.escape(label).replace("%s", "(.+)")
            if match := re.fullmatch(pattern, name):
                name = match[1]  # noqa: PLW2901 one name may have several notes
                kinds.add(kind)
        names.append(name)
    return "; ".join(dict.fromkeys(names)), kinds


def _note(label: str) -> str:
    return label.replace("%s", "").strip(" ()")


def moved_holidays(
    exceptions: Iterable[HoursException], today: date, languages: Sequence[str]
) -> list[MovedHoliday]:
    """Return future exceptions for holidays that the package now has on another date."""
    return [
        moved_holiday
        for exception in exceptions
        if exception.holiday is not None and exception.last >= today
        for moved_holiday in _moved_of(exception, exception.holiday, languages)
    ]


def _moved_of(
    exception: HoursException, origin: HolidayOrigin, languages: Sequence[str]
) -> Iterator[MovedHoliday]:
    listed = [
        holiday
        for year in (exception.first.year - 1, exception.first.year, exception.first.year + 1)
        for holiday in holidays_of(
            origin.country, origin.state, year, languages, (origin.category,)
        )
    ]
    for name in origin.name.split("; "):
        days = [
            holiday.day
            for holiday in listed
            if any(name in names.split("; ") for names in holiday.names.values())
        ]
        if any(exception.first <= day <= exception.last for day in days):
            continue
        near = [day for day in days if abs(day - exception.first) <= _MAX_MOVE]
        new_day = min(near, key=lambda day: abs(day - exception.first)) if near else None
        yield MovedHoliday(exception.number, name, exception.first, new_day)


def check_again_on(day: date, today: date) -> date:
    """Return when an estimated date should be checked."""
    return max(day - CHECK_AGAIN_BEFORE, today)


def _package_language(language: str, package_languages: Sequence[str]) -> str | None:
    """Such as "en_US" for "en"."""
    wanted = language.replace("-", "_")
    return next(
        (code for code in package_languages if code in (wanted, wanted.split("_")[0])), None
    ) or next(
        (code for code in package_languages if code.split("_")[0] == wanted.split("_")[0]), None
    )
