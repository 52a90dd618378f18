"""Somebody rings with a number that we do not see, or cannot ring back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import Outcome
from helpline.db import db
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import ARJUN, ASHA
from tests.inbound.caller import Caller, at_desk, messages, sid
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = [
    pytest.mark.usefixtures("app", "open_now"),
    pytest.mark.settings(voice_languages=("en",)),
]
TYPED = "09876500002"
AS_SPOKEN = "entered 0, 9, 8, 7, 6, 5, 0, 0, 0, 0, 2."


@pytest.fixture
def open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback).order_by(Callback.id)))


@pytest.mark.parametrize("number", ["anonymous", "Restricted", "", "+266696687", "+12025550143"])
def test_a_number_we_cannot_ring_back_is_asked_for(client: Client, number: str) -> None:
    caller = Caller(client, number).ring()
    assert "on this number" not in caller.heard
    caller.press("1")
    assert "enter it" in caller.heard
    assert caller.twiml is not None
    gather = caller.twiml.find("Gather")
    assert gather is not None
    assert gather.get("finishOnKey") == "#"
    assert (caller.row.phone, caller.row.phone_hash) == (None, None)


def test_the_typed_number_is_read_back_and_booked_once_it_is_confirmed(client: Client) -> None:
    caller = Caller(client).ring().press("1").press(TYPED)
    assert AS_SPOKEN in caller.heard
    assert callbacks() == []
    caller.press("1")
    (booked,) = callbacks()
    assert booked.phone == ARJUN.phone
    assert caller.row.outcome == Outcome.BOOKED


def test_a_number_typed_wrongly_is_typed_again(client: Client) -> None:
    caller = Caller(client).ring().press("1").press("09876500009").press("2")
    assert "enter it" in caller.heard
    caller.press(TYPED).press("1")
    assert [each.phone for each in callbacks()] == [ARJUN.phone]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("98765", "too short"),
        ("0987650000299999", "too long"),
        ("112", "emergency number"),
        ("0012025550143", "that country"),
        ("**", "cannot call that number"),
        ("", "did not get a number"),
    ],
)
def test_a_number_that_cannot_be_rung_is_refused_kindly(
    client: Client, typed: str, words: str
) -> None:
    caller = Caller(client).ring().press("1").press(typed)
    assert words in caller.heard
    assert "enter it" in caller.heard
    assert callbacks() == []


def test_nobody_is_asked_for_a_number_for_ever(client: Client) -> None:
    caller = Caller(client).ring().press("1").press("1").press("12").press("123")
    assert "at any time" in caller.heard
    assert caller.is_hung_up
    assert caller.row.outcome == Outcome.LEFT
    caller = Caller(client).ring().press("1")
    for _ in range(3):
        caller.press(TYPED).press("2")
    assert caller.is_hung_up


def test_a_stranger_who_types_a_number_learns_nothing_and_changes_nothing(client: Client) -> None:
    fresh = Caller(client).ring().press("1").press("09876500003").press("1").heard
    factories.link(ARJUN, slot_at=factories.slot("15:00"))
    stranger = Caller(client).ring().press("1").press(TYPED).press("1")
    assert stranger.heard == fresh
    own, behind = [each for each in callbacks() if each.phone == ARJUN.phone]
    assert (own.status, own.slot_at) == (Status.WAITING, factories.slot("15:00"))
    assert behind.status == Status.JOINED


def test_a_caller_with_a_withheld_number_is_connected_like_any_other(client: Client) -> None:
    at_desk(ASHA)
    caller = Caller(client).ring()
    assert caller.rings == ASHA.phone
    caller.connects()
    caller.dial_ends("completed", DialBridged="true")
    assert caller.row.outcome == Outcome.TALKED


def test_a_message_needs_a_number_too(client: Client) -> None:
    caller = Caller(client).ring().press("2").press(TYPED).press("1")
    assert "after the tone" in caller.heard
    caller.recorded(sid("RE"))
    assert [each.phone for each in callbacks()] == [ARJUN.phone]
    assert len(messages()) == 1


def test_doubled_digits_of_a_typed_number_are_one_answer(client: Client) -> None:
    caller = Caller(client).ring().press("1")
    path = caller.address("Gather", "action")
    caller.press(TYPED)
    first = caller.answer
    caller.press("2")
    assert first is not None
    assert caller.post(path, Digits=TYPED).text == first.text
