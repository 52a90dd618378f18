"""The keys of the desk."""

from __future__ import annotations

import pytest

from helpline.domain.shortcuts import DEFAULT_KEYS, Shortcut, Shortcuts, conflicts, parse_key


def test_every_shortcut_has_a_key_of_its_own_that_can_be_used() -> None:
    assert list(DEFAULT_KEYS) == list(Shortcut)
    assert conflicts(DEFAULT_KEYS) == {}
    assert {parse_key(key) for key in DEFAULT_KEYS.values()} == set(DEFAULT_KEYS.values())


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("N", "n"),
        (" ; ", ";"),
        ("न", "न"),
        ("Ctrl + Enter", "ctrl+enter"),
        ("ctrl+B", "ctrl+b"),
        *((unusable, None) for unusable in ("", "5", "५", "no", "ctrl+w", "ctrl+c", "ctrl+", "\0")),
    ],
)
def test_a_key_is_read_as_it_is_typed(typed: str, key: str | None) -> None:
    assert parse_key(typed) == key


def test_only_what_differs_from_the_defaults_is_stored() -> None:
    assert Shortcuts.of_keys(DEFAULT_KEYS, single_keys=True).to_stored() is None
    changed = Shortcuts.of_keys(DEFAULT_KEYS | {"claim": ","}, single_keys=False)
    assert changed.changed == {"claim": ","}
    assert Shortcuts.of_stored(changed.to_stored()) == changed
    assert (changed["claim"], changed["save"], changed.outcome(0)) == ("", "ctrl+s", "")


def test_outcomes_have_the_digits_then_the_digits_with_shift() -> None:
    keys = [Shortcuts().outcome(index) for index in range(21)]
    assert keys[:12] == [*"1234567890", "shift+1", "shift+2"]
    assert keys[19:] == ["shift+0", ""]
