"""References: what they are made of, and how they are read back."""

from __future__ import annotations

import pytest

from helpline.domain import references


def test_a_reference_has_no_vowel_and_nothing_that_is_read_as_something_else() -> None:
    assert not set(references.ALPHABET) & set("AEIOU01BGLNQSVYZ")
    assert len(set(references.ALPHABET)) == len(references.ALPHABET) == 20
    made = {references.generate() for _ in range(100)}
    assert len(made) == 100
    assert all(references.parse(each) == each for each in made)


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        ("K7M3XD", "K7M3XD"),
        (" k7m - 3xd ", "K7M3XD"),
        ("Ｋ７Ｍ−३XD", "K7M3XD"),
        ("KZGSBD", "K2658D"),
        ("K7M3X", None),
        ("K7M3XDD", None),
        ("K7M3XA", None),
        ("", None),
    ],
)
def test_a_reference_is_read_however_it_is_written(typed: str, reference: str | None) -> None:
    assert references.parse(typed) == reference


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("0009", "0009"), ("98765 00009", "0009"), ("९८७६", "9876"), ("009", None), ("abcd", None)],
)
def test_the_last_digits_are_read_alone_and_from_a_whole_number(
    typed: str, digits: str | None
) -> None:
    assert references.parse_last_digits(typed) == digits


def test_the_keys_of_a_phone_name_every_reference_that_they_can_mean() -> None:
    for _ in range(20):
        reference = references.generate()
        keys = "".join(
            key for each in reference for key, these in references.KEYS.items() if each in these
        )
        assert reference in set(references.with_keys(keys))
    assert len(set(references.with_keys("555555"))) == 3**6
    assert set(references.with_keys("222220")) == set(references.with_keys("22")) == set()
