"""What an account at Twilio may not do: on trial, by rules of countries; where new numbers lead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim.texts import Message
from tests.phonesim.fixtures import ACCOUNT_SID, ADVISOR, HELPLINE, VISITOR, Service, Sim, until

ABROAD = "+442079460000"


@pytest.fixture
def network(start_sim: Callable[..., Sim]) -> Callable[..., Sim]:
    """Starts a network of two numbers with these settings."""
    return partial(start_sim, numbers=(HELPLINE, ABROAD))


def refusal(do: Callable[[], object]) -> int | None:
    """The code with which something is refused; None where it is not."""
    try:
        do()
    except TwilioRestException as error:
        return error.code
    return None


def ring(sim: Sim, to: str, from_: str = HELPLINE) -> Callable[[], object]:
    return lambda: sim.client.calls.create(
        to=to, from_=from_, twiml="<Response><Hangup/></Response>"
    )


def text(sim: Sim, to: str) -> Callable[[], object]:
    return lambda: sim.client.messages.create(to=to, from_=HELPLINE, body="Hello")


def test_a_trial_account_reaches_verified_numbers_only(network: Callable[..., Sim]) -> None:
    sim = network(trial=True, verified=(ADVISOR,))
    assert refusal(ring(sim, ADVISOR)) is None
    assert refusal(ring(sim, VISITOR)) == 21219
    assert refusal(text(sim, ADVISOR)) is None
    assert refusal(text(sim, VISITOR)) == 21608
    assert sim.client.api.accounts(ACCOUNT_SID).fetch().type == "Trial"


def test_from_an_indian_number_nobody_in_india_is_called(network: Callable[..., Sim]) -> None:
    sim = network(country_rules=True)
    assert refusal(ring(sim, VISITOR)) == 21216
    assert refusal(ring(sim, VISITOR, ABROAD)) is None
    assert refusal(ring(sim, "+447700900000")) is None


def test_nobody_in_india_texts_to_us(network: Callable[..., Sim]) -> None:
    sim = network(country_rules=True)
    answer = sim.do("POST", f"/phones/{VISITOR}/text", {"to": HELPLINE, "body": "HELP"})
    assert answer.status_code == 409 and "India" in answer.json()["error"]
    sent: list[Message] = list(sim.server.network.messages.all.values())
    assert sent == []


def test_a_new_number_leads_to_the_demo_until_it_is_set(network: Callable[..., Sim]) -> None:
    sim = network(demo_addresses=True, voice_url="https://ours.example/")
    (line,) = sim.client.incoming_phone_numbers.list(phone_number=HELPLINE)
    assert line.voice_url == "https://demo.twilio.com/welcome/voice/"
    sim.button(VISITOR, "dial", to=HELPLINE)
    until(lambda: "Congratulations" in str(sim.phone(VISITOR)), what="the demo speaks")
    line.update(voice_url="https://ours.example/", status_callback_method="GET")
    changed = sim.client.incoming_phone_numbers(line.sid).fetch()
    assert (changed.voice_url, changed.status_callback_method) == ("https://ours.example/", "GET")


def test_what_is_left_in_the_account(network: Callable[..., Sim]) -> None:
    found = network(balance="3.50", currency="EUR").client.balance.fetch()
    assert (found.balance, found.currency) == ("3.50", "EUR")


@pytest.mark.parametrize(
    ("caller_id", "told", "code"),
    [
        ("+15550000000", {}, "13214"),
        (HELPLINE, {"country_rules": True}, "13225"),
        (HELPLINE, {"trial": True, "verified": (ADVISOR,)}, "21219"),
    ],
)
def test_a_dial_that_is_refused_has_no_leg_and_only_its_action_is_told(
    network: Callable[..., Sim], service: Service, caller_id: str, told: Any, code: str
) -> None:
    sim = network(**told)
    after = service.says("/after", "<Hangup/>")
    number = f'<Number statusCallback="{service.url}/child">{VISITOR}</Number>'
    dial = f'<Dial action="{after}" callerId="{caller_id}">{number}</Dial>'
    sim.behave(ADVISOR, kind="answer")
    call = sim.client.calls.create(
        to=ADVISOR,
        from_=ABROAD,
        twiml=f"<Response>{dial}</Response>",
    )
    until(lambda: service.to("/after"), what="the action is told")
    (params,) = service.to("/after")
    assert (params["DialCallStatus"], params["ErrorCode"]) == ("failed", code)
    assert params["ErrorMessage"] and "DialCallSid" not in params
    assert service.to("/child") == []
    assert [leg["sid"] for leg in sim.get("/calls")["calls"]] == [call.sid]
