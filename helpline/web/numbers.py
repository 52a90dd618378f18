"""Whole numbers as they come in from outside, in addresses and forms."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST = 2**31 - 1
"""What a column holds. A number beyond it is nobody's, and is not asked of the database."""
_MOST_DIGITS = len(str(MOST))


class _Bounded(IntegerConverter):
    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **({"max": MOST} | more))


def install(app: Flask) -> None:
    """Lets an address with a number that no row can have lead nowhere. Before any view."""
    app.url_map.converters["int"] = _Bounded


def whole(text: str) -> int:
    """The number that was sent.

    Raises:
        ValueError: it is none, or one that no row can have.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or int(text) > MOST:
        raise ValueError("not a whole number of ours")
    return int(text)


def whole_or_none(text: str) -> int | None:
    """The number that was sent; None where it is none of ours."""
    try:
        return whole(text)
    except ValueError:
        return None
