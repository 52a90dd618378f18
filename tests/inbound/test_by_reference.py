"""Somebody rings about a request, and enters its reference on the keys of their phone."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.domain.references import KEYS
from tests import factories
from tests.cast import ARJUN, KAVITA, Visitor
from tests.inbound.caller import Caller
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = [
    pytest.mark.usefixtures("app", "open_now"),
    pytest.mark.settings(voice_languages=("en",)),
    pytest.mark.parametrize("database_kind", ["sqlite"]),
]


@pytest.fixture
def open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def keys_of(token: str, visitor: Visitor) -> str:
    """What is pressed for a request."""
    reference = factories.by_token(token).reference or ""
    key = {each: key for key, characters in KEYS.items() for each in characters}
    return "".join(key[each] for each in reference) + visitor.phone[-4:]


def test_a_caller_hears_when_and_cancels_that_request_alone(client: Client) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("14:00"))
    own = factories.link(ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    assert "press 4" in caller.heard
    caller.press("4")
    assert "Enter your reference" in caller.heard
    caller.press(keys_of(token, KAVITA))
    assert "around Monday" in caller.heard
    assert (
        "2 in the afternoon" in caller.heard or "2 PM" in caller.heard or "2:00 PM" in caller.heard
    )
    assert KAVITA.name not in caller.heard
    caller.press("1")
    assert "The request is cancelled." in caller.heard
    assert "112" in caller.heard.replace(", ", "")
    assert factories.by_token(token).status == "cancelled"
    assert factories.by_token(own).status == "waiting"
    assert caller.row.ended_at is not None


def test_a_caller_goes_back_to_the_choices_and_a_closed_request_is_said_to_be(
    client: Client,
) -> None:
    token = factories.link(KAVITA)
    caller = Caller(client).ring().press("4").press(keys_of(token, KAVITA))
    assert "as soon as we can" in caller.heard
    caller.press("2")
    assert "press 4" in caller.heard
    assert factories.by_token(token).status == "waiting"
    callbacks.cancel(token, now=clock.now())
    caller.press("4").press(keys_of(token, KAVITA))
    assert "That request is closed." in caller.heard
    assert "press 4" in caller.heard


def test_wrong_keys_are_one_answer_and_the_third_ends_the_call(client: Client) -> None:
    token = factories.link(KAVITA)
    right = keys_of(token, KAVITA)
    caller = Caller(client).ring().press("4")
    heard = []
    for wrong in (right[:6] + "9999", "0000000001"):
        heard.append(caller.press(wrong).heard)
    assert heard[0] == heard[1]
    assert "cannot find that request" in heard[0]
    caller.press("")
    assert "Goodbye" in caller.heard
    assert factories.by_token(token).status == "waiting"


def test_a_phone_that_guesses_is_told_nothing_even_when_it_is_right(client: Client) -> None:
    token = factories.link(KAVITA)
    for turn in range(7):
        caller = Caller(client, ARJUN.phone).ring().press("4")
        for last in range(3):
            caller.press(f"22222{turn % 8 + 2}{last:04}")
        caller.hangs_up()
    refused = Caller(client, ARJUN.phone).ring().press("4").press(keys_of(token, KAVITA))
    assert "cannot find that request" in refused.heard
    other = Caller(client).ring().press("4").press(keys_of(token, KAVITA))
    assert "To cancel it, press 1." in other.heard
