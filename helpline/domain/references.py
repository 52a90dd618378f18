"""References: six letters and digits by which a request is named aloud.

The alphabet has no vowels, so that no reference is a word; nothing that is read as something else
(0 and O, 1 and I, 2 and Z, 5 and S, 6 and G, 8 and B); and at most three characters on any key of a
phone, so that few references share their keys.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator
from itertools import product

LENGTH = 6
LAST_DIGITS = 4
"""How many digits of the phone number are asked for beside a reference."""
KEYS = {"2": "2C", "3": "3DF", "4": "4H", "5": "5JK", "6": "6M", "7": "7PR", "8": "8T", "9": "9WX"}
"""The characters of a reference on each key of a phone."""
ALPHABET = "".join(KEYS.values())
_SHAPE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_AT_THE_END = re.compile(
    r"(?P<before>.*?)(?:^|[\s:#])(?P<reference>[^\W_]{3}[\s-]*[^\W_]{3})[\s,.]+(?P<digits>\d{4})\W*",
    re.DOTALL,
)
_MISREAD = str.maketrans("BGSZ", "8652")


def generate() -> str:
    """Return a random reference."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def parse(typed: str) -> str | None:
    """Return a reference as it is stored; None where the text cannot be one.

    Spaces, hyphens and case make no difference, nor a letter that was read for a digit.
    """
    plain = _letters_and_digits(typed).upper().translate(_MISREAD)
    return plain if _SHAPE.fullmatch(plain) else None


def parse_last_digits(typed: str) -> str | None:
    """Return the last digits of a number, typed alone or as part of it; None if there are fewer."""
    digits = "".join(each for each in _letters_and_digits(typed) if each in "0123456789")
    return digits[-LAST_DIGITS:] if len(digits) >= LAST_DIGITS else None


def split_off(typed: str) -> tuple[str, str, str] | None:
    """Return what stands before a reference and last digits at the end of a message, and the two;
    None where it does not end so.
    """
    match = _AT_THE_END.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    reference = parse(match["reference"]) if match else None
    digits = parse_last_digits(match["digits"]) if match else None
    return (match["before"], reference, digits) if match and reference and digits else None


def shown(reference: str) -> str:
    """Return a reference as people read it: K7M-3XD."""
    return f"{reference[:3]}-{reference[3:]}"


def with_keys(keys: str) -> Iterator[str]:
    """Yield the references that are typed with these keys of a phone; none for other keys."""
    if len(keys) == LENGTH:
        yield from map("".join, product(*(KEYS.get(key, "") for key in keys)))


def _letters_and_digits(typed: str) -> str:
    """Digits of every script as 0 to 9."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(str(unicodedata.decimal(each, "")) or each for each in plain if each.isalnum())
