"""The keyboard shortcuts of the desk, which each advisor may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Shortcut(StrEnum):
    """An action of the desk that has a key."""

    CLAIM = "claim"
    CALL = "call"
    OWN_PHONE = "own_phone"
    STOP = "stop"
    MORE_TIME = "more_time"
    RELEASE = "release"
    WHAT_TO_SAY = "what_to_say"
    EARLIER_CALLS = "earlier_calls"
    NOTES = "notes"
    SAVE_DRAFT = "save_draft"
    OUTCOMES = "outcomes"
    FOLLOW_UP = "follow_up"
    REFERRALS = "referrals"
    FIND_PLACES = "find_places"
    TEXT_REFERRALS = "text_referrals"
    TRANSFER = "transfer"
    SEND_TRANSFER = "send_transfer"
    URGENT = "urgent"
    EMERGENCY = "emergency"
    HELP_NOW = "help_now"
    TEXT_NUMBERS = "text_numbers"
    REPORT_UNREADABLE = "report_unreadable"
    CLOSE_UNREADABLE = "close_unreadable"
    SAVE = "save"
    SAVE_NEXT = "save_next"
    UNDO = "undo"
    PRESENCE = "presence"
    UNFINISHED = "unfinished"
    TODAY = "today"
    HELP = "help"


DEFAULT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        Shortcut.CLAIM: "n",
        Shortcut.CALL: "c",
        Shortcut.OWN_PHONE: "w",
        Shortcut.STOP: "x",
        Shortcut.MORE_TIME: "m",
        Shortcut.RELEASE: "r",
        Shortcut.WHAT_TO_SAY: "s",
        Shortcut.EARLIER_CALLS: "v",
        Shortcut.NOTES: "t",
        Shortcut.SAVE_DRAFT: "d",
        Shortcut.OUTCOMES: "o",
        Shortcut.FOLLOW_UP: "f",
        Shortcut.REFERRALS: "p",
        Shortcut.FIND_PLACES: "/",
        Shortcut.TEXT_REFERRALS: "l",
        Shortcut.TRANSFER: "h",
        Shortcut.SEND_TRANSFER: "j",
        Shortcut.URGENT: "u",
        Shortcut.EMERGENCY: "e",
        Shortcut.HELP_NOW: "q",
        Shortcut.TEXT_NUMBERS: "g",
        Shortcut.REPORT_UNREADABLE: "a",
        Shortcut.CLOSE_UNREADABLE: "k",
        Shortcut.SAVE: "ctrl+s",
        Shortcut.SAVE_NEXT: "ctrl+enter",
        Shortcut.UNDO: "z",
        Shortcut.PRESENCE: "b",
        Shortcut.UNFINISHED: "i",
        Shortcut.TODAY: "y",
        Shortcut.HELP: "?",
    }
)

_CTRL = "ctrl+"
_SHIFT = "shift+"
_OUTCOME_KEYS = tuple(f"{prefix}{digit}" for prefix in ("", _SHIFT) for digit in "1234567890")
_NOT_WITH_CTRL = frozenset("acnqtvwxyz")
"""Letters that the browser keeps for itself, or that edit text, when pressed with Ctrl."""


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The keys of one advisor. ``shortcuts["claim"]`` is a key, or empty where it is off.

    Args:
        changed: keys that differ from the defaults, by name of the shortcut.
        single_keys: whether keys work that are pressed without Ctrl (WCAG 2.1.4).
    """

    changed: Mapping[str, str] = field(default_factory=dict)
    single_keys: bool = True

    def __getitem__(self, name: str) -> str:
        return self._if_on(self.key_of(name))

    def key_of(self, name: str) -> str:
        """Return the key of a shortcut, also while single keys are off."""
        return self.changed.get(name) or DEFAULT_KEYS[name]

    def outcome(self, index: int) -> str:
        """Return the key of the outcome at a position, from 0: 1 to 9 and 0, then with Shift."""
        return self._if_on(_OUTCOME_KEYS[index]) if index < len(_OUTCOME_KEYS) else ""

    def _if_on(self, key: str) -> str:
        return key if self.single_keys or key.startswith(_CTRL) else ""

    def to_stored(self) -> dict[str, Any] | None:
        """Return what is stored, or None where nothing differs from the defaults."""
        if self == Shortcuts():
            return None
        return {"keys": dict(self.changed), "single_keys": self.single_keys}

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any] | None) -> Shortcuts:
        """Read what ``to_stored`` returned. Shortcuts that no longer exist are left out."""
        if not stored:
            return cls()
        keys = {name: key for name, key in stored["keys"].items() if name in DEFAULT_KEYS}
        return cls(keys, stored["single_keys"])

    @classmethod
    def of_keys(cls, keys: Mapping[str, str], *, single_keys: bool) -> Shortcuts:
        """Return the shortcuts with a key for each name."""
        changed = {name: key for name, key in keys.items() if key != DEFAULT_KEYS[name]}
        return cls(changed, single_keys)


def parse_key(typed: str) -> str | None:
    """Return a typed key in the form in which the browser reports it; None if it cannot be used.

    Usable are one character, except digits (they choose outcomes), and Ctrl with a letter or Enter.
    """
    key = "".join(typed.split()).lower()
    if key.startswith(_CTRL):
        rest = key.removeprefix(_CTRL)
        is_letter = len(rest) == 1 and rest.isascii() and rest.isalpha()
        return key if rest == "enter" or (is_letter and rest not in _NOT_WITH_CTRL) else None
    is_usable = len(key) == 1 and key.isprintable() and not key.isdigit()
    return key if is_usable else None


def key_label(key: str) -> str:
    """Return a key as it is printed on a button, such as N, ⇧1 (with Shift) or Ctrl+Enter."""
    if key.startswith(_SHIFT):
        return f"⇧{key.removeprefix(_SHIFT)}"
    return "+".join(part.capitalize() for part in key.split("+")) if len(key) > 1 else key.upper()


def conflicts(keys: Mapping[str, str]) -> dict[str, str]:
    """Return for each shortcut whose key an earlier one has, the name of that one."""
    first: dict[str, str] = {}
    return {name: first[key] for name, key in keys.items() if first.setdefault(key, name) != name}
