"""What is said of a place, and the places that come with the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

KINDS = ("detox", "therapist", "hospital", "support_group", "other")
EVERYWHERE = "ZZ"
"""The region of a place that is for every region, such as one that is online."""

_FOUND = Path(__file__).with_name("found_places.json")
_FOUND_ON = date(2026, 11, 25)


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """A place to go on to.

    Args:
        region: such as "IN", or EVERYWHERE.
        kind: one of KINDS.
        name: what it calls itself.
        area: the city or district, where that matters.
        phone: the number as people read it.
        tel: the number as a phone dials it.
        website: without a scheme.
        hours: when it answers, in words; None when no source says so.
        languages: language codes.
        cost: what it costs, in words.
        notes: what a person should know of it.
        notes_by_language: the same in other languages, by code.
        sources: where it was found.
        found_on: the date it was found there.
        last_checked: when somebody of this helpline last checked it; None: nobody yet.
    """

    region: str
    kind: str
    name: str
    area: str | None = None
    phone: str | None = None
    tel: str | None = None
    website: str | None = None
    hours: str | None = None
    languages: tuple[str, ...] = ()
    cost: str | None = None
    notes: str = ""
    notes_by_language: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    found_on: date | None = None
    last_checked: datetime | None = None


def seed_entries() -> list[ServiceDetails]:
    """What an admin may begin with: fellowships that are in many countries, as their own pages
    tell of them. Nobody has checked them."""
    return [
        ServiceDetails(
            region=EVERYWHERE,
            kind="support_group",
            name=each["name"],
            website=each["website"],
            notes=each["notes"],
            notes_by_language=each["notes_by_language"],
            sources=(each["source"],),
            found_on=_FOUND_ON,
        )
        for each in json.loads(_FOUND.read_text(encoding="utf-8"))
    ]
