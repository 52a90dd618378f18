"""Calls that come from the helpline's own numbers, from staff, and in the forms of networks."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import Outcome
from helpline.db import db, transaction
from helpline.telephony import carrier_routes
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import CarrierRoute
from tests import factories
from tests.cast import ARJUN, ASHA, HELPLINE, RAVI
from tests.inbound.caller import VOICE, Caller, at_desk
from tests.support.clock import Clock
from tests.support.web import Client

OTHER_LINE = "+918045678901"

pytestmark = pytest.mark.settings(voice_languages="en")


@pytest.fixture(autouse=True)
def _open(at: Clock) -> None:
    at("2026-11-23 11:00")


def callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback)))


def phone_of(member: object) -> str:
    found = factories.staff(member).phone  # type: ignore[arg-type]
    assert found is not None
    return str(found)


def test_a_call_from_the_number_that_we_call_from_rings_nobody(client: Client) -> None:
    at_desk(ASHA)
    caller = Caller(client, HELPLINE).ring()
    assert caller.rings is None
    assert caller.is_hung_up
    assert "This call comes from our own number" in caller.heard
    assert "1, 1, 2" in caller.heard
    assert (caller.row.outcome, caller.row.phone) == (Outcome.LEFT, None)
    assert caller.ring().is_hung_up, "asked again, the answer is the same"


@pytest.mark.settings(helpline_number=OTHER_LINE)
@pytest.mark.parametrize("number", [OTHER_LINE, OTHER_LINE[1:], "0" + OTHER_LINE[3:]])
def test_a_call_that_another_line_of_ours_forwards_is_taken_but_not_called_back_there(
    client: Client, number: str
) -> None:
    caller = Caller(client, number).ring()
    assert "on this number" not in caller.heard
    caller.press("1")
    caller.press(OTHER_LINE[3:])
    assert "That is our own number" in caller.heard
    assert callbacks() == []


def test_a_number_that_one_region_sees_is_ours_too(app: Flask, client: Client) -> None:
    with transaction() as session:
        carrier_routes.save_routes(session, {"IN": CarrierRoute(FIRST, OTHER_LINE)})
    caller = Caller(client, OTHER_LINE).ring()
    caller.press("1")
    assert caller.row.phone is None
    assert callbacks() == []


def test_an_advisor_who_calls_from_their_own_phone_is_not_connected_with_themselves(
    client: Client,
) -> None:
    at_desk(ASHA)
    assert Caller(client, phone_of(ASHA)).ring().rings is None
    at_desk(RAVI)
    assert Caller(client, phone_of(ASHA)).ring().rings == phone_of(RAVI)


def test_a_colleague_is_called_back_on_another_number_only(client: Client) -> None:
    own = phone_of(ASHA)
    caller = Caller(client, own).ring()
    caller.press("1")
    caller.press(own[3:])
    assert "That is our own number" in caller.heard
    caller.press(ARJUN.phone[3:])
    caller.press("1")
    assert [each.phone for each in callbacks()] == [ARJUN.phone]


@pytest.mark.parametrize("shown", [ARJUN.phone[1:], "0" + ARJUN.phone[3:], ARJUN.phone[3:]])
def test_an_indian_number_without_a_plus_is_called_back(client: Client, shown: str) -> None:
    caller = Caller(client, shown).ring()
    caller.press("1")
    assert [each.phone for each in callbacks()] == [ARJUN.phone]
    assert caller.row.region == "IN"


@pytest.mark.parametrize("shown", ["+7378742833", "7378742833", "86282452253", "Restricted", "464"])
def test_a_withheld_number_is_not_read_as_somebodys(client: Client, shown: str) -> None:
    assert Caller(client, shown).ring().row.phone is None


@pytest.mark.parametrize("typed", ["18001234567", "1409876543", "1600123456"])
def test_a_number_that_cannot_be_called_back_is_refused_with_words(
    client: Client, typed: str
) -> None:
    caller = Caller(client).ring()
    caller.press("1")
    caller.press(typed)
    assert "we cannot call toll-free or service numbers" in caller.heard


def test_a_caller_on_a_toll_free_number_types_one(client: Client) -> None:
    caller = Caller(client, "+9118001234567").ring()
    assert caller.row.phone is None
    assert "on this number" not in caller.heard


def test_the_paths_of_a_loop_stay_signed(client: Client) -> None:
    assert client.post(VOICE, data={"From": HELPLINE}).status_code == 403
