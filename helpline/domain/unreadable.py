"""Encrypted values that none of the keys decrypts.

Reading one must not fail, since whoever reads the row would fail with it. It is read as a
placeholder and written back as stored, so that the right key makes it readable again.
"""

from __future__ import annotations

from typing import TypeVar

UNREADABLE_TEXT = "cannot be read"

_Value = TypeVar("_Value", str, bytes)


class UnreadableText(str):
    """A text that no key decrypts; shown as "cannot be read".

    Args:
        token: the stored value.
    """

    __slots__ = ("token",)
    token: str

    def __new__(cls, token: str) -> UnreadableText:
        text = super().__new__(cls, UNREADABLE_TEXT)
        text.token = token
        return text


class UnreadableBytes(bytes):
    """Bytes that no key decrypts; empty.

    Args:
        token: the stored value.
    """

    token: bytes

    def __new__(cls, token: bytes) -> UnreadableBytes:
        data = super().__new__(cls)
        data.token = token
        return data


class UnreadableError(Exception):
    """A job needs a stored value that no key decrypts."""


def is_unreadable(value: object) -> bool:
    """Return whether a stored value could not be decrypted."""
    return isinstance(value, UnreadableText | UnreadableBytes)


def if_readable(value: _Value | None) -> _Value | None:
    """Return the value, or None where it could not be decrypted."""
    return None if is_unreadable(value) else value
