"""Calls in: a phone rings the helpline, leaves a message, meets others in a room."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

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

OTHER = "+919999900003"


@pytest.fixture
def answered_sim(start_sim: Callable[..., Sim], service: Service) -> Iterator[Sim]:
    """A network whose calls in are answered by the service at /voice."""
    yield start_sim(voice_url=service.url + "/voice")


def dial(sim: Sim, number: str = VISITOR, **told: object) -> str:
    """Ring the helpline from a phone."""
    answer = sim.do("POST", f"/phones/{number}/dial", {"to": HELPLINE, **told})
    answer.raise_for_status()
    return str(answer.json()["sid"])


def test_a_call_in_is_answered_with_the_services_words(answered_sim: Sim, service: Service) -> None:
    service.says("/voice", "<Say>We are closed.</Say>")
    sid = dial(answered_sim)
    assert answered_sim.ended(sid) == "completed"
    (asked,) = service.to("/voice")
    assert (asked["Direction"], asked["CallStatus"]) == ("inbound", "ringing")
    assert (asked["From"], asked["To"]) == (VISITOR, HELPLINE)
    assert service.asked[0].signed
    assert answered_sim.phone(VISITOR)["heard"] == ["We are closed."]
    assert answered_sim.client.calls(sid).fetch().direction == "inbound"


def test_a_caller_presses_a_key_and_is_connected_with_an_advisor(
    answered_sim: Sim, service: Service
) -> None:
    service.says("/voice", "<Gather numDigits='1' action='/chosen'><Say>Press 1.</Say></Gather>")
    service.says("/chosen", f"<Dial>{ADVISOR}</Dial>")
    dial(answered_sim, press="1")
    answered_sim.in_state(ADVISOR, "ringing")
    answered_sim.button(ADVISOR, "answer")
    until(lambda: answered_sim.phone(VISITOR)["connected_to"] == ADVISOR)
    assert answered_sim.get("/calls")["calls"][1]["from"] == VISITOR
    answered_sim.button(VISITOR, "hangup")
    answered_sim.in_state(ADVISOR, "idle")


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_call_in_can_be_rejected_without_being_answered(
    answered_sim: Sim, service: Service, reason: str, status: str
) -> None:
    service.says("/voice", f"<Reject reason='{reason}'/>")
    sid = dial(answered_sim)
    assert answered_sim.ended(sid) == status
    assert answered_sim.client.calls(sid).fetch().duration == "0"


def test_a_caller_hears_ringing_until_the_bridge_where_that_is_asked_for(
    answered_sim: Sim, service: Service
) -> None:
    service.says("/voice", f"<Dial answerOnBridge='true'>{ADVISOR}</Dial>")
    dial(answered_sim)
    answered_sim.in_state(ADVISOR, "ringing")
    assert answered_sim.phone(VISITOR)["state"] == "calling"
    answered_sim.button(ADVISOR, "answer")
    answered_sim.in_state(VISITOR, "in call")


def test_a_withheld_number_comes_as_anonymous(answered_sim: Sim, service: Service) -> None:
    service.says("/voice", "<Hangup/>")
    answered_sim.ended(dial(answered_sim, withheld=True))
    assert service.to("/voice")[0]["From"] == "anonymous"
    assert answered_sim.phone(VISITOR)["state"] == "idle"


def test_only_the_helplines_numbers_can_be_rung(answered_sim: Sim) -> None:
    answer = answered_sim.do("POST", f"/phones/{VISITOR}/dial", {"to": ADVISOR})
    assert answer.status_code == 409


def test_a_message_is_recorded_heard_and_deleted(answered_sim: Sim, service: Service) -> None:
    sim = answered_sim
    service.says("/voice", "<Record action='/kept' recordingStatusCallback='/recorded'/>")
    service.says("/kept", "<Say>Thank you.</Say>")
    sim.ended(dial(sim, speaks_for=8))
    (kept,) = service.to("/kept")
    assert kept["RecordingDuration"] == "8"
    until(lambda: service.to("/recorded"))
    told = service.to("/recorded")[0]
    assert (told["RecordingStatus"], told["RecordingSid"]) == ("completed", kept["RecordingSid"])

    (listed,) = sim.client.recordings.list(call_sid=kept["CallSid"])
    assert (listed.sid, listed.duration) == (kept["RecordingSid"], "8")
    assert requests.get(kept["RecordingUrl"], timeout=60).status_code == 401
    heard = requests.get(kept["RecordingUrl"], auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=60)
    with wave.open(io.BytesIO(heard.content)) as sound:
        assert sound.getnframes() == 8 * sound.getframerate()
    assert sim.client.recordings(kept["RecordingSid"]).delete()
    with pytest.raises(TwilioRestException):
        sim.client.recordings(kept["RecordingSid"]).fetch()


def test_hanging_up_ends_a_recording_and_the_action_still_hears_of_it(
    answered_sim: Sim, service: Service
) -> None:
    service.says("/voice", "<Record action='/kept'/>")
    answered_sim.ended(dial(answered_sim, speaks_for=100, hang_up_after=6))
    until(lambda: service.to("/kept"))
    (kept,) = service.to("/kept")
    assert (kept["Digits"], kept["CallStatus"]) == ("hangup", "completed")


def test_saying_nothing_leaves_no_recording_and_the_call_goes_on(
    answered_sim: Sim, service: Service
) -> None:
    service.says("/voice", "<Record action='/kept'/><Say>Nothing heard.</Say>")
    answered_sim.ended(dial(answered_sim, speaks_for=0))
    assert service.to("/kept") == []
    assert answered_sim.phone(VISITOR)["heard"][-1] == "Nothing heard."


@pytest.mark.parametrize(("kind", "found"), [("answer", "human"), ("voicemail", "machine_start")])
def test_machine_detection_holds_instructions_back_and_says_who_answered(
    sim: Sim, service: Service, kind: str, found: str
) -> None:
    sim.behave(ADVISOR, kind=kind, answer_after=1)
    url = service.says("/start", "<Hangup/>")
    sid = sim.ring(url, machine_detection="Enable")
    sim.ended(sid)
    assert service.to("/start")[0]["AnsweredBy"] == found
    assert sim.client.calls(sid).fetch().answered_by == found


def test_machine_detection_in_the_background_tells_its_own_address(
    sim: Sim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="voicemail", answer_after=1)
    sim.ring(
        service.says("/start", "<Pause length='30'/>"),
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=service.url + "/amd",
    )
    until(lambda: service.to("/amd"))
    assert service.to("/amd")[0]["AnsweredBy"] == "machine_end_beep"
    assert "AnsweredBy" not in service.to("/start")[0]


def test_a_dialled_legs_whisper_is_told_who_answered(sim: Sim, service: Service) -> None:
    service.says("/whisper", "<Hangup/>")
    inside = f"<Dial><Number url='/whisper' machineDetection='Enable'>{VISITOR}</Number></Dial>"
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="voicemail", answer_after=1)
    sim.ended(sim.ring(service.says("/start", inside)))
    assert service.to("/whisper")[0]["AnsweredBy"] == "machine_start"


def test_a_whisper_may_not_dial(sim: Sim, service: Service) -> None:
    service.says("/whisper", f"<Dial>{OTHER}</Dial>")
    inside = f"<Dial action='/after'><Number url='/whisper'>{VISITOR}</Number></Dial>"
    service.says("/after", "<Hangup/>")
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="answer")
    sim.ended(sim.ring(service.says("/start", inside)))
    assert service.to("/after")[0]["DialBridged"] == "false"
    assert sim.phone(OTHER)["rings"] == []


def test_a_conference_begins_with_its_moderator_and_ends_with_them(
    sim: Sim, service: Service
) -> None:
    guest = service.says(
        "/guest",
        "<Dial><Conference startConferenceOnEnter='false'>room</Conference></Dial>"
        "<Say>It is over.</Say>",
    )
    host = service.says(
        "/host", "<Dial><Conference endConferenceOnExit='true'>room</Conference></Dial>"
    )
    for number in (ADVISOR, VISITOR):
        sim.behave(number, kind="answer")
    first = sim.ring(guest, to=VISITOR)
    until(lambda: sim.phone(VISITOR)["heard"] == ["[waiting music]"])
    sim.ring(host, to=ADVISOR)
    until(lambda: sim.phone(VISITOR)["connected_to"] == ADVISOR)
    sim.button(ADVISOR, "hangup")
    assert sim.ended(first) == "completed"
    assert sim.phone(VISITOR)["heard"][-1] == "It is over."


def test_both_legs_of_a_bridge_can_be_moved_into_a_room(sim: Sim, service: Service) -> None:
    room = service.says("/room", "<Dial><Conference>room</Conference></Dial>")
    for number in (ADVISOR, VISITOR):
        sim.behave(number, kind="answer")
    sim.ring(service.says("/start", f"<Dial action='/room'>{VISITOR}</Dial>"))
    until(lambda: sim.phone(ADVISOR)["connected_to"] == VISITOR)
    child = sim.get("/calls")["calls"][1]["sid"]
    sim.client.calls(child).update(url=room)
    until(lambda: len(service.to("/room")) == 2)
    until(lambda: sim.phone(VISITOR)["connected_to"] == ADVISOR)
    assert {call["status"] for call in sim.get("/calls")["calls"]} == {"in-progress"}


def test_nobody_hears_a_muted_call_enter_without_a_beep_and_its_end_ends_nothing(
    sim: Sim, service: Service
) -> None:
    quiet = "beep='false' waitUrl=''"
    room = service.says(
        "/room", f"<Dial><Conference {quiet} endConferenceOnExit='true'>room</Conference></Dial>"
    )
    muted = service.says(
        "/muted", f"<Dial><Conference {quiet} muted='true'>room</Conference></Dial>"
    )
    for number in (ADVISOR, VISITOR, OTHER):
        sim.behave(number, kind="answer")
    sim.ring(muted, to=OTHER)
    until(lambda: sim.get("/conferences")["conferences"])
    sim.ring(room, to=ADVISOR)
    visitor = sim.ring(room, to=VISITOR)
    until(lambda: sim.phone(VISITOR)["connected_to"] == ADVISOR)
    sim.button(OTHER, "hangup")
    until(lambda: len(sim.get("/conferences")["conferences"][0]["participants"]) == 2)
    assert [sim.phone(number)["heard"] for number in (ADVISOR, VISITOR, OTHER)] == [[], [], []]
    sim.button(ADVISOR, "hangup")
    assert sim.ended(visitor) == "completed"


def test_an_application_error_answers_a_call_in(start_sim: Callable[..., Sim]) -> None:
    sim = start_sim(voice_url="http://127.0.0.1:1/nobody")
    sid = dial(sim)
    assert sim.ended(sid) == "completed"
    assert [one["status"] for one in sim.call(sid)["statuses"]][-2:] == ["in-progress", "completed"]


def test_calls_over_the_pace_wait_in_the_queue(start_sim: Callable[..., Sim]) -> None:
    sim = start_sim(calls_per_second=0.1)
    sids = [
        sim.ring(twiml="<Response/>", to=f"+9199999012{number:02}", timeout=600)
        for number in range(4)
    ]
    assert sim.client.calls(sids[3]).fetch().status == "queued"
    until(lambda: sim.call(sids[3])["status"] == "ringing")
    starts = [
        next(one["at"] for one in sim.call(sid)["statuses"] if one["status"] == "initiated")
        for sid in sids
    ]
    assert starts == sorted(starts)
