"""Instructions, executed verb by verb as Twilio documents them."""

from __future__ import annotations

import pytest
from flask import Response

from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, Sim, until

SORRY = "We are sorry, an application error has occurred. Goodbye."
OTHER = "+919999900003"


def answered(sim: Sim, service: Service, inside: str, **behaviour: object) -> str:
    """A call to an advisor who answers, with these verbs."""
    sim.behave(ADVISOR, kind="answer", **behaviour)
    return sim.ring(service.says("/start", inside))


def test_words_are_spoken_in_order_and_the_end_of_the_document_hangs_up(
    sim: Sim, service: Service
) -> None:
    sid = answered(sim, service, "<Say>One.</Say><Pause length='2'/><Say>Two.</Say>")
    assert sim.ended(sid) == "completed"
    assert sim.phone(ADVISOR)["heard"] == ["One.", "Two."]
    (asked,) = service.to("/start")
    assert (asked["CallStatus"], asked["CallSid"]) == ("in-progress", sid)
    assert (asked["Called"], asked["Caller"], asked["ToCountry"]) == (ADVISOR, HELPLINE, "IN")
    assert asked["ApiVersion"] == "2010-04-01"
    assert service.asked[0].signed


def test_gather_goes_on_with_the_next_verb_when_no_key_is_pressed(
    sim: Sim, service: Service
) -> None:
    sid = answered(sim, service, "<Gather action='/keys'><Say>Keys?</Say></Gather><Say>None.</Say>")
    assert sim.ended(sid) == "completed"
    assert service.to("/keys") == []
    assert sim.phone(ADVISOR)["heard"] == ["Keys?", "None."]


def test_gather_asks_its_action_without_keys_only_when_told_to(sim: Sim, service: Service) -> None:
    service.says("/keys", "<Hangup/>")
    sim.ended(answered(sim, service, "<Gather action='/keys' actionOnEmptyResult='true'/>"))
    assert service.to("/keys")[0]["Digits"] == ""


def test_gather_ends_at_the_number_of_keys_at_the_finish_key_and_at_silence(
    sim: Sim, service: Service
) -> None:
    service.says("/two", "<Gather action='/hash'/>")
    service.says("/hash", "<Gather action='/silence' timeout='2' finishOnKey=''/>")
    service.says("/silence", "<Hangup/>")
    keys = ["4711", "12#9", "5#"]
    sim.ended(answered(sim, service, "<Gather action='/two' numDigits='2'/>", press=keys))
    assert service.to("/two")[0]["Digits"] == "47"
    assert service.to("/hash")[0]["Digits"] == "12"
    assert service.to("/hash")[0]["FinishedOnKey"] == "#"
    assert service.to("/silence")[0]["Digits"] == "5#"


def test_gather_without_action_asks_its_own_address_again(sim: Sim, service: Service) -> None:
    sim.ended(answered(sim, service, "<Gather numDigits='1'/>", press="7"))
    assert [asked.get("Digits") for asked in service.to("/start")] == [None, "7"]


def test_a_redirect_and_relative_addresses_and_get_are_followed(sim: Sim, service: Service) -> None:
    service.says("/a/next", "<Redirect method='GET'>../b?x=1</Redirect>")
    service.says("/b", "<Say>There.</Say>")
    sim.ended(answered(sim, service, "<Redirect>/a/next</Redirect>"))
    assert service.to("/b")[0]["x"] == "1"
    assert all(one.signed for one in service.asked)
    assert sim.phone(ADVISOR)["heard"] == ["There."]


def test_an_application_error_is_heard_and_ends_the_call(sim: Sim, service: Service) -> None:
    bad = {
        "/down": lambda params: Response(status=500),
        "/torn": lambda params: Response("<Response><Say>", mimetype="text/xml"),
        "/json": lambda params: Response("{}", mimetype="application/json"),
        "/gone": lambda params: Response(status=404),
    }
    service.answers.update(bad)
    sim.behave(ADVISOR, kind="answer")
    for path, code in (("/down", 11200), ("/torn", 12100), ("/json", 12300), ("/gone", 11200)):
        sid = sim.ring(service.url + path)
        assert sim.ended(sid) == "completed"
        assert sim.phone(ADVISOR)["heard"] == [SORRY]
        assert sim.call(sid)["error_code"] == code


def test_a_service_that_cannot_be_reached_is_an_application_error(sim: Sim) -> None:
    sim.behave(ADVISOR, kind="answer")
    sid = sim.ring("http://127.0.0.1:1/nobody")
    assert sim.ended(sid) == "completed"
    assert sim.phone(ADVISOR)["heard"] == [SORRY]


def test_a_fallback_address_is_asked_when_a_later_document_fails(
    sim: Sim, service: Service
) -> None:
    sim.behave(ADVISOR, kind="answer")
    fallback = service.says("/fallback", "<Say>Second.</Say>")
    first = service.says(
        "/first", "<Say>First.</Say><Redirect>http://127.0.0.1:1/nobody</Redirect>"
    )
    sim.ended(sim.ring(first, fallback_url=fallback))
    assert sim.phone(ADVISOR)["heard"] == ["First.", "Second."]
    assert service.to("/fallback")[0]["ErrorUrl"] == "http://127.0.0.1:1/nobody"


def test_a_fallback_address_is_asked_when_the_first_fails(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer")
    fallback = service.says("/fallback", "<Say>Second.</Say>")
    sim.ended(sim.ring("http://127.0.0.1:1/nobody", fallback_url=fallback))
    assert sim.phone(ADVISOR)["heard"] == ["Second."]
    assert service.to("/fallback")[0]["ErrorCode"] == "11200"


def test_unknown_verbs_are_ignored(sim: Sim, service: Service) -> None:
    sim.ended(answered(sim, service, "<Sing>La</Sing><Say>Said.</Say>"))
    assert sim.phone(ADVISOR)["heard"] == ["Said."]


def test_without_an_action_the_call_goes_on_after_dial(sim: Sim, service: Service) -> None:
    sim.behave(VISITOR, kind="decline")
    sid = answered(sim, service, f"<Dial>{VISITOR}</Dial><Say>Nobody.</Say>")
    assert sim.ended(sid) == "completed"
    assert sim.phone(ADVISOR)["heard"] == ["Nobody."]
    child = sim.get("/calls")["calls"][1]
    assert (child["from"], child["parent_call_sid"], child["status"]) == (HELPLINE, sid, "busy")


def test_a_dialled_phone_rings_half_a_minute_unless_told_otherwise(
    sim: Sim, service: Service
) -> None:
    service.says("/after", "<Hangup/>")
    inside = f"<Dial action='/after'>{VISITOR}</Dial>"
    assert sim.ended(answered(sim, service, inside)) == "completed"
    (after,) = service.to("/after")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("no-answer", "false")
    assert "DialCallDuration" not in after
    assert after["CallStatus"] == "in-progress"


def test_a_caller_id_that_is_not_ours_fails_the_leg(sim: Sim, service: Service) -> None:
    service.says("/after", "<Hangup/>")
    inside = f"<Dial callerId='{OTHER}' action='/after'>{VISITOR}</Dial>"
    sim.ended(answered(sim, service, inside))
    (after,) = service.to("/after")
    assert (after["DialCallStatus"], after["ErrorCode"]) == ("failed", "13214")
    assert sim.phone(VISITOR)["rings"] == []


def test_the_first_to_answer_is_connected_and_the_others_stop(sim: Sim, service: Service) -> None:
    service.says("/after", "<Hangup/>")
    inside = f"<Dial action='/after'><Number>{VISITOR}</Number><Number>{OTHER}</Number></Dial>"
    sim.behave(OTHER, kind="answer", answer_after=3, hang_up_after=5)
    sim.ended(answered(sim, service, inside))
    first, second = sim.get("/calls")["calls"][1:]
    assert (first["status"], second["status"]) == ("no-answer", "completed")
    assert service.to("/after")[0]["DialCallSid"] == second["sid"]
    assert len(service.to("/after")) == 1


def test_a_whisper_is_heard_before_the_bridge_and_may_ask_for_1(sim: Sim, service: Service) -> None:
    service.says("/whisper", "<Gather numDigits='1' action='/yes'><Say>Press 1.</Say></Gather>"
        "<Hangup/>")  # fmt: skip
    service.says("/yes", "")
    service.says("/after", "<Hangup/>")
    inside = f"<Dial action='/after'><Number url='/whisper'>{VISITOR}</Number></Dial>"
    sim.behave(VISITOR, kind="answer", press="1", hang_up_after=30)
    sim.ended(answered(sim, service, inside))
    assert sim.phone(VISITOR)["heard"] == ["Press 1."]
    assert sim.phone(ADVISOR)["heard"] == []
    child = sim.get("/calls")["calls"][1]
    assert service.to("/whisper")[0]["CallSid"] == child["sid"]
    assert service.to("/whisper")[0]["ParentCallSid"] == child["parent_call_sid"]
    assert service.to("/after")[0]["DialBridged"] == "true"


def test_a_machine_that_presses_nothing_is_never_bridged(sim: Sim, service: Service) -> None:
    service.says("/whisper", "<Gather numDigits='1' action='/yes'><Say>Press 1.</Say></Gather>"
        "<Hangup/>")  # fmt: skip
    service.says("/after", "<Hangup/>")
    inside = f"<Dial action='/after'><Number url='/whisper'>{VISITOR}</Number></Dial>"
    sim.behave(VISITOR, kind="voicemail", answer_after=5)
    sim.ended(answered(sim, service, inside))
    (after,) = service.to("/after")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "false")


def test_star_ends_the_dialled_call_where_that_is_allowed(sim: Sim, service: Service) -> None:
    service.says("/after", "<Say>Back.</Say>")
    sid = answered(sim, service, f"<Dial action='/after' hangupOnStar='true'>{VISITOR}</Dial>")
    sim.in_state(VISITOR, "ringing")
    sim.button(ADVISOR, "press", digits="*")
    assert sim.ended(sid) == "completed"
    assert service.to("/after")[0]["DialCallStatus"] == "canceled"


def test_a_dial_time_limit_ends_the_bridge_and_the_call_goes_on(sim: Sim, service: Service) -> None:
    sim.behave(VISITOR, kind="answer")
    sid = answered(sim, service, f"<Dial timeLimit='10'>{VISITOR}</Dial><Say>Time is up.</Say>")
    assert sim.ended(sid) == "completed"
    assert sim.phone(ADVISOR)["heard"] == ["Time is up."]


def test_a_phone_in_a_call_is_busy_for_others(sim: Sim, service: Service) -> None:
    sid = answered(sim, service, "<Pause length='60'/>")
    sim.in_state(ADVISOR, "in call")
    assert sim.ended(sim.ring(service.url + "/start")) == "busy"
    assert sim.call(sid)["status"] == "in-progress"
    until(lambda: len(sim.phone(ADVISOR)["rings"]) == 1)


ASKS_FOR_1 = "<Gather numDigits='1' timeout='30' action='/yes'><Say>Press 1.</Say></Gather>"


def dial_extension(sim: Sim, service: Service, digits: str, attributes: str = "") -> str:
    """Dial somebody behind a switchboard, who has extension 12; whether they were connected."""
    service.says("/whisper", f"{ASKS_FOR_1}<Hangup/>")
    service.says("/yes", "")
    service.says("/after", "<Hangup/>")
    sim.behave(VISITOR, kind="switchboard", extension="12", press="1", hang_up_after=30)
    number = f"<Number url='/whisper' sendDigits='{digits}' {attributes}>{VISITOR}</Number>"
    sim.ended(answered(sim, service, f"<Dial action='/after'>{number}</Dial>"))
    return service.to("/after")[0]["DialBridged"]


def test_digits_lead_through_a_switchboard_to_the_person(sim: Sim, service: Service) -> None:
    assert dial_extension(sim, service, "wwww12") == "true"
    log = [each["what"] for each in sim.get("/calls")["calls"][1]["log"]]
    steps = ["hears digits wwww12", "extension 12 answers", "pressed 1"]
    assert [each for each in log if each in steps] == steps


@pytest.mark.parametrize("digits", ["wwww13", "12;", ""])
def test_without_its_digits_nobody_behind_a_switchboard_is_reached(
    sim: Sim, service: Service, digits: str
) -> None:
    assert dial_extension(sim, service, digits) == "false"


def test_no_machine_is_looked_for_where_digits_are_sent(sim: Sim, service: Service) -> None:
    assert dial_extension(sim, service, "ww12", "machineDetection='Enable'") == "true"
    assert "AnsweredBy" not in service.to("/whisper")[0]


def test_a_switchboard_has_an_extension(sim: Sim) -> None:
    for told in ({"kind": "switchboard"}, {"kind": "answer", "extension": "12"}):
        assert sim.do("PUT", f"/phones/{VISITOR}/behaviour", told).status_code == 400
