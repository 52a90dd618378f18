"""What real Twilio sends and refuses, and the simulator does too."""

from __future__ import annotations

import json

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim.numbers import WITHHELD
from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, Sim, start, until
from tests.phonesim.test_sim_rest import refused


@pytest.fixture
def lined(service: Service) -> Sim:
    """A network whose number leads to the service."""
    voice = service.says("/voice", "<Say>Hello</Say>")
    return start(voice_url=voice)


def rings_in(sim: Sim, service: Service, number: str = VISITOR, **told: object) -> dict[str, str]:
    """The parameters of the first request about a call to the helpline."""
    answer = sim.do("POST", f"/phones/{number}/dial", {"to": HELPLINE, **told})
    assert answer.ok, answer.text
    until(lambda: service.to("/voice"), what="the number's voice address was asked")
    sim.server.stop()
    return service.to("/voice")[-1]


def test_an_inbound_call_has_a_call_token(lined: Sim, service: Service) -> None:
    asked = rings_in(lined, service)
    assert "parentCallInfoToken" in json.loads(asked["CallToken"])
    assert service.asked[-1].signed


def test_add_ons_and_the_attestation_of_the_caller_come_along(lined: Sim, service: Service) -> None:
    extras = {
        "StirVerstat": "TN-Validation-Passed-A",
        "AddOns": json.dumps({"status": "successful", "results": {"a": {"name": "“é”"}}}),
    }
    asked = rings_in(lined, service, extras=extras)
    assert {name: asked[name] for name in extras} == extras
    assert service.asked[-1].signed


@pytest.mark.parametrize("form", WITHHELD)
def test_a_withheld_number_comes_in_many_forms(lined: Sim, service: Service, form: str) -> None:
    assert rings_in(lined, service, withheld=form)["From"] == form


def test_a_number_may_call_itself(lined: Sim, service: Service) -> None:
    asked = rings_in(lined, service, number=HELPLINE)
    assert (asked["From"], asked["To"]) == (HELPLINE, HELPLINE)


@pytest.mark.parametrize(("kind", "code"), [("answer", "200"), ("decline", "486")])
def test_the_action_of_a_dial_is_told_the_sip_code(
    sim: Sim, service: Service, kind: str, code: str
) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.behave(VISITOR, kind=kind, hang_up_after=5)
    done = service.says("/done", "<Hangup/>")
    sim.ended(sim.ring(service.says("/a", f'<Dial action="{done}">{VISITOR}</Dial>')))
    assert service.to("/done")[0]["DialSipResponseCode"] == code


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"timeout": 0}, 21208),
        ({"timeout": -5}, 21208),
        ({"timeout": "soon"}, 21208),
        ({"time_limit": 0}, 20001),
        ({"time_limit": "long"}, 20001),
        ({"status_callback_event": ["ringing", "finished"]}, 21626),
    ],
)
def test_what_is_out_of_bounds_is_refused(sim: Sim, told: dict[str, str], code: int) -> None:
    assert refused(sim, **told).code == code
    assert sim.get("/calls")["calls"] == []


def test_a_number_cannot_text_itself(sim: Sim) -> None:
    with pytest.raises(TwilioRestException) as raised:
        sim.client.messages.create(to=HELPLINE, from_=HELPLINE, body="Hello")
    assert raised.value.code == 21266
