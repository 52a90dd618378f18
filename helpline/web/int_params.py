"""What a number in an address or a form may be: no more than the database can count to."""

from __future__ import annotations

from collections.abc import Sized

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


def parse_int(typed: str) -> int:
    """A whole number as a form sends it, which the database can hold.

    Raises:
        ValueError: it is none.
    """
    number = int(typed) if len(typed) <= len(str(-LARGEST)) else LARGEST + 1
    if abs(number) > LARGEST:
        raise ValueError("more than the database can count to")
    return number


def parse_row_id(typed: str) -> int | None:
    """The number of a row as a form sends it; None where it is none."""
    plain = typed.isascii() and typed.isdigit()
    try:
        return parse_int(typed) if plain else None
    except ValueError:
        return None


def parse_index(typed: str, among: Sized) -> int | None:
    """Which of some things a button names; None where there is no such."""
    place = parse_row_id(typed)
    return place if place is not None and place < len(among) else None


class RowNumber(IntegerConverter):
    """A number that a row may have; every other leads nowhere, as an address that is not there."""

    def __init__(self, map: Map) -> None:  # noqa: A002 (the library calls it so)
        super().__init__(map, max=LARGEST)


def install(app: Flask) -> None:
    """Puts it in place of Flask's own; before any view is."""
    app.url_map.converters["int"] = RowNumber
