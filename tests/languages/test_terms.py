"""One word for one thing: what every sentence that a visitor reads or hears must hold to."""

import re

from tools import words

RING = re.compile(r"\b(ring|rings|rang|rung|ringing)\b", re.IGNORECASE)
PHONES_RING = {"Your phone has not rung yet. Please keep the line free."}
"""People call; only a phone rings."""


def english() -> list[str]:
    """Every sentence of the sources that a visitor may read or hear."""
    forms = [m.id if isinstance(m.id, tuple) else (m.id,) for m in words.wanted() if m.id]
    return [form for each in forms for form in each]


def test_visitors_are_called_and_never_rung() -> None:
    assert [each for each in english() if RING.search(each) and each not in PHONES_RING] == []
