"""Facts about calls and text messages by country, from regions.json.

Each has its source and the day it was checked. What could not be found is None, never a guess: a
rule follows from what is known only. Carriers differ, so some facts are kept by carrier.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

FILE = Path(__file__).with_name("regions.json")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A fact; ``value`` is None where it is not known.

    Args:
        source: the page that says so; of an unknown one, a page that does not say, or none.
        checked: when it was read.
        note: what limits it.
    """

    value: T | None = None
    source: str = ""
    checked: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallingHours:
    """The hours of the week, in the called person's time, in which a law allows calls.

    Args:
        hours: start and end by weekday, Monday 0; none on a day without.
        requested_calls: whether they bind a call that the person asked for as well. Most laws
            speak of sales calls only.
    """

    hours: Mapping[int, tuple[tuple[time, time], ...]]
    requested_calls: bool

    def __str__(self) -> str:
        """As opening hours are written in OpenStreetMap: "Mo-Fr 09:00-20:00; Sa 09:00-17:00"."""
        parts = []
        for spans, days in groupby(range(7), lambda day: self.hours.get(day, ())):
            first, *rest = (_WEEKDAYS[day][:2].title() for day in days)
            times = ",".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in spans) or "off"
            parts.append(f"{'-'.join([first, *rest[-1:]])} {times}")
        return "; ".join(parts)

    def allow(self, local: datetime) -> bool:
        """Return whether a call may be placed at a local time."""
        at = local.time()
        return any(start <= at < end for start, end in self.hours.get(local.weekday(), ()))


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What is known of a country, by carrier where carriers differ.

    Args:
        time_zones: the ones farthest apart, where it has several.
    """

    time_zones: tuple[str, ...] = ()
    _local_caller_id: Mapping[str, Fact[bool]] = field(default_factory=dict)
    _two_way_texts: Mapping[str, Fact[bool]] = field(default_factory=dict)
    _sender_registration: Mapping[str, Fact[bool]] = field(default_factory=dict)
    _template_registration: Mapping[str, Fact[bool]] = field(default_factory=dict)
    not_called_back: Fact[tuple[str, ...]] = field(default_factory=Fact)
    calling_hours: Fact[CallingHours] = field(default_factory=Fact)

    def local_caller_id(self, carrier: str) -> Fact[bool]:
        """Return whether calls into the country may show one of its own numbers."""
        return self._local_caller_id.get(carrier, Fact())

    def two_way_texts(self, carrier: str) -> Fact[bool]:
        """Return whether people there can text the number that texts come from."""
        return self._two_way_texts.get(carrier, Fact())

    def sender_registration(self, carrier: str) -> Fact[bool]:
        """Return whether the sender must be registered before a text is delivered."""
        return self._sender_registration.get(carrier, Fact())

    def template_registration(self, carrier: str) -> Fact[bool]:
        """Return whether each text's template must be registered before it is delivered."""
        return self._template_registration.get(carrier, Fact())

    def may_call(self, now: datetime, *, sales_hours: bool) -> bool:
        """Return whether the law allows a requested call now, in every time zone of the country.

        Args:
            sales_hours: whether to keep hours that bind sales calls only.
        """
        law = self.calling_hours.value
        if law is None or not (law.requested_calls or sales_hours):
            return True
        return all(law.allow(now.astimezone(ZoneInfo(zone))) for zone in self.time_zones)


def facts(region: str) -> RegionFacts:
    """Return what is known of a region, such as "IN"; nothing of one that is not in the file."""
    return known_regions().get(region, RegionFacts())


def closed_regions(now: datetime, *, sales_hours: bool) -> list[str]:
    """Return the regions that may not be called now; see ``RegionFacts.may_call``."""
    return [
        region
        for region, known in known_regions().items()
        if not known.may_call(now, sales_hours=sales_hours)
    ]


@cache
def known_regions() -> Mapping[str, RegionFacts]:
    """Return the facts of all regions in the file, in its order."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))["regions"]
    return {region: _region(row) for region, row in stored.items()}


def _region(row: Mapping[str, Any]) -> RegionFacts:
    return RegionFacts(
        time_zones=tuple(row["time_zones"]),
        _local_caller_id=_by_carrier(row["local_caller_id"]),
        _two_way_texts=_by_carrier(row["two_way_texts"]),
        _sender_registration=_by_carrier(row["sender_registration"]),
        _template_registration=_by_carrier(row["template_registration"]),
        not_called_back=_fact(row["not_called_back"], tuple),
        calling_hours=_fact(row["calling_hours"], _calling_hours),
    )


def _by_carrier(rows: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Fact[bool]]:
    return {carrier: _fact(row, bool) for carrier, row in rows.items()}


def _fact(row: Mapping[str, Any], read: Callable[[Any], T]) -> Fact[T]:
    value = row["value"]
    return Fact(
        None if value is None else read(value),
        row["source"],
        date.fromisoformat(row["checked"]),
        row.get("note", ""),
    )


def _calling_hours(value: Mapping[str, Any]) -> CallingHours:
    """Read {"mon-fri": ["09:00", "20:00"], "sat": ["09:00", "12:00", "14:00", "17:00"]}."""
    hours: dict[int, tuple[tuple[time, time], ...]] = {}
    for days, bounds in value["hours"].items():
        first, _, last = days.partition("-")
        times = [time.fromisoformat(bound) for bound in bounds]
        spans = tuple(pairwise(times))[::2]
        for weekday in range(_WEEKDAYS.index(first), _WEEKDAYS.index(last or first) + 1):
            hours[weekday] = spans
    return CallingHours(hours, value["requested_calls"])
