"""Calls out, as they go when the carrier fails: docs/calls.md."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from helpline import clock
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from tests import factories
from tests.calls.fixtures import ADVISOR, PRESSES_ONE, STAYS, TALKS, VISITOR, Line, until
from tests.cast import ASHA, KAVITA
from tests.support.carriers import BESIDE, PLIVO, TWILIO

SECRETS = (KAVITA.name, VISITOR, VISITOR[3:], ADVISOR, "lunch")


@pytest.fixture
def carrier(database_kind: str) -> str:
    """Each database has another carrier, so that the two take the time of one."""
    return BESIDE[database_kind]


@pytest.fixture(autouse=True)
def no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> Any:
    """Whatever goes wrong, the log names nobody."""
    caplog.set_level(logging.INFO, "helpline")
    yield
    said = [record.getMessage() for record in caplog.records if record.name.startswith("helpline")]
    assert not [line for line in said if any(secret in line for secret in SECRETS)]


def warned(caplog: pytest.LogCaptureFixture, words: str, problem: str) -> bool:
    """Whether the log tells of it."""
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return any((each["event"], each.get("problem")) == (words, problem) for each in told)


# Asking the carrier for the call


def test_429_is_asked_again_after_a_pause(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.phones.fault("http_429", seconds=1)
    attempt = line.call(STAYS)
    waits = line.now(attempt)
    assert (waits.state, waits.problem) == (AttemptState.QUEUED, "carrier_busy")
    assert "Your call is being set up." in line.desk()
    assert warned(caplog, "call not placed, will retry", "carrier_busy")
    assert not line.tick("place_call"), "not before the pause is over"
    line.at.later(seconds=30)
    assert line.tick("place_call")
    line.in_state(attempt, AttemptState.TALKING)
    assert line.phones.rings(ADVISOR) == 1


def test_a_carrier_that_stays_busy_is_told_to_the_advisor(line: Line) -> None:
    line.phones.fault("http_429", seconds=1, times=None)
    attempt = line.call()
    for _ in range(4):
        line.at.later(seconds=90)
        line.tick("place_call")
    over = line.now(attempt)
    assert (over.result, over.problem, over.counted) in [
        (AttemptResult.NOT_PLACED, "carrier_busy", False),
        (AttemptResult.NOT_PLACED, "too_late", False),
    ]
    assert line.callback(attempt).status == Status.CLAIMED
    assert "The call did not go through" in line.desk()
    assert line.phones.legs() == []


@pytest.mark.parametrize("kind", ["http_500", "http_503", "cut_before"])
def test_a_call_that_may_have_been_made_is_looked_for_and_never_asked_for_again(
    line: Line, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    line.phones.fault(kind)
    attempt = line.call()
    assert line.now(attempt).state == AttemptState.PLACING
    assert warned(caplog, "outcome unknown, will look it up", "carrier_unsure")
    line.at.later(seconds=30)
    assert not line.tick("place_call")
    line.silence()
    assert line.now(attempt).ended_at is None, "it may still be a delay"
    line.silence()
    over = line.now(attempt)
    assert (over.result, over.problem, over.counted) == (
        AttemptResult.NOT_PLACED,
        "call_lost",
        False,
    )
    callback = line.callback(attempt)
    assert (callback.status, callback.attempts_used) == (Status.CLAIMED, 0)
    assert "The phone company did not make this call." in line.desk()
    assert line.phones.legs() == []


def test_the_advisor_may_try_again_after_a_lost_call(line: Line) -> None:
    line.phones.fault("http_500")
    attempt = line.call(STAYS)
    line.silence()
    line.silence()
    calls.start_call(attempt.callback_id, factories.staff(ASHA).id, now=clock.now())
    line.at.later(seconds=1)
    assert line.tick("place_call")
    again = factories.attempt_of(line.callback(attempt))
    assert again.id != attempt.id
    line.in_state(again, AttemptState.TALKING)


def test_a_connection_cut_after_the_call_was_made_rings_once(line: Line) -> None:
    line.phones.fault("cut_after")
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    assert line.now(attempt).advisor_call is not None
    assert (line.phones.rings(ADVISOR), line.phones.rings(VISITOR)) == (1, 1)


@pytest.mark.settings(carrier_timeout_seconds=0.3)
@pytest.mark.parametrize("made", [True, False])
def test_a_time_out_is_settled_by_looking(line: Line, made: bool) -> None:
    line.phones.fault("timeout", seconds=1, made=made)
    attempt = line.call(STAYS)
    if made:
        line.in_state(attempt, AttemptState.TALKING)
        assert line.phones.rings(ADVISOR) == 1
    else:
        line.silence()
        line.silence()
        assert line.now(attempt).problem == "call_lost"
        assert line.phones.rings(ADVISOR) == 0


def test_a_call_made_of_which_nothing_was_ever_heard_is_found_at_the_carrier(line: Line) -> None:
    line.phones.fault("cut_after")
    line.phones.fault("webhook_drop", times=None)
    attempt = line.call(advisor={"kind": "no_answer"})
    sid = line.phones.legs()[0]["sid"]
    assert line.now(attempt).advisor_call == sid, "what is unsure is looked up at once"
    until(lambda: [leg["status"] for leg in line.phones.legs()] == ["no-answer"], "it rang out")
    line.silence()
    over = line.now(attempt)
    assert (over.result, over.counted) == (AttemptResult.ADVISOR_NO_ANSWER, False)
    assert over.advisor_call == line.phones.legs()[0]["sid"]
    assert line.callback(attempt).status == Status.CLAIMED


@pytest.mark.parametrize(
    ("carrier", "code", "problem", "words"),
    [
        (TWILIO, 21211, "advisor_number_refused", "does not accept your own phone number"),
        (TWILIO, 21214, "advisor_number_refused", "does not accept your own phone number"),
        (TWILIO, 21215, "region_refused", "does not allow calls to this country"),
        (TWILIO, 21408, "region_refused", "does not allow calls to this country"),
        (TWILIO, 21210, "caller_id_refused", "refuses the helpline"),
        (TWILIO, 21610, "carrier_refused", "refused the call"),
        (TWILIO, 20003, "credentials_refused", "does not accept the helpline"),
        (TWILIO, 20005, "account_refused", "does not allow calls from the helpline"),
        (PLIVO, 401, "credentials_refused", "does not accept the helpline"),
        (PLIVO, 403, "region_refused", "does not allow calls to this country"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_refusal_is_told_to_the_advisor_and_not_repeated(
    line: Line, code: int, problem: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    line.phones.fault("error", code=code)
    attempt = line.call()
    over = line.now(attempt)
    assert (over.result, over.problem, over.counted) == (AttemptResult.REFUSED, problem, False)
    assert line.callback(attempt).status == Status.CLAIMED
    assert words in line.desk()
    assert warned(caplog, "carrier rejected the request", problem)
    line.at.later(minutes=1)
    assert not line.tick("place_call")
    assert line.phones.legs() == []


@pytest.mark.parametrize("carrier", [TWILIO])
@pytest.mark.settings(twilio_base_url="http://127.0.0.1:9")
def test_a_carrier_out_of_reach_is_asked_again_later(line: Line) -> None:
    attempt = line.call()
    waits = line.now(attempt)
    assert (waits.state, waits.problem) == (AttemptState.QUEUED, "carrier_unreachable")
    assert line.callback(attempt).status == Status.CALLING


# The visitor's leg


@pytest.mark.parametrize(
    ("carrier", "code", "problem", "words"),
    [
        (TWILIO, 13227, "region_refused", "does not allow calls to this country"),
        (TWILIO, 13224, "destination_refused", "Their number may still be right"),
        (TWILIO, 21211, "visitor_number_refused", "If it is wrong, choose Wrong number"),
        (PLIVO, 2070, "region_refused", "does not allow calls to this country"),
        (PLIVO, 2010, "destination_refused", "Their number may still be right"),
        (PLIVO, 2000, "visitor_number_refused", "If it is wrong, choose Wrong number"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_visitors_leg_that_the_carrier_refuses_uses_up_no_chance(
    line: Line, code: int, problem: str, words: str
) -> None:
    line.phones.fault("child_error", code=code, to=VISITOR)
    attempt = line.call()
    line.settled(attempt)
    until(lambda: line.now(attempt).problem == problem, problem)
    over = line.now(attempt)
    assert (over.result, over.counted) == (AttemptResult.VISITOR_FAILED, False)
    assert line.callback(attempt).attempts_used == 0
    assert words in line.desk()
    assert line.phones.rings(VISITOR) == 0


def test_a_visitors_leg_stuck_in_ringing_ends_when_the_advisor_hangs_up(line: Line) -> None:
    line.phones.fault("stuck_ringing", to=VISITOR)
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.VISITOR_RINGING)
    line.silence()
    assert line.now(attempt).state == AttemptState.VISITOR_RINGING
    line.hang_up(ADVISOR)
    line.settled(attempt)
    until(lambda: line.now(attempt).counted, "it is known that their phone rang")


def test_an_advisors_leg_stuck_in_ringing_is_ended_within_minutes(line: Line) -> None:
    line.phones.fault("stuck_ringing", to=ADVISOR)
    attempt = line.call()
    line.in_state(attempt, AttemptState.ADVISOR_RINGING)
    for _ in range(6):
        line.silence()
    over = line.settled(attempt)
    assert (over.result, over.counted) == (AttemptResult.CANCELLED, False)
    assert line.callback(attempt).status == Status.CLAIMED
    assert line.phones.legs()[0]["status"] == "canceled"
    assert "stopped before anyone was called" in line.desk()


# What the carrier tells, and when


def talk(line: Line) -> Attempt:
    """A talk of which the carrier tells as the faults have it."""
    attempt = line.call(TALKS)
    until(
        lambda: [leg["status"] for leg in line.phones.legs()] == ["completed", "completed"],
        "both legs are over",
    )
    return attempt


@pytest.mark.parametrize("kind", ["webhook_double", "webhook_shuffle", "webhook_delay"])
def test_webhooks_that_come_twice_or_in_any_order_make_no_difference(line: Line, kind: str) -> None:
    line.phones.fault(kind, times=None, seconds=15)
    attempt = talk(line)
    over = line.settled(attempt)
    assert (over.result, over.counted, over.problem) == (AttemptResult.TALKED, True, None)
    assert line.callback(attempt).attempts_used == 1
    kinds = line.events(attempt)
    assert kinds.count("pressed_one") == kinds.count("dialled") == 1


@pytest.mark.parametrize("kind", ["webhook_drop", "webhook_bad_signature"])
def test_webhooks_that_never_come_or_are_forged_are_made_up_for_by_looking(
    line: Line, kind: str, carrier: str
) -> None:
    line.phones.fault(kind, times=None)
    attempt = talk(line)
    line.silence()
    over = line.settled(attempt)
    assert (over.result, over.counted) == (AttemptResult.TALKED, True)
    assert line.callback(attempt).attempts_used == 1
    if kind == "webhook_bad_signature":
        told = line.phones.get("/webhooks")["webhooks"]
        assert {each["response"] for each in told if each["fault"]} == {403}
        rang = ["status"] if carrier == PLIVO else []  # told with the end of its dial
        asked = ["status", "pressed_one", *rang, "dialled"]
        assert line.events(attempt) == asked, "asked, not told"


def test_instructions_asked_for_twice_ring_the_visitor_once(line: Line) -> None:
    line.phones.fault("twiml_double", times=None)
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    line.hang_up(VISITOR)
    assert line.settled(attempt).result == AttemptResult.TALKED
    assert line.phones.rings(VISITOR) == 1


@pytest.mark.settings(visitor_press_one=True)
def test_screening_asked_about_twice_connects_once(line: Line) -> None:
    line.phones.fault("twiml_double", times=None)
    attempt = line.call(PRESSES_ONE)
    line.in_state(attempt, AttemptState.TALKING)
    line.hang_up(VISITOR)
    assert line.settled(attempt).result == AttemptResult.TALKED
    assert line.events(attempt).count("visitor_confirmed") == 1


@pytest.mark.parametrize("carrier", [TWILIO])  # the other detects none
@pytest.mark.settings(machine_detection=True)
def test_a_machine_is_known_for_one_though_no_status_ever_comes(line: Line) -> None:
    line.phones.fault("webhook_drop", times=None)
    attempt = line.call({"kind": "voicemail", "answer_after": 1})
    over = line.settled(attempt)
    assert (over.result, over.problem) == (AttemptResult.NO_ANSWER, "machine_answered")


def test_looking_up_asks_about_an_attempt_only_now_and_then(line: Line) -> None:
    line.phones.fault("webhook_drop", times=None)
    line.call({"kind": "no_answer"}, advisor={"kind": "manual"})
    line.at.later(seconds=46)
    assert line.tick("look_up_silent")
    assert not line.tick("look_up_silent"), "once, until it has been silent for as long again"


@pytest.mark.parametrize("talking", [False, True])
def test_a_call_that_the_carrier_knows_no_more_is_over(line: Line, talking: bool) -> None:
    line.phones.tell("PUT", "/clock", {"time_scale": 6})  # it rings for a while
    attempt = line.call(STAYS, advisor=PRESSES_ONE if talking else {"kind": "manual"})
    line.in_state(attempt, AttemptState.TALKING if talking else AttemptState.ADVISOR_RINGING)
    line.phones.tell("POST", "/reset")
    line.silence(46 * 20 if talking else 46)
    over = line.now(attempt)
    if talking:
        assert (over.result, line.callback(attempt).status) == (AttemptResult.TALKED, "calling")
        line.client.submit(line.client.get("/desk/"), "/disposition", disposition="reached")
        assert line.callback(attempt).status == Status.REACHED
    else:
        assert (over.result, over.counted) == (AttemptResult.ADVISOR_NO_ANSWER, False)
        assert line.callback(attempt).status == Status.CLAIMED, "Call can be pressed again"


@pytest.mark.parametrize("carrier", [TWILIO])
@pytest.mark.parametrize("rings", [False, True])
def test_a_carrier_that_never_answers_again_keeps_nothing_longer_than_a_call_can_be(
    line: Line, rings: bool
) -> None:
    line.phones.tell("PUT", "/clock", {"time_scale": 6})  # it rings for a while
    if rings:
        attempt = line.call(advisor={"kind": "manual"})
        line.in_state(attempt, AttemptState.ADVISOR_RINGING)
    else:
        line.phones.fault("cut_before", times=None)
        attempt = line.call()
    line.phones.tell("POST", "/reset")
    line.app.extensions["helpline"].carriers["twilio"]._client.api.base_url = "http://127.0.0.1:9"
    if rings:
        line.silence(minutes=118)
        assert line.now(attempt).ended_at is None, "it could still be on"
    line.silence(minutes=8)
    over = line.now(attempt)
    assert over.result == (AttemptResult.ADVISOR_NO_ANSWER if rings else AttemptResult.NOT_PLACED)
    assert line.callback(attempt).status == Status.CLAIMED, "which runs out, as ever"


def test_a_long_talk_of_which_no_webhook_tells_goes_on(line: Line) -> None:
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    for _ in range(2):
        line.silence(minutes=10)
    assert [leg["status"] for leg in line.phones.legs()] == ["in-progress", "in-progress"]
    assert line.now(attempt).ended_at is None
