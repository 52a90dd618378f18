"""Plivo's calls: asked for by its own client, told by its webhooks, executed as it documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from flask import Response
from plivo.exceptions import (
    AuthenticationError,
    GeoPermissionError,
    PlivoRestError,
    PlivoServerError,
    ResourceNotFoundError,
    ValidationError,
)
from plivo.rest import client as plivo_client

from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, until
from tests.phonesim.plivo_fixtures import (
    _ADDRESSES,
    AUTH_ID,
    OLDER_TOKEN,
    TOKEN,
    PlivoSim,
    signed_by_plivo,
    start_plivo,
)

ABROAD = "+447700900000"
THIRD = "+919812300009"


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's addresses are as before afterwards."""
    for name in _ADDRESSES:
        monkeypatch.setattr(plivo_client, name, getattr(plivo_client, name))


@pytest.fixture
def sim() -> Iterator[PlivoSim]:
    made = start_plivo()
    yield made
    made.server.stop()


@pytest.fixture
def service(service: Service) -> Service:
    """The service, which checks signatures as Plivo does."""
    service.is_signed = signed_by_plivo
    return service


def dial(service: Service, inside: str = "", to: str = VISITOR, **attributes: str) -> str:
    """The address of a document that dials the visitor, tells of it, and then ends."""
    service.says("/done", "<Hangup/>")
    attributes = {
        "action": service.url + "/done?a=1",
        "callbackUrl": service.url + "/events?a=1",
        "callerId": HELPLINE.lstrip("+"),
    } | attributes
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    number = f"<Number>{to.lstrip('+')}</Number>"
    return service.says("/dial", f"<Dial {written}>{number}</Dial>{inside}")


def test_a_call_has_an_id_of_its_request_and_another_of_itself(
    sim: PlivoSim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="answer")
    made = sim.client.calls.create(
        from_=HELPLINE,
        to_=ADVISOR.lstrip("+"),
        answer_url=service.says("/answer", "<Speak>Hello.</Speak>") + "?ref=1#rc=2&rp=ct",
        ring_url=service.url + "/ring?ref=1",
        hangup_url=service.url + "/hangup?ref=1",
    )
    assert made.message == "call fired"
    until(lambda: service.to("/hangup"))
    ring, answer, hangup = (service.to(path)[0] for path in ("/ring", "/answer", "/hangup"))
    assert all(one.signed for one in service.asked)
    for told in (ring, answer, hangup):
        assert told["RequestUUID"] == told["ALegRequestUUID"] == made.request_uuid
        assert told["CallUUID"] == ring["CallUUID"] != made.request_uuid
        assert (told["From"], told["To"]) == (HELPLINE[1:], ADVISOR[1:])
        assert (told["Direction"], told["ref"]) == ("outbound", "1")
    assert [told["CallStatus"] for told in (ring, answer, hangup)] == [
        *("ringing", "in-progress", "completed")
    ]
    assert [told["Event"] for told in (ring, hangup)] == ["Ring", "Hangup"]
    assert (hangup["HangupCauseCode"], hangup["HangupSource"]) == ("4010", "Plivo")
    call = sim.told(ring["CallUUID"])
    assert (call.hangup_cause_code, call.hangup_cause_name) == (4010, "End Of XML Instructions")
    assert (call.from_number, call.to_number) == (HELPLINE, ADVISOR[1:])
    assert call.end_time.endswith("+05:30")


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        ({"kind": "no_answer"}, "timeout", 6010),
        ({"kind": "decline"}, "busy", 3020),
        ({"kind": "unreachable"}, "failed", 5020),
        ({"kind": "answer", "hang_up_after": 1}, "completed", 4000),
    ],
)
def test_each_end_has_its_hang_up_cause(
    sim: PlivoSim, service: Service, behaviour: dict[str, Any], status: str, code: int
) -> None:
    sim.behave(ADVISOR, **behaviour)
    url = service.says("/answer", "<Wait length='60'/>")
    sid = sim.ring(url, ring_timeout=10, hangup_url=service.url + "/hangup")
    assert sim.told(sid).hangup_cause_code == code
    until(lambda: service.to("/hangup"))
    (told,) = service.to("/hangup")
    assert (told["CallStatus"], told["HangupCauseCode"]) == (status, str(code))


def test_a_visitor_is_connected_once_the_key_is_pressed(sim: PlivoSim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="answer")
    sound = service.says("/sound", "<Speak>Press 1.</Speak><Wait length='2'/>")
    sid = sim.ring(dial(service, confirmSound=sound, confirmKey="1", confirmTimeout="3600"))
    until(lambda: sim.phone(VISITOR)["heard"])
    sim.button(VISITOR, "press", digits="71")
    until(lambda: len(service.to("/events")) == 2)
    sim.button(VISITOR, "hangup")
    sim.told(sid)
    until(lambda: len(service.to("/events")) == 3)
    events = service.to("/events")
    assert [each["DialAction"] for each in events] == ["answer", "connected", "hangup"]
    assert {each["DialALegUUID"] for each in events} == {sid}
    (done,) = service.to("/done")
    assert (done["DialStatus"], done["DialRingStatus"]) == ("completed", "true")
    assert done["DialBLegUUID"] == events[0]["DialBLegUUID"] != sid
    assert sim.phone(VISITOR)["heard"] == ["Press 1."]
    assert events[2]["DialBLegHangupCauseCode"] == "4000"
    (leg,) = list(sim.client.calls.list(parent_call_uuid=sid))
    assert leg.call_uuid == done["DialBLegUUID"]
    assert all(one.signed for one in service.asked)


def test_whoever_presses_no_key_was_never_connected(sim: PlivoSim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="voicemail", answer_after=1)
    sound = service.says("/sound", "<Speak>Press 1.</Speak>")
    sid = sim.ring(dial(service, confirmSound=sound, confirmKey="1", confirmTimeout="8"))
    sim.told(sid)
    until(lambda: len(service.to("/events")) == 2)
    answered, ended = service.to("/events")
    assert (answered["DialAction"], ended["DialAction"]) == ("answer", "hangup")
    assert ended["DialBLegHangupCauseCode"] == "9110"
    assert service.to("/done")[0]["DialStatus"] == "completed"  # what it says is not documented


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        ({"kind": "decline"}, "busy", "3020"),
        ({"kind": "no_answer"}, "no-answer", "6010"),
        ({"kind": "unreachable"}, "failed", "5020"),
    ],
)
def test_a_dial_that_reaches_nobody_tells_the_cause_by_its_callback_alone(
    sim: PlivoSim, service: Service, behaviour: dict[str, Any], status: str, code: str
) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, **behaviour)
    sim.told(sim.ring(dial(service, timeout="5")))
    (done,) = service.to("/done")
    assert (done["DialStatus"], done["DialBLegUUID"]) == (status, "")
    assert not any("Code" in name for name in done)
    until(lambda: service.to("/events"))
    (ended,) = service.to("/events")
    assert ended["DialBLegHangupCauseCode"] == code


def test_a_number_that_cannot_be_called_is_accepted_and_refused_later(
    sim: PlivoSim, service: Service
) -> None:
    sid = sim.ring(service.url + "/answer", to="12", hangup_url=service.url + "/hangup")
    assert sim.told(sid).hangup_cause_code == 2000
    until(lambda: service.to("/hangup"))


def test_both_legs_are_in_india(service: Service) -> None:
    sim = start_plivo(country_rules=True)
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="answer", hang_up_after=2)
    assert sim.told(sim.ring(service.url + "/x", to=ABROAD)).hangup_cause_code == 2070
    sim.told(sim.ring(dial(service, to=ABROAD)))
    until(lambda: service.to("/events"))
    assert service.to("/events")[0]["DialBLegHangupCauseCode"] == "2070"
    sim.told(sim.ring(dial(service)))
    until(lambda: any(each.get("DialAction") == "connected" for each in service.to("/events")))
    sim.server.stop()


def test_starts_over_the_pace_wait_and_are_called_queued(service: Service) -> None:
    sim = start_plivo(plivo_calls_per_second=0.01)
    made = [
        sim.client.calls.create(from_=HELPLINE, to_=f"91999990010{n}", answer_url=service.url)
        for n in range(3)
    ]
    assert [each.message for each in made] == ["call fired", "call queued", "call queued"]
    last = sim.uuid_of(made[2].request_uuid)
    assert last in sim.client.queued_calls.list_ids().calls
    assert sim.client.queued_calls.get(last).request_uuid == made[2].request_uuid
    sim.client.calls.cancel(made[2].request_uuid)
    assert last not in sim.client.queued_calls.list_ids().calls
    sim.server.stop()


def test_legs_over_those_allowed_at_once_are_refused(service: Service) -> None:
    sim = start_plivo(plivo_calls_at_once=2)
    calls = [sim.ring(service.url, to=f"91999990010{n}", ring_timeout=6000) for n in range(4)]
    until(lambda: {sim.call(sid)["status"] for sid in calls} == {"ringing", "failed"})
    assert [sim.call(sid)["error_code"] for sid in calls] == [None, None, 5030, 5030]
    assert set(sim.client.live_calls.list_ids().calls) == set(calls[:2])
    sim.server.stop()


def test_a_call_is_queued_then_live_then_over_and_never_two_of_them(
    sim: PlivoSim, service: Service
) -> None:
    made = sim.client.calls.create(from_=HELPLINE, to_=ADVISOR, answer_url=service.url)
    sid = sim.uuid_of(made.request_uuid)
    sim.in_state(ADVISOR, "ringing")
    live = sim.client.live_calls.get(sid)
    assert (live.call_status, live.request_uuid) == ("ringing", made.request_uuid)
    with pytest.raises(ResourceNotFoundError):
        sim.client.queued_calls.get(sid)
    with pytest.raises(ResourceNotFoundError):
        sim.client.calls.get(sid)
    sim.client.calls.cancel(made.request_uuid)
    assert sim.client.calls.get(sid).hangup_cause_code == 1000
    with pytest.raises(ResourceNotFoundError):
        sim.client.live_calls.get(sid)
    with pytest.raises(ResourceNotFoundError):
        sim.client.calls.cancel(made.request_uuid)


def test_cancelling_a_request_spares_a_call_that_was_answered(
    sim: PlivoSim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="answer")
    url = service.says("/answer", "<Wait length='600'/>")
    made = sim.client.calls.create(from_=HELPLINE, to_=ADVISOR, answer_url=url)
    sim.in_state(ADVISOR, "in call")
    with pytest.raises(ResourceNotFoundError):
        sim.client.calls.cancel(made.request_uuid)
    sid = sim.uuid_of(made.request_uuid)
    sim.client.calls.hangup(sid)
    assert sim.told(sid).hangup_source == "API Request"


def test_ending_a_call_without_an_id_ends_them_all(sim: PlivoSim, service: Service) -> None:
    calls = [sim.ring(service.url, to=number) for number in (ADVISOR, VISITOR)]
    until(lambda: all(sim.call(sid)["status"] == "ringing" for sid in calls))
    sim.client.calls.hangup("")
    assert {sim.told(sid).hangup_cause_code for sid in calls} == {1000}


def test_finished_calls_are_filtered_and_paged(sim: PlivoSim, service: Service) -> None:
    sim.do("PUT", "/behaviour", {"kind": "decline"}).raise_for_status()
    numbers = [f"+9199999010{n:02}" for n in range(23)]
    for number in numbers:
        sim.ring(service.url, to=number)
    until(lambda: all(call["status"] == "busy" for call in sim.get("/calls")["calls"]))
    assert len(list(sim.client.calls)) == len(numbers)
    listed = sim.client.calls.list
    assert len(listed()) == 20
    assert [one.to_number for one in listed(to_number="919999901007")] == ["919999901007"]
    assert len(listed(to_number="91999990100")) == 10  # how it begins
    assert len(listed(from_number=VISITOR)) == 0
    assert len(listed(hangup_cause_code=3020, call_direction="outbound")) == 20
    assert len(listed(hangup_cause_code=4000)) == 0
    now = datetime.now(UTC).replace(tzinfo=None)
    assert len(listed(end_time__gte=str(now - timedelta(minutes=5)))) == 20
    assert len(listed(end_time__gte=str(now + timedelta(minutes=5)))) == 0
    with pytest.raises(ValidationError, match="UTC"):
        listed(end_time__gte=str(datetime.now(UTC)))


def test_an_inbound_call_is_refused_or_recorded(service: Service) -> None:
    voice = service.says("/voice", '<Hangup reason="busy"/>')
    sim = start_plivo(voice_url=voice, status_callback=service.url + "/hangup")
    sim.button(VISITOR, "dial", to=HELPLINE, presented=VISITOR[1:])
    until(lambda: service.to("/hangup"))
    (asked,) = service.to("/voice")
    assert (asked["From"], asked["To"], asked["Direction"]) == (
        VISITOR[1:],
        HELPLINE[1:],
        "inbound",
    )
    assert "RequestUUID" not in asked
    assert service.to("/hangup")[0]["HangupCauseCode"] == "3010"
    done = service.says("/recorded", "<Hangup/>")
    ready = service.url + "/ready"
    record = f'<Record action="{done}" callbackUrl="{ready}" fileFormat="wav" maxLength="60"/>'
    service.says("/voice", f"<Speak>Speak.</Speak>{record}")
    sim.do("POST", f"/phones/{VISITOR}/dial", {"to": HELPLINE, "speaks_for": 7})
    until(lambda: service.to("/ready") and service.to("/recorded"))
    (told,) = service.to("/ready")
    assert 6 <= int(told["RecordingDuration"]) <= 9
    assert "CallUUID" not in told
    assert service.to("/recorded")[0]["Digits"] == ""
    recording = sim.client.recordings.get(told["RecordingID"])
    assert recording.recording_url == told["RecordUrl"]
    assert requests.get(recording.recording_url, timeout=30).content[:4] == b"RIFF"
    sim.client.recordings.delete(told["RecordingID"])
    with pytest.raises(ResourceNotFoundError):
        sim.client.recordings.get(told["RecordingID"])
    sim.server.stop()


def test_keys_are_asked_for_and_silence_goes_on_below(sim: PlivoSim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer", press=["12#"])
    action = service.says("/keys", "<Hangup/>")
    asks = f'<GetInput inputType="dtmf" action="{action}"><Speak>Number?</Speak></GetInput>'
    url = service.says("/answer", asks + f"<Redirect>{service.url}/silence</Redirect>")
    service.says("/silence", "<Speak>Nothing.</Speak>")
    sim.told(sim.ring(url))
    assert (service.to("/keys")[0]["Digits"], service.to("/silence")) == ("12", [])
    sim.behave(ADVISOR, kind="answer")
    sim.told(sim.ring(url))
    assert len(service.to("/silence")) == 1
    assert sim.phone(ADVISOR)["heard"] == ["Number?", "Nothing."]


def test_without_redirect_the_action_is_told_and_the_document_goes_on(
    sim: PlivoSim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind="decline")
    sim.told(sim.ring(dial(service, "<Speak>Nobody.</Speak>", redirect="false")))
    assert sim.phone(ADVISOR)["heard"] == ["Nobody."]
    until(lambda: service.to("/done"))


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Say>Hello</Say>", 8011),
        ("<Speak language='hi-IN'>Hello</Speak>", 8011),
        ("<Speak language='mr-IN' voice='Polly.Aditi'>Hello</Speak>", 8011),
        ("<Dial><Number></Number></Dial>", 8011),
        ("<GetInput inputType='dtmf' action='/here'/>", 8011),
        ("<GetInput inputType='dtmf' executionTimeout='4' action='http://127.0.0.1:1/'/>", 8011),
        ("<Redirect>http://127.0.0.1:1/nobody</Redirect>", 7014),
        ("<Dial action='http://127.0.0.1:1/nobody'><Number>12</Number></Dial>", 7012),
    ],
)
def test_a_document_that_cannot_be_used_ends_the_call_without_a_word(
    sim: PlivoSim, service: Service, inside: str, code: int
) -> None:
    sim.behave(ADVISOR, kind="answer")
    sid = sim.ring(service.says("/answer", inside))
    assert (sim.told(sid).hangup_cause_code, sim.told(sid).hangup_source) == (code, "Error")
    assert sim.phone(ADVISOR)["heard"] == []


def test_what_does_not_answer_is_asked_again_and_then_the_fallback(
    sim: PlivoSim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="answer")
    service.answers["/busy"] = lambda params: Response(status=503)
    fallback = service.says("/fallback", "<Speak>We call again.</Speak>")
    sim.told(sim.ring(service.url + "/busy?a=1", fallback_url=fallback))
    assert len(service.to("/busy")) == 1  # a 5xx is not repeated, unless the address says so
    sim.told(sim.ring(service.url + "/busy?a=1#rc=3&rp=5xx", fallback_url=fallback))
    assert len(service.to("/busy")) == 1 + 4
    sim.told(sim.ring("http://127.0.0.1:1/nobody", fallback_url=fallback))
    assert len(service.to("/fallback")) == 3
    paths = [each["path"] for each in sim.get("/webhooks")["webhooks"]]
    assert paths.count("/nobody") == 2


def test_two_tokens_sign_both_and_a_forged_webhook_is_seen(service: Service) -> None:
    sim = start_plivo(plivo_auth_tokens=(OLDER_TOKEN, TOKEN))
    sim.behave(ADVISOR, kind="decline")
    for path in ("/one?b=2&a=1", "/two"):
        sim.ring(service.url, hangup_url=service.url + path)
    until(lambda: len(service.asked) == 2)
    assert all(one.signed for one in service.asked)
    assert service.asked[0].headers["X-Plivo-Signature-V3"].count(",") == 1
    sim.do("POST", "/faults", {"kind": "webhook_bad_signature"}).raise_for_status()
    sim.ring(service.url, hangup_url=service.url + "/forged?a=1")
    until(lambda: service.to("/forged"))
    assert not service.asked[-1].signed
    sim.server.stop()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"from_": "+918000000009"}, "not associated"),
        ({"to_": HELPLINE[1:]}, "overlap"),
        ({"answer_url": ""}, "answer_url"),
    ],
)
def test_bad_input_is_a_400_with_a_sentence(
    sim: PlivoSim, changes: dict[str, str], message: str
) -> None:
    asked = {"from_": HELPLINE, "to_": ADVISOR, "answer_url": "http://127.0.0.1:1/"} | changes
    answer = requests.post(
        f"{sim.url}/v1/Account/{AUTH_ID}/Call/",
        json={"from": asked["from_"], "to": asked["to_"], "answer_url": asked["answer_url"]},
        auth=(AUTH_ID, TOKEN),
        timeout=30,
    )
    assert (answer.status_code, set(answer.json())) == (400, {"api_id", "error"})
    assert message in answer.json()["error"]
    assert sim.get("/calls")["calls"] == []


@pytest.mark.parametrize(
    ("fault", "error", "calls"),
    [
        ({"kind": "http_429"}, PlivoRestError, 0),
        ({"kind": "http_503"}, None, 1),  # the client itself asks again
        ({"kind": "http_500", "times": None}, PlivoServerError, 0),
        ({"kind": "http_500_made", "times": None}, PlivoServerError, 3),  # and calls thrice
        ({"kind": "error", "code": 403}, GeoPermissionError, 0),
        ({"kind": "error", "code": 401}, AuthenticationError, 0),
        ({"kind": "no_id"}, None, 1),
        ({"kind": "cut_before"}, requests.ConnectionError, 0),
        ({"kind": "cut_after"}, requests.ConnectionError, 1),
    ],
)
def test_what_goes_wrong_as_a_call_is_created(
    sim: PlivoSim, fault: dict[str, Any], error: type[Exception] | None, calls: int
) -> None:
    sim.do("POST", "/faults", fault).raise_for_status()

    def create() -> Any:
        return sim.client.calls.create(
            from_=HELPLINE, to_=ADVISOR, answer_url="http://127.0.0.1:1/"
        )

    if error is None:
        assert hasattr(create(), "request_uuid") == (fault["kind"] != "no_id")
    else:
        with pytest.raises(error):
            create()
    assert len(sim.get("/calls")["calls"]) == calls


def test_too_many_requests_are_429() -> None:
    sim = start_plivo(time_scale=0.1)
    answers = [
        requests.get(f"{sim.url}/v1/Account/{AUTH_ID}/", auth=(AUTH_ID, TOKEN), timeout=30)
        for _ in range(301)
    ]
    assert {answer.status_code for answer in answers[:300]} == {200}
    assert answers[300].status_code == 429
    with pytest.raises(AuthenticationError, match="authenticate"):
        plivo_client.Client(AUTH_ID, "wrong").account.get()
    sim.server.stop()


def test_both_legs_are_transferred_into_a_conference_that_a_muted_call_enters(
    sim: PlivoSim, service: Service
) -> None:
    room = service.says("/room", '<Conference endConferenceOnExit="true">room</Conference>')
    muted = service.says("/muted", '<Conference muted="true" enterSound="">room</Conference>')
    aloud = service.says("/aloud", '<Conference enterSound="beep:1">room</Conference>')
    for number in (ADVISOR, VISITOR, THIRD):
        sim.behave(number, kind="answer")
    call = sim.ring(dial(service))
    until(lambda: sim.phone(ADVISOR)["connected_to"] == VISITOR)
    with pytest.raises(ResourceNotFoundError):
        sim.client.calls.transfer("unknown", legs="aleg", aleg_url=room)
    moved = sim.client.calls.transfer(call, legs="both", aleg_url=room, bleg_url=room)
    assert moved.message == "call transferred"
    until(lambda: sim.phone(VISITOR)["connected_to"] == ADVISOR)
    assert len({told["CallUUID"] for told in service.to("/room")}) == 2
    third = sim.ring(muted, to=THIRD)
    until(lambda: len(sim.get("/conferences")["conferences"][0]["participants"]) == 3)
    assert sim.phone(THIRD)["connected_to"] in (ADVISOR, VISITOR)
    assert sim.phone(VISITOR)["connected_to"] == ADVISOR
    sim.client.calls.transfer(third, legs="aleg", aleg_url=aloud)
    until(lambda: sim.phone(VISITOR)["heard"] == ["[beep]"])
    sim.button(THIRD, "hangup")
    until(lambda: sim.phone(THIRD)["state"] == "idle")
    assert sim.phone(VISITOR)["connected_to"] == ADVISOR
    sim.button(VISITOR, "hangup")
    until(lambda: sim.phone(ADVISOR)["state"] == "idle")
    assert sim.get("/conferences") == {"conferences": []}
