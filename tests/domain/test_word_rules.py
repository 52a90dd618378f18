"""What may be said in the place of our words, and how long a text is."""

from __future__ import annotations

import pytest

from helpline.domain.text_length import TextLength, measure
from helpline.domain.word_rules import Use, Wrong, WrongWords, check

RING = "We will call you: {time}."


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", TextLength("GSM-7", 0, 1)),
        ("a" * 160, TextLength("GSM-7", 160, 1)),
        ("a" * 161, TextLength("GSM-7", 161, 2)),
        ("a" * 306, TextLength("GSM-7", 306, 2)),
        ("a" * 307, TextLength("GSM-7", 307, 3)),
        ("€" * 80, TextLength("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, TextLength("GSM-7", 306, 3)),
        ("à la §5", TextLength("GSM-7", 7, 1)),
        ("न" * 70, TextLength("UCS-2", 70, 1)),
        ("न" * 71, TextLength("UCS-2", 71, 2)),
        ("a" * 70 + "’", TextLength("UCS-2", 71, 2)),
        ("🌿" * 35, TextLength("UCS-2", 70, 1)),
        ("a" * 66 + "🌿" + "a" * 66, TextLength("UCS-2", 134, 3)),
    ],
)
def test_a_text_is_as_long_as_the_carrier_counts_it(text: str, length: TextLength) -> None:
    assert measure(text) == length


@pytest.mark.parametrize(
    ("use", "ours", "theirs", "reason", "names"),
    [
        (Use.TEXT, RING, " ", Wrong.EMPTY, ()),
        (Use.TEXT, RING, "We ring.", Wrong.MISSING, ("{time}",)),
        (Use.TEXT, RING, "{name}, we ring: {time}.", Wrong.UNKNOWN, ("{name}",)),
        (Use.TEXT, RING, "{time} or {time}", Wrong.UNKNOWN, ("{time}",)),
        (Use.TEXT, RING, "We ring: {time.tzinfo}.", Wrong.UNKNOWN, ("{time.tzinfo}",)),
        (Use.TEXT, RING, "We ring: {}.", Wrong.UNKNOWN, ("{}",)),
        (Use.TEXT, RING, "We ring: {time:>999}.", Wrong.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "We ring: {time!r}.", Wrong.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "We ring: {time.", Wrong.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "{time}" + "x" * 300, Wrong.TOO_LONG, ("300",)),
        (Use.TEXT, RING, "न" * 172 + "{time}", Wrong.TOO_MANY_TEXTS, ("3",)),
        (Use.VOICE, "{name}. {digits}.", "{digits}.", Wrong.MISSING, ("{name}",)),
        (Use.PAGE, "Call %(number)s now", "Call now", Wrong.MISSING, ("%(number)s",)),
        (Use.PAGE, "Call", "Call %(number)s", Wrong.UNKNOWN, ("%(number)s",)),
        (Use.PAGE, "Call", "100 % free", Wrong.MALFORMED, ("%",)),
        (Use.PAGE, "Call", "<b>Call</b>", Wrong.MARKUP, ("<", ">")),
        (Use.PAGE, "Call", 'Call "us" & co', Wrong.MARKUP, ('"', "&")),
        (Use.PAGE, "Call", "x" * 81, Wrong.TOO_LONG, ("80",)),
    ],
)
def test_words_that_would_break_are_refused_and_named(
    use: Use, ours: str, theirs: str, reason: Wrong, names: tuple[str, ...]
) -> None:
    with pytest.raises(WrongWords) as refused:
        check(use, ours, theirs)
    assert (refused.value.reason, refused.value.names) == (reason, names)


def test_words_that_leave_the_same_open_are_fine() -> None:
    check(Use.TEXT, RING, "{time}: then we ring.")
    check(Use.TEXT, RING, "न" * 171 + "{time}")
    check(Use.VOICE, "{name}. {digits}.", "{digits}: {name}.")
    check(Use.PAGE, "Call %(number)s now", "अभी %(number)s पर 100 बार फ़ोन करें")
