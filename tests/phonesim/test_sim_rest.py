"""The REST API, asked by the real client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.phonesim.fixtures import (
    ACCOUNT_SID,
    ADVISOR,
    AUTH_TOKEN,
    HELPLINE,
    TIME_SCALE,
    VISITOR,
    Service,
    Sim,
    client_of,
    until,
)

HOLD = "<Response><Pause length='600'/></Response>"


def refused(sim: Sim, **told: str) -> TwilioRestException:
    """What the client raises when this call is asked for."""
    asked = {"to": ADVISOR, "from_": HELPLINE, "url": "http://127.0.0.1:1/x"} | told
    with pytest.raises(TwilioRestException) as raised:
        sim.client.calls.create(**asked)
    return raised.value


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": "nobody"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"from_": "12"}, 21212),
        ({"from_": "+918000000009"}, 21210),
        ({"url": "here"}, 21205),
        ({"status_callback": "nowhere"}, 21205),
        ({"twiml": "<Response>"}, 20001),
    ],
)
def test_bad_input_is_refused_as_twilio_does(sim: Sim, told: dict[str, str], code: int) -> None:
    problem = refused(sim, **told)
    assert (problem.status, problem.code) == (400, code)
    assert sim.get("/calls")["calls"] == []


def test_errors_have_twilios_four_fields(sim: Sim) -> None:
    answer = requests.post(
        f"{sim.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json",
        auth=(ACCOUNT_SID, AUTH_TOKEN),
        timeout=60,
    )
    assert answer.json() == {
        "code": 21201,
        "message": "No 'To' number is specified",
        "more_info": "https://www.twilio.com/docs/errors/21201",
        "status": 400,
    }


def test_a_wrong_token_is_20003(sim: Sim) -> None:
    with pytest.raises(TwilioRestException) as raised:
        client_of(sim.url, token="wrong").calls("CA" + "0" * 32).fetch()
    assert (raised.value.status, raised.value.code) == (401, 20003)


def test_an_unknown_call_is_20404(sim: Sim) -> None:
    with pytest.raises(TwilioRestException) as raised:
        sim.client.calls("CA" + "0" * 32).fetch()
    assert (raised.value.status, raised.value.code) == (404, 20404)


def test_a_created_call_is_queued_and_the_client_reads_every_field(sim: Sim) -> None:
    made = sim.client.calls.create(to=ADVISOR, from_=HELPLINE, twiml=HOLD, timeout=600)
    assert made.sid is not None and len(made.sid) == 34 and made.sid.startswith("CA")
    assert (made.status, made.direction) == ("queued", "outbound-api")
    assert made.date_created is None and made.start_time is None and made.duration is None
    sim.in_state(ADVISOR, "ringing")
    read = sim.client.calls(made.sid).fetch()
    assert (read.to, read._from, read.status) == (ADVISOR, HELPLINE, "ringing")
    assert read.date_created is not None and read.start_time is not None
    assert read.end_time is None
    assert abs(datetime.now(UTC) - read.date_created) < timedelta(seconds=10)


def test_a_manual_phone_left_alone_ends_with_no_answer_after_a_minute(sim: Sim) -> None:
    sid = sim.ring(twiml=HOLD)
    assert sim.ended(sid) == "no-answer"
    times = {one["status"]: datetime.fromisoformat(one["at"]) for one in sim.call(sid)["statuses"]}
    rang = (times["no-answer"] - times["ringing"]).total_seconds() * TIME_SCALE
    assert 55 <= rang <= 120
    assert sim.client.calls(sid).fetch().duration == "0"


def test_the_ring_timeout_can_be_shorter(sim: Sim) -> None:
    assert sim.ended(sim.ring(twiml=HOLD, timeout=3)) == "no-answer"


@pytest.mark.parametrize(
    ("kind", "status"), [("decline", "busy"), ("unreachable", "failed"), ("no_answer", "no-answer")]
)
def test_each_way_of_not_answering_has_its_status(
    sim: Sim, service: Service, kind: str, status: str
) -> None:
    sim.behave(ADVISOR, kind=kind)
    sid = sim.ring(twiml=HOLD, timeout=10, status_callback=service.url + "/status")
    assert sim.ended(sid) == status
    until(lambda: service.to("/status"))
    (told,) = service.to("/status")
    assert told["CallStatus"] == status
    assert told["SequenceNumber"] == "0"
    assert told["CallDuration"] == "0"
    assert told["CallbackSource"] == "call-progress-events"
    assert told["Timestamp"].endswith("+0000")


def test_cancelling_a_queued_call_sends_no_callback(
    start_sim: Callable[..., Sim], service: Service
) -> None:
    sim = start_sim(calls_per_second=0.01)
    all_events = ["initiated", "ringing", "answered", "completed"]
    more = {"status_callback": service.url + "/status", "status_callback_event": all_events}
    sim.ring(twiml=HOLD, to=VISITOR)
    sid = sim.ring(twiml=HOLD, **more)
    sim.in_state(VISITOR, "ringing")
    assert sim.client.calls(sid).update(status="canceled").status == "canceled"
    sim.client.calls(sim.ring(twiml=HOLD, **more)).update(status="completed")
    assert service.asked == []
    assert sim.phone(ADVISOR)["rings"] == []


def test_cancelling_a_ringing_call_stops_the_phone_and_says_so(sim: Sim, service: Service) -> None:
    sid = sim.ring(twiml=HOLD, status_callback=service.url + "/status")
    sim.in_state(ADVISOR, "ringing")
    sim.client.calls(sid).update(status="canceled")
    assert sim.phone(ADVISOR)["state"] == "idle"
    until(lambda: service.statuses("/status") == ["canceled"])


def test_cancelling_leaves_a_call_in_progress_alone_but_completing_ends_it(sim: Sim) -> None:
    sim.behave(ADVISOR, kind="answer")
    sid = sim.ring(twiml=HOLD)
    sim.in_state(ADVISOR, "in call")
    assert sim.client.calls(sid).update(status="canceled").status == "in-progress"
    assert sim.client.calls(sid).update(status="completed").status == "completed"
    with pytest.raises(TwilioRestException) as raised:
        sim.client.calls(sid).update(status="completed")
    assert (raised.value.status, raised.value.code) == (400, 21220)


def test_a_call_in_progress_can_be_sent_elsewhere(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer")
    sid = sim.ring(twiml=HOLD)
    sim.in_state(ADVISOR, "in call")
    sim.client.calls(sid).update(url=service.says("/elsewhere", "<Say>Somewhere else.</Say>"))
    assert sim.ended(sid) == "completed"
    assert sim.phone(ADVISOR)["heard"] == ["Somewhere else."]


def test_a_ringing_call_cannot_be_sent_elsewhere(sim: Sim) -> None:
    sid = sim.ring(twiml=HOLD)
    sim.in_state(ADVISOR, "ringing")
    with pytest.raises(TwilioRestException) as raised:
        sim.client.calls(sid).update(twiml=HOLD)
    assert raised.value.code == 21220


def test_a_time_limit_ends_the_call(sim: Sim) -> None:
    sim.behave(ADVISOR, kind="answer")
    sid = sim.ring(twiml=HOLD, time_limit=10)
    assert sim.ended(sid) == "completed"
    assert 9 <= int(sim.client.calls(sid).fetch().duration or 0) <= 40


def test_lists_are_newest_first_filtered_and_paged(sim: Sim) -> None:
    numbers = [f"+9199999010{n:02}" for n in range(7)]
    sids = [sim.ring(twiml=HOLD, to=number) for number in numbers]
    until(lambda: all(call["status"] == "ringing" for call in sim.get("/calls")["calls"]))
    listed = sim.client.calls.list(page_size=3)
    assert [one.sid for one in listed] == sids[::-1]
    assert [one.sid for one in sim.client.calls.list(to=numbers[2])] == [sids[2]]
    assert sim.client.calls.list(from_=VISITOR) == []
    assert len(sim.client.calls.list(status="ringing", limit=4)) == 4
    assert sim.client.calls.list(status="completed") == []
    now = datetime.now(UTC)
    assert len(sim.client.calls.list(start_time_after=now - timedelta(minutes=5))) == 7
    assert sim.client.calls.list(start_time_after=now + timedelta(minutes=5)) == []
    assert sim.client.calls.list(start_time_before=now - timedelta(minutes=5)) == []


def test_the_account_and_its_numbers_can_be_read_and_pointed_elsewhere(sim: Sim) -> None:
    assert sim.client.api.accounts(ACCOUNT_SID).fetch().status == "active"
    (number,) = sim.client.incoming_phone_numbers.list(phone_number=HELPLINE)
    assert number.phone_number == HELPLINE
    assert number.capabilities is not None
    assert number.sid is not None
    sim.client.incoming_phone_numbers(number.sid).update(voice_url="http://127.0.0.1:1/voice")
    read = sim.client.incoming_phone_numbers(number.sid).fetch()
    assert read.voice_url == "http://127.0.0.1:1/voice"
