"""Every caller hears whom to call instead of us: before waiting, before a message, when closed."""

from __future__ import annotations

import pytest

from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.inbound.caller import Caller, at_desk
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = [
    pytest.mark.usefixtures("app"),
    pytest.mark.parametrize("database_kind", ["sqlite"]),
]

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 21:00"
SAFETY = (
    "If life is in danger, hang up and call 1, 1, 2. To talk to someone now, free, day and night, "
    "call 1, 4, 4, 1, 6."
)
in_english = pytest.mark.settings(voice_languages=("en",))


def comes_first(heard: str, before: str) -> bool:
    """Whether the safety sentence is heard, and before these words."""
    return SAFETY in heard and heard.index(SAFETY) < heard.index(before)


@in_english
@pytest.mark.parametrize(
    ("wall", "desk", "before"),
    [
        (OPEN, True, "We are calling an advisor now"),
        (OPEN, False, "No advisor is available right now"),
        (CLOSED, False, "We are closed right now"),
    ],
)
def test_it_is_the_first_sentence_of_every_call(
    client: Client, at: Clock, wall: str, desk: bool, before: str
) -> None:
    at(wall)
    if desk:
        at_desk(ASHA)
    heard = Caller(client, ARJUN.phone).ring().heard
    assert comes_first(heard, before)
    assert heard.count(SAFETY) == 1


@in_english
def test_a_caller_whose_advisor_does_not_answer_hears_it_before_the_choices(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring()
    caller.dial_ends("no-answer")
    assert comes_first(caller.heard, "Press 1")
    caller.press("7")
    assert SAFETY not in caller.heard, "not once more for a wrong key"


@in_english
@pytest.mark.parametrize(
    ("wall", "waits"),
    [
        (OPEN, "No one hears your message right away."),
        (CLOSED, "No one hears your message before we open. We open on Tuesday 24 November"),
    ],
)
def test_before_a_message_it_is_said_that_nobody_hears_it_yet(
    client: Client, at: Clock, wall: str, waits: str
) -> None:
    at(wall)
    heard = Caller(client, ARJUN.phone).ring().press("2").heard
    assert comes_first(heard, waits)
    assert heard.index(waits) < heard.index("Please speak after the tone")


@in_english
@pytest.mark.parametrize("wall", [OPEN, CLOSED])
def test_it_is_also_the_last_thing_that_whoever_has_asked_for_a_call_hears(
    client: Client, at: Clock, wall: str
) -> None:
    at(wall)
    assert Caller(client, ARJUN.phone).ring().press("1").heard.rstrip().endswith(SAFETY)


@pytest.mark.settings(voice_languages=("en", "hi"))
def test_with_two_languages_the_emergency_number_comes_before_the_choice_in_each(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    caller = Caller(client, ARJUN.phone).ring()
    english, hindi = caller.heard.split("For English, press 1.")
    assert "If life is in danger, hang up and call 1, 1, 2." in english
    assert hindi.index("1, 1, 2") < hindi.index("हिन्दी")
    assert comes_first(caller.press("1").heard, "No advisor")


@in_english
def test_what_a_line_is_for_comes_before_its_name(client: Client, at: Clock) -> None:
    at(CLOSED)
    heard = Caller(client, ARJUN.phone).ring().heard
    for words in (
        "If life is in danger, call 1, 1, 2. Emergency Response Support System.",
        "To talk to someone: 1, 4, 4, 1, 6. Tele-MANAS.",
        "If someone hurts you at home: 1, 8, 1. Women helpline.",
        "For children and young people: 1, 0, 9, 8. Child helpline.",
    ):
        assert words in heard, words


@in_english
def test_a_line_that_is_not_known_to_be_free_is_not_called_free(client: Client, at: Clock) -> None:
    at(CLOSED)
    heard = Caller(client, "+8112345678").ring().heard
    assert "hang up and call 1, 1, 9." in heard
    assert "free, day and night" not in heard


@in_english
def test_who_is_about_to_be_called_hears_it_too(client: Client, at: Clock) -> None:
    at(OPEN)
    factories.claimed(ASHA, KAVITA)
    assert SAFETY in Caller(client, KAVITA.phone).ring().heard
