"""Calls out, as they go when the carrier does its part: docs/calls.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.call_progress import (
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Leg,
    Screening,
)
from helpline.domain.lifecycle import Status
from helpline.telephony.events import Detection
from helpline.telephony.twilio.statuses import detection_of
from tests import factories
from tests.calls.fixtures import ADVISOR, PRESSES_ONE, STAYS, VISITOR, Line, until
from tests.cast import ASHA, CARRIER_TOKEN, HELPLINE
from tests.phonesim.fixtures import client_of
from tests.support.carriers import BESIDE, PLIVO, TWILIO
from tests.support.clock import Clock


@pytest.fixture
def carrier(database_kind: str) -> str:
    """Each database has another carrier, so that the two take the time of one."""
    return BESIDE[database_kind]


def test_the_advisor_presses_one_and_the_two_talk(line: Line) -> None:
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    assert "You are connected." in line.desk()
    line.hang_up(VISITOR)
    over = line.settled(attempt)
    assert (over.result, over.counted, over.problem) == (AttemptResult.TALKED, True, None)
    assert line.callback(attempt).status == Status.CALLING
    assert "The call was answered and has ended." in line.desk()
    assert (line.phones.rings(ADVISOR), line.phones.rings(VISITOR)) == (1, 1)


@pytest.mark.parametrize(
    ("advisor", "result", "words"),
    [
        ({"kind": "no_answer"}, AttemptResult.ADVISOR_NO_ANSWER, "1 was not pressed"),
        ({"kind": "decline"}, AttemptResult.ADVISOR_DECLINED, "Your phone declined the call."),
        (
            {"kind": "voicemail", "answer_after": 1},
            AttemptResult.ADVISOR_NO_ANSWER,
            "1 was not pressed",
        ),
        ({"kind": "answer", "press": ["2"]}, AttemptResult.ADVISOR_NO_ANSWER, "1 was not pressed"),
        (
            {"kind": "answer", "hang_up_after": 1},
            AttemptResult.ADVISOR_NO_ANSWER,
            "1 was not pressed",
        ),
        ({"kind": "unreachable"}, AttemptResult.NOT_PLACED, "The call was not made."),
    ],
    ids=["rings out", "declines", "voicemail", "another key", "hangs up", "unreachable"],
)
def test_an_advisor_who_is_not_there_costs_the_visitor_nothing(
    line: Line, advisor: dict[str, Any], result: AttemptResult, words: str
) -> None:
    attempt = line.call(advisor=advisor)
    over = line.settled(attempt)
    assert (over.result, over.counted) == (result, False)
    callback = line.callback(attempt)
    assert (callback.status, callback.attempts_used) == (Status.CLAIMED, 0)
    assert callback.claim_ends_at is not None
    assert words in line.desk()
    assert line.phones.rings(VISITOR) == 0


@pytest.mark.parametrize(
    ("visitor", "result", "counted", "words"),
    [
        ({"kind": "no_answer"}, AttemptResult.NO_ANSWER, True, "They did not answer."),
        ({"kind": "decline"}, AttemptResult.BUSY, True, "Their line was busy."),
        ({"kind": "unreachable"}, AttemptResult.VISITOR_FAILED, False, "could not be reached"),
    ],
    ids=["rings out", "rejects", "unreachable"],
)
def test_a_visitor_who_does_not_answer_is_tried_again(
    line: Line, visitor: dict[str, Any], result: AttemptResult, counted: bool, words: str
) -> None:
    attempt = line.call(visitor)
    over = line.settled(attempt)
    assert (over.result, over.counted) == (result, counted)
    callback = line.callback(attempt)
    assert (callback.status, callback.attempts_used) == (Status.CALLING, int(counted))
    assert words in line.desk()
    line.at.later(minutes=11)
    assert line.tick("close_wrap_up")
    assert line.callback(attempt).status == Status.WAITING


def test_a_visitor_on_another_call_is_busy(line: Line) -> None:
    somebody_else = client_of(line.phones.url, CARRIER_TOKEN)
    held = "<Response><Pause length='600'/></Response>"
    somebody_else.calls.create(to=VISITOR, from_=HELPLINE, twiml=held, timeout=600)
    line.phone(VISITOR, "ringing")
    attempt = line.call()
    assert line.settled(attempt).result == AttemptResult.BUSY
    assert line.phones.rings(VISITOR) == 1


@pytest.mark.settings(visitor_ring_seconds=120)
def test_the_advisor_hangs_up_and_the_visitors_phone_stops_ringing(line: Line) -> None:
    attempt = line.call({"kind": "manual"})
    line.in_state(attempt, AttemptState.VISITOR_RINGING)
    assert "Their phone is ringing." in line.desk()
    line.hang_up(ADVISOR)
    line.phone(VISITOR, "idle")
    line.settled(attempt)
    hung_up = AttemptResult.ADVISOR_HUNG_UP  # known when the carrier has told how its dial ended
    until(lambda: line.now(attempt).result == hung_up, "it is known who hung up")
    until(lambda: line.now(attempt).counted, "it is known that their phone rang")
    assert "Your phone hung up before they answered." in line.desk()
    assert line.callback(attempt).status == Status.CALLING


def test_the_visitor_answers_and_hangs_up_at_once(line: Line) -> None:
    attempt = line.call({"kind": "answer", "hang_up_after": 0})
    over = line.settled(attempt)
    assert (over.result, over.counted) == (AttemptResult.TALKED, True)


def test_a_call_that_drops_is_over_for_both(line: Line) -> None:
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    call = line.now(attempt).advisor_call
    assert call is not None
    line.carrier.hang_up(call)
    assert line.settled(attempt).result == AttemptResult.TALKED
    line.phone(VISITOR, "idle")


def test_a_call_that_outlives_the_closing_hour_goes_on(line: Line) -> None:
    line.at("2026-11-23 17:59")
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    line.at("2026-11-23 18:05")
    assert not line.tick("take_back_at_closing")
    assert "You are connected." in line.desk()
    assert line.phones.get(f"/phones/{VISITOR}")["connected_to"] == ADVISOR
    line.hang_up(VISITOR)
    assert line.settled(attempt).result == AttemptResult.TALKED
    line.client.submit(line.client.get("/desk/"), "/disposition", disposition="reached")
    assert line.callback(attempt).status == Status.REACHED


def test_a_one_pressed_after_closing_rings_nobody(line: Line) -> None:
    line.at("2026-11-23 17:59")
    line.phones.tell("PUT", "/clock", {"time_scale": 6})  # a key has a while
    attempt = line.call(advisor={"kind": "answer", "answer_after": 0})
    line.in_state(attempt, AttemptState.ADVISOR_ANSWERED)
    until(lambda: "Press 1" in line.phones.heard(ADVISOR), "a key is asked for")
    line.at("2026-11-23 18:00")
    line.phones.tell("POST", f"/phones/{ADVISOR}/press", {"digits": "1"})
    over = line.settled(attempt)
    assert (over.result, over.counted) == (AttemptResult.CLOSED, False)
    callback = line.callback(attempt)
    assert (callback.status, callback.attempts_used) == (Status.WAITING, 0)
    line.phone(ADVISOR, "idle")
    assert "has closed" in line.phones.heard(ADVISOR)
    assert line.phones.rings(VISITOR) == 0


def test_a_call_asked_for_at_1759_is_not_placed_at_1800(line: Line) -> None:
    line.at("2026-11-23 17:59")
    attempt = factories.calling()
    line.at("2026-11-23 18:00")
    line.tick("place_call")
    over = line.now(attempt)
    assert (over.result, over.counted) == (AttemptResult.CLOSED, False)
    assert line.callback(attempt).status == Status.WAITING
    assert line.phones.legs() == []


@pytest.mark.parametrize("allowed", [True, False])
def test_voicemail_is_heard_by_the_advisor_who_is_told_whether_to_leave_a_message(
    line: Line, allowed: bool
) -> None:
    machine = {"kind": "voicemail", "answer_after": 1, "hang_up_after": 300}
    attempt = line.call(machine, may_leave_voicemail=allowed)
    line.in_state(attempt, AttemptState.TALKING)
    words = "You may leave a voicemail" if allowed else "Do NOT leave a voicemail"
    assert words in line.desk()
    line.hang_up(ADVISOR)
    assert line.settled(attempt).result == AttemptResult.TALKED
    line.client.submit(line.client.get("/desk/"), "/disposition", disposition="voicemail")
    callback = line.callback(attempt)
    assert (callback.status, callback.disposition) == (Status.WAITING, "voicemail")


@pytest.mark.settings(visitor_ring_seconds=120)
def test_a_visitor_who_cancels_while_their_phone_rings_is_left_in_peace(line: Line) -> None:
    token = factories.link()
    line.behave(ADVISOR, PRESSES_ONE)
    held = claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    calls.start_call(held, factories.staff(ASHA).id, now=clock.now())
    attempt = factories.attempt_of(factories.by_token(token))
    line.tick("place_call")
    line.in_state(attempt, AttemptState.VISITOR_RINGING)
    db.session.rollback()
    callbacks.cancel(token, now=clock.now())
    assert line.tick("end_unwanted_call")
    line.phone(VISITOR, "idle")
    line.settled(attempt)
    assert line.callback(attempt).status == Status.CANCELLED


# Screening: with press-one or detection a machine never hears an advisor

MACHINE = {"kind": "voicemail", "answer_after": 1}
PERSON = {"kind": "answer", "press": ["1"]}
PRESS_ONE = pytest.mark.settings(visitor_press_one=True)
DETECTION = pytest.mark.settings(machine_detection=True)
BOTH = pytest.mark.settings(visitor_press_one=True, machine_detection=True)


@pytest.mark.parametrize(
    "_with",
    [
        pytest.param("press one", marks=PRESS_ONE),
        pytest.param("detection", marks=DETECTION),
        pytest.param("both", marks=BOTH),
    ],
)
def test_a_person_is_connected(line: Line, _with: str) -> None:
    attempt = line.call(PERSON)
    line.in_state(attempt, AttemptState.TALKING)
    line.hang_up(VISITOR)
    over = line.settled(attempt)
    assert (over.result, over.problem) == (AttemptResult.TALKED, None)
    assert "visitor_confirmed" in line.events(attempt)


@pytest.mark.parametrize(
    ("carrier", "problem", "words"),
    [
        pytest.param(TWILIO, "nobody_pressed_one", "no one pressed 1", marks=PRESS_ONE),
        pytest.param(TWILIO, "machine_answered", "A machine answered, so you", marks=DETECTION),
        pytest.param(TWILIO, "machine_answered", "A machine answered, so you", marks=BOTH),
        pytest.param(PLIVO, "nobody_pressed_one", "no one pressed 1", marks=PRESS_ONE),
        # It detects none on a dialled phone, so the 1 is asked for.
        pytest.param(PLIVO, "nobody_pressed_one", "no one pressed 1", marks=DETECTION),
    ],
)
def test_a_machine_never_hears_an_advisor(line: Line, problem: str, words: str) -> None:
    attempt = line.call(MACHINE)
    over = line.settled(attempt)
    assert (over.result, over.counted, over.problem) == (AttemptResult.NO_ANSWER, True, problem)
    assert line.callback(attempt).status == Status.CALLING
    assert words in line.desk()
    logs = [note["what"] for leg in line.phones.legs() for note in leg["log"]]
    assert not any("connected with" in what for what in logs)


@PRESS_ONE
@pytest.mark.parametrize(("language", "words"), [("en", "press 1"), ("hi", "1 दबाइए")])
def test_whoever_answers_is_asked_in_their_language_and_told_nothing(
    line: Line, language: str, words: str
) -> None:
    attempt = line.call({"kind": "answer", "press": ["2"]}, language=language)
    over = line.settled(attempt)
    assert (over.result, over.problem) == (AttemptResult.NO_ANSWER, "nobody_pressed_one")
    heard = line.phones.heard(VISITOR)
    assert words in heard
    settings = line.app.extensions["helpline"].settings
    for secret in (settings.site_name, "helpline", "Helpline", "health", "Kavita"):
        assert secret not in heard


@pytest.mark.settings(visitor_press_one=True, press_one_seconds=60)
def test_the_advisor_sees_that_a_person_is_waited_for(line: Line) -> None:
    line.phones.tell("PUT", "/clock", {"time_scale": 6})  # the 1 is waited for a while
    attempt = line.call({"kind": "answer"})
    line.in_state(attempt, AttemptState.VISITOR_RINGING)
    assert "when a person answers" in line.desk()
    line.phone(VISITOR, "in call")
    assert line.now(attempt).state == AttemptState.VISITOR_RINGING
    line.hang_up(ADVISOR)
    over = line.settled(attempt)
    assert (over.result, over.problem) == (AttemptResult.NO_ANSWER, "nobody_pressed_one")


@DETECTION
@pytest.mark.parametrize("carrier", [TWILIO])
def test_a_detection_that_is_not_sure_asks_for_the_one(line: Line) -> None:
    attempt = line.call({"kind": "manual"})
    line.in_state(attempt, AttemptState.VISITOR_RINGING)
    now = line.now(attempt)
    assert now.advisor_call is not None
    told = (now.ref, "CAchild", now.advisor_call)
    for unsure in ("unknown", ""):
        next_step = carrier_events.visitor_answered(*told, detection_of(unsure), now=clock.now())
        assert next_step is not None
        assert next_step.ask
    assert line.now(attempt).state == AttemptState.VISITOR_RINGING
    line.hang_up(ADVISOR)
    line.settled(attempt)


BEHIND_SWITCHBOARD = {"kind": "switchboard", "extension": "12", "press": ["1"]}


@pytest.mark.parametrize(
    "_with",
    [
        "no screening",
        pytest.param("press one", marks=PRESS_ONE),
        pytest.param("detection", marks=DETECTION),
        pytest.param("both", marks=BOTH),
    ],
)
def test_a_person_behind_a_switchboard_is_reached_by_their_extension(
    line: Line, _with: str
) -> None:
    attempt = line.call(BEHIND_SWITCHBOARD, phone_extension="12")
    line.in_state(attempt, AttemptState.TALKING)
    assert "The extension is dialled for you after the number answers." in line.desk()
    [leg] = [each for each in line.phones.legs() if each["to"] == VISITOR]
    until(lambda: "extension 12 answers" in logged(line, leg["sid"]), "the person answers")
    line.hang_up(VISITOR)
    assert line.settled(attempt).result == AttemptResult.TALKED


@PRESS_ONE
def test_a_switchboard_without_the_extension_never_hears_an_advisor(line: Line) -> None:
    attempt = line.call(BEHIND_SWITCHBOARD)
    over = line.settled(attempt)
    assert (over.result, over.problem) == (AttemptResult.NO_ANSWER, "nobody_pressed_one")


def logged(line: Line, sid: str) -> list[str]:
    """What happened on a leg."""
    return [note["what"] for note in line.phones.get(f"/calls/{sid}")["log"]]


@BOTH
def test_who_answers_after_the_visitor_cancelled_is_not_connected(line: Line) -> None:
    attempt = line.call({"kind": "no_answer"})
    over = line.settled(attempt)
    assert over.advisor_call is not None
    told = (over.ref, "CAlate", over.advisor_call)
    assert carrier_events.visitor_answered(*told, Detection.PERSON, now=clock.now()) is None
    assert not carrier_events.visitor_confirmed(*told, now=clock.now())
    assert line.now(attempt).result == AttemptResult.NO_ANSWER


@PRESS_ONE
def test_that_the_two_were_connected_puts_right_what_was_thought_before(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling()
    ref, now = attempt.ref, clock.now()
    carrier_events.advisor_answered(ref, "CAadvisor", now=now)
    carrier_events.advisor_pressed_one(ref, "CAadvisor", now=now, screening=Screening.PRESS_ONE)
    over = CarrierStatus.COMPLETED
    told = {"error_code": None, "problem": None, "now": now}
    carrier_events.status_received(ref, Leg.VISITOR, "CAvisitor", over, sequence=3, **told)
    carrier_events.status_received(ref, Leg.ADVISOR, "CAadvisor", over, sequence=3, **told)
    db.session.expire_all()
    assert (attempt.result, attempt.problem) == ("no_answer", "nobody_pressed_one")
    carrier_events.dial_finished(ref, "CAadvisor", over, now=now, bridged_call="CAvisitor")
    db.session.expire_all()
    assert (attempt.result, attempt.problem, attempt.counted) == ("talked", None, True)


CONNECTED = (CarrierStatus.IN_PROGRESS, {"connected": True})
PICKED_UP = (CarrierStatus.IN_PROGRESS, {})
LEG_OVER = (CarrierStatus.COMPLETED, {})
DIAL_OVER = (CarrierStatus.COMPLETED, None)


@PRESS_ONE
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("events", "result"),
    [
        ((CONNECTED, LEG_OVER, DIAL_OVER), "talked"),
        ((DIAL_OVER, LEG_OVER, CONNECTED), "talked"),
        ((PICKED_UP, LEG_OVER, DIAL_OVER), "no_answer"),
        ((DIAL_OVER, LEG_OVER, PICKED_UP), "no_answer"),
    ],
)
def test_where_the_carrier_judges_the_key_reached_means_connected(
    app: Flask,
    at: Clock,
    events: Sequence[tuple[CarrierStatus, dict[str, bool] | None]],
    result: str,
) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling()
    ref, now = attempt.ref, clock.now()
    carrier_events.advisor_answered(ref, "advisor-leg", now=now)
    carrier_events.advisor_pressed_one(ref, "advisor-leg", now=now, screening=Screening.PRESS_ONE)
    told: dict[str, Any] = {"error_code": None, "problem": None, "now": now, "sequence": -1}
    for status, more in (*events, *events):
        if more is None:
            carrier_events.dial_finished(ref, "advisor-leg", status, now=now)
        else:
            carrier_events.status_received(ref, Leg.VISITOR, "visitor-leg", status, **told, **more)
    db.session.expire_all()
    assert attempt.result == result
