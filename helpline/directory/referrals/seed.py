"""The details of a service, and the services that new deployments start with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

KINDS = ("detox", "therapist", "hospital", "support_group", "other")
EVERYWHERE = "ZZ"
"""Region of a service for every region, such as an online one."""

_SEED_FILE = Path(__file__).with_name("found_places.json")
_FOUND_ON = date(2026, 11, 25)


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """The details of a service.

    Args:
        region: such as "IN", or EVERYWHERE.
        kind: one of KINDS.
        area: the city or district, where that matters.
        phone, tel: the number as people read it, and as a phone dials it.
        website: without a scheme.
        hours: opening hours as text; None when no source states them.
        found_on: the date of the sources.
        last_checked: when this helpline last verified it; None: never.
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
    """Return unverified services to start with: fellowships found in many countries."""
    return [
        ServiceDetails(
            region=EVERYWHERE,
            kind="support_group",
            name=entry["name"],
            website=entry["website"],
            notes=entry["notes"],
            notes_by_language=entry["notes_by_language"],
            sources=(entry["source"],),
            found_on=_FOUND_ON,
        )
        for entry in json.loads(_SEED_FILE.read_text(encoding="utf-8"))
    ]
