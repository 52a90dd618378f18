"""The whole story of a callback: the advisor presses 1, the visitor is rung, somebody hangs up."""

from __future__ import annotations

from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, Sim, until

ALL = ["initiated", "ringing", "answered", "completed"]


def instruct(service: Service) -> str:
    """Instructions as the helpline gives them; the address of the first ones."""
    service.says("/bridge", f'<Dial callerId="{HELPLINE}" timeout="20" action="/bridged">'
        f'<Number statusCallback="{service.url}/visitor-leg"'
        f' statusCallbackEvent="initiated ringing answered completed">{VISITOR}</Number>'
        "</Dial>")  # fmt: skip
    service.says("/bridged", "<Say>The visitor has gone.</Say><Hangup/>")
    return service.says(
        "/advisor",
        '<Gather numDigits="1" action="/bridge" timeout="10"><Say>Press 1 to be connected.</Say>'
        "</Gather><Hangup/>",
    )


def test_the_advisor_presses_1_and_talks_with_the_visitor(sim: Sim, service: Service) -> None:
    sid = sim.ring(
        instruct(service), status_callback=service.url + "/status", status_callback_event=ALL
    )
    sim.in_state(ADVISOR, "ringing")
    sim.button(ADVISOR, "answer")
    until(lambda: sim.phone(ADVISOR)["heard"] == ["Press 1 to be connected."])
    sim.button(ADVISOR, "press", digits="1")
    sim.in_state(VISITOR, "ringing")
    sim.button(VISITOR, "answer")
    until(lambda: sim.phone(ADVISOR)["connected_to"] == VISITOR)
    assert sim.phone(VISITOR)["connected_to"] == ADVISOR
    sim.button(VISITOR, "hangup")
    assert sim.ended(sid) == "completed"

    until(lambda: len(service.to("/status")) == 4)
    assert service.statuses("/status") == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in service.to("/status")] == ["0", "1", "2", "3"]
    assert service.statuses("/visitor-leg") == ["initiated", "ringing", "in-progress", "completed"]
    (bridged,) = service.to("/bridged")
    assert bridged["CallSid"] == sid
    assert bridged["DialCallStatus"] == "completed"
    assert bridged["DialBridged"] == "true"
    assert int(bridged["DialCallDuration"]) >= 0
    child = service.to("/visitor-leg")[0]
    assert child["ParentCallSid"] == sid
    assert child["CallSid"] == bridged["DialCallSid"]
    assert child["Direction"] == "outbound-dial"
    assert all(one.signed for one in service.asked)
    assert sim.get("/calls")["rings"] == {ADVISOR: 1, VISITOR: 1}


def test_phones_with_a_behaviour_play_it_by_themselves(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer", answer_after=2, press="1", press_after=1)
    sim.behave(VISITOR, kind="answer", answer_after=3, hang_up_after=20)
    sid = sim.ring(instruct(service))
    assert sim.ended(sid) == "completed"
    assert service.to("/bridge")[0]["Digits"] == "1"
    assert 18 <= int(service.to("/bridged")[0]["DialCallDuration"]) <= 60


def test_the_visitors_phone_stops_when_the_advisor_hangs_up(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer", press="1")
    sid = sim.ring(instruct(service))
    sim.in_state(VISITOR, "ringing")
    sim.button(ADVISOR, "hangup")
    assert sim.ended(sid) == "completed"
    sim.in_state(VISITOR, "idle")
    until(lambda: service.to("/bridged"))
    (bridged,) = service.to("/bridged")
    assert bridged["CallStatus"] == "completed"
    assert bridged["DialCallStatus"] == "no-answer"
    assert bridged["DialBridged"] == "false"
    until(lambda: service.statuses("/visitor-leg") == ["initiated", "ringing", "no-answer"])


def test_a_voicemail_box_cannot_press_1(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="voicemail", answer_after=2)
    sid = sim.ring(instruct(service))
    assert sim.ended(sid) == "completed"
    assert service.to("/bridge") == []
    assert sim.phone(VISITOR)["rings"] == []
