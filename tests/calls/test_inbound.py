"""Calls in over the wire: simulated phones ring the helpline, the worker does the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from twilio.rest import Client as Carrier

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import ActiveCall
from helpline.calls.inbound.models import InboundCall, MessageState, Outcome, VoiceMessage
from helpline.db import db
from tests.calls.fixtures import ADVISOR, Line, until
from tests.cast import ARJUN, ASHA, CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE, RAVI
from tests.inbound.caller import at_desk

pytestmark = pytest.mark.settings(voice_languages=("en",))
CALLER = ARJUN.phone
ALONE = {"kind": "no_answer"}


@pytest.fixture
def inward(line: Line) -> Iterator[Line]:
    """A line whose number leads to us."""
    carrier = Carrier(CARRIER_ACCOUNT, CARRIER_TOKEN)
    carrier.api.base_url = line.phones.url
    voice = f"{line.app.extensions['helpline'].settings.public_url}/webhooks/voice/inbound"
    carrier.incoming_phone_numbers.list(phone_number=HELPLINE)[0].update(voice_url=voice)
    yield line


def dial(line: Line, **told: Any) -> str:
    """The caller rings the helpline."""
    path = f"/phones/{CALLER}/dial"
    return str(line.phones.tell("POST", path, {"to": HELPLINE, **told})["sid"])


def row(line: Line) -> InboundCall | None:
    db.session.rollback()
    found = sa.select(InboundCall).execution_options(populate_existing=True)
    return db.session.scalar(found)


def outcome(line: Line) -> Outcome | None:
    found = row(line)
    return found.outcome if found else None


def calls_under_way() -> int:
    """How many callers are on the phone with us, as the service knows it."""
    db.session.rollback()
    live = sa.select(sa.func.count()).where(ActiveCall.until > clock.now())
    return db.session.scalar(live) or 0


def message() -> VoiceMessage | None:
    db.session.rollback()
    found = sa.select(VoiceMessage).execution_options(populate_existing=True)
    return db.session.scalar(found)


def is_idle(line: Line, number: str) -> bool:
    return bool(line.phones.get(f"/phones/{number}")["state"] == "idle")


def test_a_caller_and_an_advisor_talk(inward: Line) -> None:
    at_desk(ASHA)
    inward.behave(ADVISOR, {"kind": "answer", "press": ["1"]})
    dial(inward)
    until(lambda: inward.phones.get(f"/phones/{CALLER}")["connected_to"] == ADVISOR, "connected")
    assert CALLER not in inward.phones.heard(ADVISOR)
    (leg,) = [each for each in inward.phones.legs() if each["to"] == ADVISOR]
    assert leg["from"] == HELPLINE
    page = inward.client.get("/desk/")
    assert "connected to an inbound call" in page.text
    inward.phones.tell("POST", f"/phones/{CALLER}/hangup")
    until(lambda: outcome(inward) == Outcome.TALKED, "the end is written")
    until(lambda: is_idle(inward, ADVISOR), "the advisor's phone stopped")


def test_a_voicemail_box_of_an_advisor_never_gets_the_caller(inward: Line) -> None:
    at_desk(ASHA, RAVI)
    inward.behave(ADVISOR, {"kind": "voicemail", "answer_after": 1, "hang_up_after": 40})
    inward.behave(str(RAVI.phone), {"kind": "answer", "press": ["1"]})
    dial(inward)
    until(lambda: inward.phones.get(f"/phones/{CALLER}")["connected_to"] == RAVI.phone, "connected")
    assert "another advisor" in inward.phones.heard(CALLER)
    inward.phones.tell("POST", f"/phones/{CALLER}/hangup")
    until(lambda: outcome(inward) == Outcome.TALKED, "the end is written")


def test_nobody_answers_and_the_caller_asks_to_be_rung_back(inward: Line) -> None:
    at_desk(ASHA)
    inward.behave(ADVISOR, ALONE)
    dial(inward, press=["1"])
    until(lambda: outcome(inward) == Outcome.BOOKED, "booked")
    until(lambda: is_idle(inward, CALLER), "hung up")
    assert "We will call you back" in inward.phones.heard(CALLER)
    assert db.session.scalar(sa.select(Callback.phone)) == CALLER


def test_a_caller_who_hangs_up_while_the_advisors_phone_rings_stops_it(inward: Line) -> None:
    at_desk(ASHA)
    inward.behave(ADVISOR, {"kind": "manual"})
    dial(inward)
    until(lambda: inward.phones.get(f"/phones/{ADVISOR}")["state"] == "ringing", "rings")
    inward.phones.tell("POST", f"/phones/{CALLER}/hangup")
    until(lambda: is_idle(inward, ADVISOR), "stopped")
    until(lambda: outcome(inward) == Outcome.LEFT, "the end is written")


def test_a_message_is_fetched_kept_deleted_at_the_carrier_and_heard(inward: Line) -> None:
    carrier = Carrier(CARRIER_ACCOUNT, CARRIER_TOKEN)
    carrier.api.base_url = inward.phones.url
    number = carrier.incoming_phone_numbers.list(phone_number=HELPLINE)[0]
    number.update(status_callback=f"{number.voice_url}/status")
    dial(inward, press=["2"], speaks_for=4)
    until(message, "a message")
    assert until(lambda: is_idle(inward, CALLER), "hung up")
    until(lambda: inward.tick("fetch_message"), "fetched")
    found = message()
    assert found is not None
    assert found.state == MessageState.KEPT
    assert found.sound is not None
    assert found.sound.startswith(b"RIFF")
    assert carrier.recordings.list() == []
    assert not inward.tick("fetch_message")
    until(lambda: not calls_under_way(), "the carrier told that the caller is gone")
    at_desk(ASHA)
    inward.client.submit(inward.client.get("/desk/"), "next")
    heard = inward.client.get(f"/desk/{found.callback_id}/messages/{found.id}")
    assert heard.data == found.sound


def test_a_caller_of_whom_nothing_is_heard_any_more_is_looked_up(inward: Line) -> None:
    dial(inward, hang_up_after=3)
    until(lambda: row(inward), "rang")
    until(lambda: is_idle(inward, CALLER), "hung up")
    assert not inward.tick("look_up_silent_call_in")
    inward.at.later(seconds=60)
    assert inward.tick("look_up_silent_call_in")
    assert outcome(inward) == Outcome.LEFT
    assert not inward.tick("look_up_silent_call_in")


def test_a_caller_who_still_listens_is_not_ended_by_being_looked_up(inward: Line) -> None:
    at_desk(ASHA)
    inward.behave(ADVISOR, {"kind": "answer", "press": ["1"]})
    dial(inward)
    until(lambda: (found := row(inward)) and found.talked_at, "connected")
    inward.at.later(minutes=10)
    assert inward.tick("look_up_silent_call_in")
    assert outcome(inward) is None
    inward.at.later(seconds=60)
    assert not inward.tick("look_up_silent_call_in")
    found = row(inward)
    assert found is not None
    assert found.heard_at > found.began_at + timedelta(minutes=9)


def test_a_withheld_number_types_one(inward: Line) -> None:
    dial(inward, withheld=True, press=["1", "09876500002#", "1"])
    until(lambda: outcome(inward) == Outcome.BOOKED, "booked")
    assert db.session.scalar(sa.select(Callback.phone)) == CALLER


def test_instructions_asked_for_twice_make_no_second_call_booking_or_ring(inward: Line) -> None:
    inward.phones.fault("twiml_double", times=None)
    at_desk(ASHA)
    inward.behave(ADVISOR, ALONE)
    dial(inward, press=["1"])
    until(lambda: outcome(inward) == Outcome.BOOKED, "booked")
    until(lambda: is_idle(inward, CALLER), "hung up")
    assert inward.phones.rings(ADVISOR) == 1
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1


def test_a_talk_whose_every_word_comes_twice_is_one_talk(inward: Line) -> None:
    inward.phones.fault("twiml_double", times=None)
    at_desk(ASHA)
    inward.behave(ADVISOR, {"kind": "answer", "press": ["1"]})
    dial(inward)
    until(lambda: inward.phones.get(f"/phones/{CALLER}")["connected_to"] == ADVISOR, "connected")
    inward.phones.tell("POST", f"/phones/{ADVISOR}/hangup")
    until(lambda: outcome(inward) == Outcome.TALKED, "the end is written")
    assert inward.phones.rings(ADVISOR) == 1


def test_a_message_whose_every_word_comes_twice_and_late_is_one(inward: Line) -> None:
    inward.phones.fault("twiml_double", times=None)
    inward.phones.fault("webhook_double", times=None)
    dial(inward, press=["2"], speaks_for=4)
    until(message, "a message")
    until(lambda: is_idle(inward, CALLER), "hung up")
    until(lambda: inward.tick("fetch_message"), "fetched")
    assert not inward.tick("fetch_message")
    assert db.session.scalar(sa.select(sa.func.count(VoiceMessage.id))) == 1


def test_an_advisors_number_that_the_carrier_refuses_leads_to_the_next(inward: Line) -> None:
    at_desk(ASHA, RAVI)
    inward.phones.fault("child_error", to=ADVISOR, times=None)
    inward.behave(str(RAVI.phone), {"kind": "answer", "press": ["1"]})
    dial(inward)
    until(lambda: inward.phones.get(f"/phones/{CALLER}")["connected_to"] == RAVI.phone, "connected")
