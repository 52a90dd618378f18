"""The emergency number to call first in each region of the world, with sources.

The table is maintained by hand; ``flask helpline emergency-numbers`` shows it. libphonenumber's
metadata *recognises* emergency numbers and does not recommend one: it only cross-checks the table.
See docs/decisions/0014-reviewed-data-for-danger.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from helpline.domain.phone_numbers import is_known_emergency_number

FILE = Path(__file__).with_name("emergency_numbers.csv")
LAST_RESORT = "112"
"""3GPP TS 22.101, section 10: every mobile phone places 112 as an emergency call."""


class Service(StrEnum):
    """Who answers a number."""

    EVERYTHING = "everything"
    AMBULANCE = "ambulance"
    POLICE = "police"
    FIRE = "fire"
    UNKNOWN = "unknown"
    """No answer is assured."""


@dataclass(frozen=True, slots=True)
class EmergencyNumbers:
    """The emergency numbers of a region.

    Args:
        first: the number to show first.
        answers: who answers it.
        police, ambulance, fire: where they differ from ``first``; else empty.
        also: another number for the same.
        is_confirmed: whether an official or press source says so.
        source: where it was found.
        found_on: when it was found there.
    """

    region: str
    first: str
    answers: Service
    police: str
    ambulance: str
    fire: str
    also: str
    is_confirmed: bool
    source: str
    found_on: date

    def numbers(self) -> Iterator[tuple[Service, str]]:
        """Iterate over the numbers and who answers them, in display order."""
        yield self.answers, self.first
        if self.also:
            yield self.answers, self.also
        others = (
            (Service.AMBULANCE, self.ambulance),
            (Service.POLICE, self.police),
            (Service.FIRE, self.fire),
        )
        yield from (item for item in others if item[1])

    def unknown_to_metadata(self) -> list[str]:
        """Return the numbers that libphonenumber does not recognise as emergency numbers."""
        numbers = (number for _, number in self.numbers())
        return [
            candidate
            for candidate in numbers
            if not is_known_emergency_number(candidate, self.region)
        ]


@cache
def table() -> Mapping[str, EmergencyNumbers]:
    """Return the emergency numbers by region.

    Raises:
        KeyError, ValueError: the file is damaged; a test reads all of it.
    """
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["region"]: _row(row) for row in csv.DictReader(file)}


def _row(row: Mapping[str, str]) -> EmergencyNumbers:
    return EmergencyNumbers(
        region=row["region"],
        first=row["first"],
        answers=Service(row["answers"]),
        police=row["police"],
        ambulance=row["ambulance"],
        fire=row["fire"],
        also=row["also"],
        is_confirmed=row["confirmed"] == "yes",
        source=row["source"],
        found_on=date.fromisoformat(row["date"]),
    )
