"""Everything that can go wrong at the carrier, on demand and at random."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.phonesim.fixtures import (
    ACCOUNT_SID,
    ADVISOR,
    AUTH_TOKEN,
    HELPLINE,
    VISITOR,
    Service,
    Sim,
    until,
)

HOLD = "<Response><Pause length='600'/></Response>"
ALL = ["initiated", "ringing", "answered", "completed"]


def fault(sim: Sim, **told: Any) -> None:
    """Put one fault in force."""
    sim.do("POST", "/faults", told).raise_for_status()


def calls(sim: Sim) -> list[Any]:
    """Every leg there is."""
    return list(sim.get("/calls")["calls"])


def watched(sim: Sim, service: Service, **more: Any) -> str:
    """A call whose every event is told."""
    return sim.ring(
        twiml=HOLD, status_callback=service.url + "/status", status_callback_event=ALL, **more
    )


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"kind": "http_429", "seconds": 7}, 429, 20429),
        ({"kind": "http_500"}, 500, 20500),
        ({"kind": "http_503"}, 503, 20503),
        ({"kind": "error", "code": 21211}, 400, 21211),
        ({"kind": "error", "code": 21214}, 400, 21214),
        ({"kind": "error", "code": 21215}, 400, 21215),
        ({"kind": "error", "code": 21610}, 400, 21610),
        ({"kind": "error", "code": 13227}, 400, 13227),
        ({"kind": "error", "code": 20003}, 401, 20003),
    ],
)
def test_a_creation_is_refused_once_and_nothing_is_made(
    sim: Sim, told: dict[str, Any], status: int, code: int
) -> None:
    fault(sim, **told)
    with pytest.raises(TwilioRestException) as raised:
        sim.ring(twiml=HOLD)
    assert (raised.value.status, raised.value.code) == (status, code)
    assert calls(sim) == []
    sim.ring(twiml=HOLD)
    assert len(calls(sim)) == 1


def test_429_says_when_to_come_back(sim: Sim) -> None:
    fault(sim, kind="http_429", seconds=7)
    answer = requests.post(
        f"{sim.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json",
        auth=(ACCOUNT_SID, AUTH_TOKEN),
        timeout=60,
    )
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(("kind", "made"), [("cut_before", 0), ("cut_after", 1)])
def test_the_connection_is_cut_before_or_after_the_call_was_made(
    sim: Sim, kind: str, made: int
) -> None:
    fault(sim, kind=kind)
    with pytest.raises(requests.ConnectionError):
        sim.ring(twiml=HOLD)
    assert len(calls(sim)) == made
    if made:
        sim.in_state(ADVISOR, "ringing")


@pytest.mark.parametrize("made", [True, False])
def test_an_answer_held_back_is_a_timeout_and_the_call_may_have_been_made(
    sim: Sim, made: bool
) -> None:
    fault(sim, kind="timeout", seconds=2, made=made)
    client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=TwilioHttpClient(timeout=0.3))
    client.api.base_url = sim.url
    with pytest.raises(requests.Timeout):
        client.calls.create(to=ADVISOR, from_="+918000000000", twiml=HOLD)
    assert len(calls(sim)) == int(made)


def test_a_fault_for_one_number_leaves_others_alone(sim: Sim) -> None:
    fault(sim, kind="http_500", to=VISITOR, times=None)
    sim.ring(twiml=HOLD, to=ADVISOR)
    for _ in range(3):
        with pytest.raises(TwilioRestException):
            sim.ring(twiml=HOLD, to=VISITOR)
    assert sim.get("/faults")["happened"] == {"http_500": 3}


def test_a_dialled_leg_fails_with_a_code(sim: Sim, service: Service) -> None:
    fault(sim, kind="child_error", code=13227, to=VISITOR)
    service.says("/after", "<Hangup/>")
    sim.behave(ADVISOR, kind="answer")
    sim.ended(sim.ring(service.says("/start", f"<Dial action='/after'>{VISITOR}</Dial>")))
    (after,) = service.to("/after")
    assert (after["DialCallStatus"], after["ErrorCode"]) == ("failed", "13227")
    assert sim.phone(VISITOR)["rings"] == []


def test_a_call_stuck_in_ringing_ends_only_when_it_is_cancelled(sim: Sim, service: Service) -> None:
    fault(sim, kind="stuck_ringing")
    sid = watched(sim, service, timeout=20)
    sim.in_state(ADVISOR, "ringing")
    assert sim.do("POST", f"/phones/{ADVISOR}/answer").status_code == 409
    sim.in_state(ADVISOR, "idle")
    assert sim.client.calls(sid).fetch().status == "ringing"
    until(lambda: service.statuses("/status") == ["initiated", "ringing"])
    sim.client.calls(sid).update(status="canceled")
    until(lambda: service.statuses("/status")[-1] == "canceled")


def test_a_callback_comes_twice(sim: Sim, service: Service) -> None:
    fault(sim, kind="webhook_double", status="ringing")
    watched(sim, service)
    until(lambda: len(service.asked) == 3)
    assert service.statuses("/status") == ["initiated", "ringing", "ringing"]
    assert [one["SequenceNumber"] for one in service.to("/status")] == ["0", "1", "1"]


def test_a_callback_never_comes(sim: Sim, service: Service) -> None:
    fault(sim, kind="webhook_drop", status="ringing")
    sid = watched(sim, service, timeout=1)
    assert sim.ended(sid) == "no-answer"
    until(lambda: service.statuses("/status") == ["initiated", "no-answer"])
    (dropped,) = [line for line in sim.get("/webhooks")["webhooks"] if line["fault"]]
    assert (dropped["problem"], dropped["response"]) == ("dropped", None)


def test_a_callback_comes_late_and_is_overtaken(sim: Sim, service: Service) -> None:
    fault(sim, kind="webhook_delay", status="ringing", seconds=10)
    sid = watched(sim, service, timeout=1)
    assert sim.ended(sid) == "no-answer"
    until(lambda: service.statuses("/status") == ["initiated", "no-answer", "ringing"])


def test_callbacks_come_out_of_order(sim: Sim, service: Service) -> None:
    fault(sim, kind="webhook_shuffle", status="initiated")
    watched(sim, service)
    until(lambda: service.statuses("/status") == ["ringing", "initiated"])


def test_a_held_back_callback_comes_in_the_end_though_nothing_follows(
    sim: Sim, service: Service
) -> None:
    fault(sim, kind="webhook_shuffle", status="no-answer")
    watched(sim, service, timeout=1)
    until(lambda: service.statuses("/status") == ["initiated", "ringing", "no-answer"])


def test_a_callback_comes_with_a_wrong_signature(sim: Sim, service: Service) -> None:
    fault(sim, kind="webhook_bad_signature", status="ringing")
    watched(sim, service)
    until(lambda: len(service.asked) == 2)
    assert [one.signed for one in service.asked] == [True, False]


@pytest.mark.parametrize(("use", "heard"), [(1, "First."), (2, "Second.")])
def test_instructions_are_requested_twice_and_one_answer_is_used(
    sim: Sim, service: Service, use: int, heard: str
) -> None:
    words = iter(["First.", "Second."])
    service.answers["/start"] = lambda params: service.twiml(f"<Say>{next(words)}</Say>")
    fault(sim, kind="twiml_double", use=use)
    sim.behave(ADVISOR, kind="answer")
    sim.ended(sim.ring(service.url + "/start"))
    assert len(service.to("/start")) == 2
    assert sim.phone(ADVISOR)["heard"] == [heard]


def drawn(sim: Sim, seed: int) -> list[int]:
    """Which of twenty creations are refused with this seed."""
    told = {"random": {"seed": seed, "probabilities": {"http_500": 0.5}}}
    sim.do("PUT", "/faults", told).raise_for_status()
    refused = []
    for number in range(20):
        try:
            sim.ring(twiml=HOLD, to=f"+9199999011{number:02}")
        except TwilioRestException:
            refused.append(number)
    return refused


def test_random_faults_depend_on_the_seed_alone(sim: Sim) -> None:
    first = drawn(sim, seed=7)
    assert 0 < len(first) < 20
    assert drawn(sim, seed=7) == first
    assert drawn(sim, seed=8) != first


def test_a_fault_that_does_not_exist_is_refused(sim: Sim) -> None:
    assert sim.do("POST", "/faults", {"kind": "fire"}).status_code == 400
    assert sim.do("PUT", "/faults", {"faults": [{"kind": "error", "x": 1}]}).status_code == 400
    random = {"random": {"probabilities": {"fire": 1}}}
    assert sim.do("PUT", "/faults", random).status_code == 400


def test_reset_puts_out_every_fire_and_forgets_every_call(sim: Sim, service: Service) -> None:
    fault(sim, kind="http_500", times=None)
    sim.do("DELETE", "/faults")
    watched(sim, service)
    sim.in_state(ADVISOR, "ringing")
    until(lambda: len(service.asked) == 2, what="it is told that it begins and rings")
    fault(sim, kind="http_500", times=None)
    sim.do("POST", "/reset").raise_for_status()
    assert calls(sim) == []
    assert sim.get("/webhooks")["webhooks"] == []
    assert sim.phone(ADVISOR)["state"] == "idle"
    told = len(service.asked)
    time.sleep(0.1)
    assert len(service.asked) == told
    sim.ring(twiml=HOLD)


def test_a_call_may_be_made_though_the_answer_is_an_error_or_names_none(sim: Sim) -> None:
    fault(sim, kind="http_500_made")
    with pytest.raises(TwilioRestException) as raised:
        sim.ring(twiml=HOLD)
    assert (raised.value.status, len(calls(sim))) == (500, 1)
    fault(sim, kind="no_id")
    asked = sim.client.calls.create(to=VISITOR, from_=HELPLINE, twiml=HOLD)
    assert (asked.sid, len(calls(sim))) == (None, 2)
