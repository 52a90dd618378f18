"""Addresses that others send us: in a header, in a query. They may be anything at all."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

NOWHERE = SplitResult("", "", "", "", "")


def split(told: str) -> SplitResult:
    """The parts of an address; those of none where it is not one."""
    try:
        return urlsplit(told)
    except ValueError:
        return NOWHERE
