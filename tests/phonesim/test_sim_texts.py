"""Texts: sent, delivered, answered, and stopped with STOP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim.texts import segments
from tests.phonesim.fixtures import HELPLINE, VISITOR, Service, Sim, until


@pytest.fixture
def texting(start_sim: Callable[..., Sim], service: Service) -> Iterator[Sim]:
    """A network whose texts in are told to the service at /sms."""
    yield start_sim(sms_url=service.url + "/sms")


def write(sim: Sim, body: str) -> None:
    """A visitor texts the helpline."""
    told = {"to": HELPLINE, "body": body}
    sim.do("POST", f"/phones/{VISITOR}/text", told).raise_for_status()


def send(sim: Sim, body: str = "We have your request.", **more: str) -> str:
    """The service texts a visitor."""
    sid = sim.client.messages.create(to=VISITOR, from_=HELPLINE, body=body, **more).sid
    assert sid is not None
    return sid


def thread(sim: Sim) -> list[str]:
    """What the visitor's phone shows: > for what came, < for what was sent."""
    return [
        ("> " if text["incoming"] else "< ") + text["body"] for text in sim.phone(VISITOR)["texts"]
    ]


def test_a_text_is_queued_sent_and_delivered(sim: Sim, service: Service) -> None:
    sid = send(sim, status_callback=service.url + "/told")
    until(lambda: sim.client.messages(sid).fetch().status == "delivered")
    until(lambda: len(service.to("/told")) == 2)
    assert [told["MessageStatus"] for told in service.to("/told")] == ["sent", "delivered"]
    assert all(one.signed for one in service.asked)
    assert thread(sim) == ["> We have your request."]
    (listed,) = sim.client.messages.list(to=VISITOR)
    assert (listed.sid, listed.num_segments, listed.direction) == (sid, "1", "outbound-api")


def test_a_text_to_a_phone_that_cannot_be_reached_is_undelivered(
    sim: Sim, service: Service
) -> None:
    sim.behave(VISITOR, kind="unreachable")
    sid = send(sim, status_callback=service.url + "/told")
    until(lambda: sim.client.messages(sid).fetch().status == "undelivered")
    until(lambda: len(service.to("/told")) == 2)
    assert service.to("/told")[1]["ErrorCode"] == "30003"


@pytest.mark.parametrize(
    ("told", "code"),
    [({"to": "12"}, 21211), ({"from_": VISITOR}, 21606), ({"body": ""}, 21602),
     ({"body": "x" * 1601}, 21617)],
)  # fmt: skip
def test_bad_texts_are_refused(sim: Sim, told: dict[str, str], code: int) -> None:
    asked = {"to": VISITOR, "from_": HELPLINE, "body": "Hello"} | told
    with pytest.raises(TwilioRestException) as raised:
        sim.client.messages.create(**asked)
    assert (raised.value.status, raised.value.code) == (400, code)


def test_a_text_that_comes_in_is_told_and_answered(texting: Sim, service: Service) -> None:
    service.says("/sms", "<Message>You have a place.</Message>")
    write(texting, " call ")
    until(lambda: thread(texting) == ["<  call ", "> You have a place."])
    (asked,) = service.to("/sms")
    assert (asked["Body"], asked["From"], asked["To"]) == (" call ", VISITOR, HELPLINE)
    assert (asked["SmsStatus"], asked["NumMedia"]) == ("received", "0")
    assert service.asked[0].signed


def test_an_answer_with_a_body_element_and_an_empty_answer(texting: Sim, service: Service) -> None:
    service.says("/sms", "<Message><Body>First.</Body></Message>")
    write(texting, "WHEN")
    until(lambda: thread(texting)[-1] == "> First.")
    service.says("/sms", "")
    write(texting, "WHEN")
    until(lambda: len(service.to("/sms")) == 2)


def test_stop_stops_every_text_until_start(texting: Sim, service: Service) -> None:
    service.says("/sms", "<Message>This must not arrive.</Message>")
    write(texting, "stop")
    assert thread(texting)[1].startswith("> You have successfully been unsubscribed")
    until(lambda: service.to("/sms"))
    with pytest.raises(TwilioRestException) as raised:
        send(texting)
    assert (raised.value.status, raised.value.code) == (400, 21610)
    service.says("/sms", "")
    write(texting, "START")
    assert thread(texting)[-1].startswith("> You have successfully been re-subscribed")
    send(texting)
    until(lambda: thread(texting)[-1] == "> We have your request.")
    assert "> This must not arrive." not in thread(texting)


def test_cancel_stops_texts_too_unless_the_account_was_set_up_otherwise(
    start_sim: Callable[..., Sim],
) -> None:
    usual = start_sim()
    write(usual, "CANCEL")
    with pytest.raises(TwilioRestException):
        send(usual)
    set_up = start_sim(opt_out_words=("STOP",))
    write(set_up, "CANCEL")
    send(set_up)


def test_stop_within_a_sentence_stops_nothing(texting: Sim) -> None:
    write(texting, "please stop by")
    send(texting)


def test_a_text_can_be_blanked_and_deleted(sim: Sim) -> None:
    sid = send(sim)
    assert sim.client.messages(sid).update(body="").body == ""
    assert sim.client.messages(sid).delete()
    with pytest.raises(TwilioRestException):
        sim.client.messages(sid).fetch()


def test_faults_meet_texts_or_calls_as_told(sim: Sim) -> None:
    sim.do("POST", "/faults", {"kind": "http_500", "about": "message"}).raise_for_status()
    sim.ring(twiml="<Response/>")
    with pytest.raises(TwilioRestException):
        send(sim)
    send(sim)


def test_long_texts_and_other_scripts_take_more_parts() -> None:
    assert [segments("a" * n) for n in (160, 161, 306, 307)] == [1, 2, 2, 3]
    assert [segments("अ" * n) for n in (70, 71, 135)] == [1, 2, 3]
