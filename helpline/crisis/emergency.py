"""Which emergency number to call first in each region of the world, and where we have it from.

The table is kept by hand; ``flask helpline emergency-numbers`` shows it with its sources.
libphonenumber's metadata is made to *recognise* emergency numbers, not to advise on one: it only
cross-checks the table.
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
    """Nobody promises an answer."""


@dataclass(frozen=True, slots=True)
class EmergencyNumbers:
    """The emergency numbers of one region.

    Args:
        region: such as "IN".
        first: the number to show first.
        answers: who answers it.
        police: where it differs from ``first``; empty otherwise.
        ambulance: likewise.
        fire: likewise.
        also: another number for the same.
        is_confirmed: whether an official or press source says so.
        source: where it was found.
        found_on: the date it was found there.
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
        """Each number with who answers it, in the order in which they are to be shown."""
        yield self.answers, self.first
        if self.also:
            yield self.answers, self.also
        others = (
            (Service.AMBULANCE, self.ambulance),
            (Service.POLICE, self.police),
            (Service.FIRE, self.fire),
        )
        yield from (each for each in others if each[1])

    def unknown_to_metadata(self) -> list[str]:
        """The numbers that libphonenumber does not know as emergency numbers of the region."""
        numbers = (number for _, number in self.numbers())
        return [each for each in numbers if not is_known_emergency_number(each, self.region)]


@cache
def table() -> Mapping[str, EmergencyNumbers]:
    """Every region of the world with its emergency numbers.

    Raises:
        KeyError, ValueError: the file is damaged; a test reads it whole.
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
