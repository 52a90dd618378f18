"""Integers in addresses and forms, within the range of the database."""

from __future__ import annotations

from collections.abc import Sized

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


def parse_int(typed: str) -> int:
    """Parse an integer that the database can hold.

    Raises:
        ValueError: it is none.
    """
    number = int(typed) if len(typed) <= len(str(-LARGEST)) else LARGEST + 1
    if abs(number) > LARGEST:
        raise ValueError("more than the database can count to")
    return number


def parse_row_id(typed: str) -> int | None:
    """Parse a row id; None if it is none."""
    plain = typed.isascii() and typed.isdigit()
    try:
        return parse_int(typed) if plain else None
    except ValueError:
        return None


def parse_index(typed: str, among: Sized) -> int | None:
    """Parse an index into a sequence; None if there is no such item."""
    place = parse_row_id(typed)
    return place if place is not None and place < len(among) else None


class RowNumber(IntegerConverter):
    """URL converter of row ids; others are 404."""

    def __init__(self, map: Map) -> None:  # noqa: A002 (the library calls it so)
        super().__init__(map, max=LARGEST)
