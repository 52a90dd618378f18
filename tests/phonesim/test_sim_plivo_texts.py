"""Plivo's texts, numbers and applications, by its own client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Response
from plivo.exceptions import ResourceNotFoundError, ValidationError

from tests.phonesim.fixtures import HELPLINE, VISITOR, Service, until
from tests.phonesim.plivo_fixtures import PlivoSim, signed_by_plivo, start_plivo
from tests.phonesim.test_sim_plivo_calls import addresses  # noqa: F401 a fixture

REGISTERED = {
    "dlt_entity_id": "1101",
    "dlt_template_id": "1207",
    "dlt_template_category": "service_implicit",
}


@pytest.fixture
def service(service: Service) -> Service:
    service.is_signed = signed_by_plivo
    return service


@pytest.fixture
def sim(service: Service) -> Iterator[PlivoSim]:
    made = start_plivo(sms_url=service.url + "/text")
    yield made
    made.server.stop()


def statuses(service: Service) -> list[str]:
    return [each["Status"] for each in service.to("/status")]


def test_a_text_is_sent_and_its_way_is_told(sim: PlivoSim, service: Service) -> None:
    sent = sim.client.messages.create(
        src=HELPLINE, dst=VISITOR, text="Hello", url=service.url + "/status?a=1", log="false"
    )
    (message_id,) = sent.message_uuid
    until(lambda: statuses(service) == ["sent", "delivered"])
    told = service.to("/status")[-1]
    assert told["MessageUUID"] == message_id
    assert (told["From"], told["To"]) == (HELPLINE[1:], VISITOR[1:])
    assert all(one.signed for one in service.asked)
    read = sim.client.messages.get(message_id)
    assert (read.message_state, read.error_code) == ("delivered", "000")
    listed = list(sim.client.messages.list(to_number=VISITOR, message_direction="outbound"))
    assert [one.message_uuid for one in listed] == [message_id]
    assert sim.phone(VISITOR)["texts"][0]["body"] == "Hello"


def test_a_status_is_sent_again_until_it_is_taken(sim: PlivoSim, service: Service) -> None:
    taken = iter([500, 404, 200, 200])
    service.answers["/status"] = lambda params: Response(status=next(taken))
    sim.client.messages.create(src=HELPLINE, dst=VISITOR, text="Hello", url=service.url + "/status")
    until(lambda: len(service.to("/status")) == 4)
    assert sorted(statuses(service)) in (
        ["delivered", "sent", "sent", "sent"],
        ["delivered", "delivered", "sent", "sent"],
    )


def test_into_india_a_text_needs_its_registration(service: Service) -> None:
    sim = start_plivo(country_rules=True)
    url = service.url + "/status"
    for more in ({}, REGISTERED):
        sim.client.messages.create(src="HLPLNE", dst=VISITOR, text="Hello", url=url, **more)
    until(lambda: len(service.to("/status")) == 3)
    ended = {each["Status"]: each.get("ErrorCode") for each in service.to("/status")}
    assert ended == {"sent": None, "delivered": None, "failed": "100"}
    sim.server.stop()


def test_what_is_no_text_is_refused(sim: PlivoSim) -> None:
    for src, text in ((HELPLINE, "ह" * 738), (HELPLINE, "a" * 1601), ("+918000000009", "Hello")):
        with pytest.raises(ValidationError):
            sim.client.messages.create(src=src, dst=VISITOR, text=text)
    assert sim.get("/messages")["messages"] == []


def test_a_phone_texts_and_is_answered(sim: PlivoSim, service: Service) -> None:
    reply = f'<Message src="{HELPLINE[1:]}" dst="{VISITOR[1:]}" type="sms">We call you.</Message>'
    service.says("/text", reply)
    sim.button(VISITOR, "text", to=HELPLINE, body="STOP")
    until(lambda: len(sim.phone(VISITOR)["texts"]) == 2)
    (asked,) = service.to("/text")
    assert (asked["From"], asked["Text"]) == (VISITOR[1:], "STOP")
    assert asked["MessageIntent"] == "optout"
    assert service.asked[0].signed
    assert sim.phone(VISITOR)["texts"][1]["body"] == "We call you."


def test_in_north_america_plivo_itself_answers_stop_and_sends_no_more(service: Service) -> None:
    american = "+12025550100"
    sim = start_plivo(plivo_numbers=(american,), sms_url=service.says("/text", ""))
    sim.button(VISITOR, "text", to=american, body="stop")
    until(lambda: len(sim.phone(VISITOR)["texts"]) == 2)
    assert "unsubscribed" in sim.phone(VISITOR)["texts"][1]["body"]
    sim.client.messages.create(src=american, dst=VISITOR, text="Hi", url=service.url + "/status")
    until(lambda: service.to("/status"))
    told = service.to("/status")[0]
    assert (told["Status"], told["ErrorCode"]) == ("failed", "200")
    sim.server.stop()


def test_the_account_its_numbers_and_their_applications(sim: PlivoSim, service: Service) -> None:
    client = sim.client
    account = client.account.get()
    assert (account.cash_credits, account.account_type) == ("25.00", "standard")
    number = client.numbers.get(HELPLINE[1:])
    assert number.voice_enabled
    with pytest.raises(ResourceNotFoundError):
        client.numbers.get(VISITOR[1:])
    first = client.applications.get(number.application.rstrip("/").rpartition("/")[2])
    assert first.message_url == service.url + "/text"
    made = client.applications.create("helpline", answer_url=service.url + "/voice")
    client.numbers.update(HELPLINE[1:], app_id=made.app_id)
    client.applications.update(made.app_id, message_url=service.url + "/elsewhere")
    assert [one.app_name for one in client.applications.list(app_name="helpline")] == ["helpline"]
    (listed,) = list(client.numbers.list())
    assert listed.application.endswith(f"/Application/{made.app_id}/")
    sim.button(VISITOR, "text", to=HELPLINE, body="CALL")
    until(lambda: service.to("/elsewhere"))
    sim.button(VISITOR, "dial", to=HELPLINE)
    until(lambda: service.to("/voice"))
