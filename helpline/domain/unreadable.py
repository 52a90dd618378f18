"""Stored values that none of the keys opens.

Reading such a value must not fail: whoever reads a row would fail with it, whatever they need the
row for. So it is read as an ordinary text that says that it cannot be read, and is written back as
it was stored: with the right key it is readable again.
"""

from __future__ import annotations

from typing import TypeVar

SHOWN = "cannot be read"

_Value = TypeVar("_Value", str, bytes)


class UnreadableText(str):
    """An encrypted text that no key opens; on a page it says so.

    Args:
        token: what is stored.
    """

    __slots__ = ("token",)
    token: str

    def __new__(cls, token: str) -> UnreadableText:
        made = super().__new__(cls, SHOWN)
        made.token = token
        return made


class UnreadableBytes(bytes):
    """Encrypted bytes that no key opens; empty.

    Args:
        token: what is stored.
    """

    token: bytes

    def __new__(cls, token: bytes) -> UnreadableBytes:
        made = super().__new__(cls)
        made.token = token
        return made


class CannotBeRead(Exception):
    """A job needs a stored value that no key opens."""


def is_unreadable(value: object) -> bool:
    """Whether a stored value could not be decrypted."""
    return isinstance(value, UnreadableText | UnreadableBytes)


def if_readable(value: _Value | None) -> _Value | None:
    """The value, or None where it could not be decrypted."""
    return None if is_unreadable(value) else value
