"""What may be said in the place of our words, and how long a text is."""

from __future__ import annotations

import pytest

from helpline.domain.sms_length import SmsLength, measure
from helpline.domain.text_override_rules import InvalidText, Use, Violation, check

RING = "We will call you: {time}."


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", SmsLength("GSM-7", 0, 1)),
        ("a" * 160, SmsLength("GSM-7", 160, 1)),
        ("a" * 161, SmsLength("GSM-7", 161, 2)),
        ("a" * 306, SmsLength("GSM-7", 306, 2)),
        ("a" * 307, SmsLength("GSM-7", 307, 3)),
        ("€" * 80, SmsLength("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, SmsLength("GSM-7", 306, 3)),
        ("à la §5", SmsLength("GSM-7", 7, 1)),
        ("न" * 70, SmsLength("UCS-2", 70, 1)),
        ("न" * 71, SmsLength("UCS-2", 71, 2)),
        ("a" * 70 + "’", SmsLength("UCS-2", 71, 2)),
        ("🌿" * 35, SmsLength("UCS-2", 70, 1)),
        ("a" * 66 + "🌿" + "a" * 66, SmsLength("UCS-2", 134, 3)),
    ],
)
def test_a_text_is_as_long_as_the_carrier_counts_it(text: str, length: SmsLength) -> None:
    assert measure(text) == length


@pytest.mark.parametrize(
    ("use", "ours", "theirs", "reason", "names"),
    [
        (Use.TEXT, RING, " ", Violation.EMPTY, ()),
        (Use.TEXT, RING, "We ring.", Violation.MISSING, ("{time}",)),
        (Use.TEXT, RING, "{name}, we ring: {time}.", Violation.UNKNOWN, ("{name}",)),
        (Use.TEXT, RING, "{time} or {time}", Violation.UNKNOWN, ("{time}",)),
        (Use.TEXT, RING, "We ring: {time.tzinfo}.", Violation.UNKNOWN, ("{time.tzinfo}",)),
        (Use.TEXT, RING, "We ring: {}.", Violation.UNKNOWN, ("{}",)),
        (Use.TEXT, RING, "We ring: {time:>999}.", Violation.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "We ring: {time!r}.", Violation.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "We ring: {time.", Violation.MALFORMED, ("{", "}")),
        (Use.TEXT, RING, "{time}" + "x" * 300, Violation.TOO_LONG, ("300",)),
        (Use.TEXT, RING, "न" * 172 + "{time}", Violation.TOO_MANY_TEXTS, ("3",)),
        (Use.VOICE, "{name}. {digits}.", "{digits}.", Violation.MISSING, ("{name}",)),
        (Use.PAGE, "Call %(number)s now", "Call now", Violation.MISSING, ("%(number)s",)),
        (Use.PAGE, "Call", "Call %(number)s", Violation.UNKNOWN, ("%(number)s",)),
        (Use.PAGE, "Call", "100 % free", Violation.MALFORMED, ("%",)),
        (Use.PAGE, "Call", "<b>Call</b>", Violation.MARKUP, ("<", ">")),
        (Use.PAGE, "Call", 'Call "us" & co', Violation.MARKUP, ('"', "&")),
        (Use.PAGE, "Call", "x" * 81, Violation.TOO_LONG, ("80",)),
    ],
)
def test_words_that_would_break_are_refused_and_named(
    use: Use, ours: str, theirs: str, reason: Violation, names: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidText) as refused:
        check(use, ours, theirs)
    assert (refused.value.reason, refused.value.names) == (reason, names)


def test_words_that_leave_the_same_open_are_fine() -> None:
    check(Use.TEXT, RING, "{time}: then we ring.")
    check(Use.TEXT, RING, "न" * 171 + "{time}")
    check(Use.VOICE, "{name}. {digits}.", "{digits}: {name}.")
    check(Use.PAGE, "Call %(number)s now", "अभी %(number)s पर 100 बार फ़ोन करें")
