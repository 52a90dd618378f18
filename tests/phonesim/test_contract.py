"""What the simulator answers, and what the service asks, against Twilio's published OpenAPI
description; twilio_shapes.json says where it comes from."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from helpline.telephony.port import CarrierError
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from tests.phonesim.fixtures import (
    ACCOUNT_SID,
    ADVISOR,
    AUTH_TOKEN,
    HELPLINE,
    VISITOR,
    Service,
    Sim,
)

SHAPES = json.loads((Path(__file__).parent / "twilio_shapes.json").read_text())
BASE = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def problems_of(resource: dict[str, Any], shape: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Where an answer differs from what is described."""
    for name in sorted(set(resource) ^ set(shape)):
        yield f"{name}: {'not described' if name in resource else 'missing'}"
    for name in set(resource) & set(shape):
        yield from _value(name, resource[name], shape[name])


def _value(name: str, value: Any, told: dict[str, Any]) -> Iterator[str]:
    if value is None:
        if not told.get("nullable") and "enum" not in told:
            yield f"{name}: null"
        return
    kind = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}
    if not isinstance(value, kind[told["type"]]):
        yield f"{name}: {value!r} is no {told['type']}"
    elif "enum" in told and value not in told["enum"]:
        yield f"{name}: {value!r} is none of {told['enum']}"
    elif told.get("format") == "date-time-rfc-2822":
        try:
            parsedate_to_datetime(value)
        except ValueError:
            yield f"{name}: {value!r} is no date"
    elif told.get("format") == "phone-number" and not re.fullmatch(r"\+\d{7,15}", value):
        yield f"{name}: {value!r} is no number"


def answer(sim: Sim, path: str, **form: str) -> dict[str, Any]:
    """What the simulator answers, as it is on the wire."""
    told = {"auth": (ACCOUNT_SID, AUTH_TOKEN), "timeout": 5}
    url = sim.url + BASE + path
    got = requests.post(url, data=form, **told) if form else requests.get(url, **told)
    assert got.ok, got.text
    found = got.json()
    assert isinstance(found, dict)
    return found


def resources(sim: Sim, service: Service) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that the simulator answers with, each in several stages of its life."""
    yield "account", answer(sim, ".json")
    url = service.says("/dial", f"<Dial><Number>{VISITOR}</Number></Dial>")
    for behaviour in ({"kind": "answer"}, {"kind": "decline"}, {"kind": "no_answer"}):
        sim.behave(VISITOR, **{**behaviour, "hang_up_after": 2})
        sim.behave(ADVISOR, kind="answer", hang_up_after=200)
        made = answer(sim, "/Calls.json", To=ADVISOR, From=HELPLINE, Url=url)
        yield "call", made
        yield "call", answer(sim, f"/Calls/{made['sid']}.json")
        sim.ended(made["sid"])
    for call in answer(sim, "/Calls.json")["calls"]:
        yield "call", call
    yield "message", answer(sim, "/Messages.json", To=VISITOR, From=HELPLINE, Body="Hello")
    for message in answer(sim, "/Messages.json")["messages"]:
        yield "message", message
    with sim.server.network.lock:
        call = next(iter(sim.server.network.calls.values()))
        sim.server.network.keep_recording(call, 8, call.created)
    for recording in answer(sim, "/Recordings.json")["recordings"]:
        yield "recording", recording
    for number in answer(sim, "/IncomingPhoneNumbers.json")["incoming_phone_numbers"]:
        yield "incoming_phone_number", number


def test_the_simulators_answers_are_as_twilio_describes_them(sim: Sim, service: Service) -> None:
    found = list(resources(sim, service))
    assert {kind for kind, _ in found} == set(SHAPES["resources"])
    assert {each["status"] for kind, each in found if kind == "call"} >= {"queued", "completed"}
    wrong = {
        f"{kind}.{problem}"
        for kind, resource in found
        for problem in problems_of(resource, SHAPES["resources"][kind])
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_a_difference_is_seen() -> None:
    shape = SHAPES["resources"]["call"]
    bad = dict.fromkeys(shape) | {"status": "initiated", "date_created": "now", "uri": 1, "own": 1}
    del bad["sid"]
    told = " ".join(problems_of(bad, shape))
    for name in ("status", "date_created", "uri", "own: not described", "sid: missing"):
        assert name in told


ASKED: list[tuple[str, Callable[[TwilioCarrier], Any]]] = [
    (
        "create_call",
        lambda carrier: carrier.create_call(
            ADVISOR,
            answer_url="http://127.0.0.1:1/a",
            status_url="http://127.0.0.1:1/s",
            ring_seconds=25,
            max_seconds=7200,
        ),
    ),
    ("fetch_call", lambda carrier: carrier.fetch_call("CA" + 32 * "0")),
    ("fetch_legs", lambda carrier: carrier.fetch_legs("CA" + 32 * "0")),
    (
        "find_calls",
        lambda carrier: carrier.find_calls(ADVISOR, since=datetime(2026, 1, 1, tzinfo=UTC)),
    ),
    ("hang_up", lambda carrier: carrier.hang_up("CA" + 32 * "0")),
    ("cancel", lambda carrier: carrier.cancel("CA" + 32 * "0")),
    ("send_sms", lambda carrier: carrier.send_sms(VISITOR, "Hi", status_url="http://h.test/s")),
    ("fetch_sms", lambda carrier: carrier.fetch_sms("SM" + 32 * "0")),
    ("find_sms", lambda carrier: carrier.find_sms(VISITOR, since=datetime.now(UTC))),
    ("fetch_number", lambda carrier: carrier.fetch_number(HELPLINE)),
    ("delete_recording", lambda carrier: carrier.delete_recording("RE" + 32 * "0")),
]


@pytest.mark.parametrize(("name", "ask"), ASKED, ids=[name for name, _ in ASKED])
def test_what_the_service_asks_is_as_twilio_describes_it(
    sim: Sim, name: str, ask: Callable[[TwilioCarrier], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def noted(self: Any, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        sent.append(request)
        return send(self, request, **more)

    monkeypatch.setattr(requests.Session, "send", noted)
    carrier = TwilioCarrier(TwilioAccount(ACCOUNT_SID, AUTH_TOKEN, sim.url, HELPLINE, 5.0))
    with contextlib.suppress(CarrierError):  # Nothing is there but what was asked for.
        ask(carrier)
    (request,) = sent
    wrong = list(request_problems(request))
    assert not wrong, f"{name}: {wrong}"


def request_problems(request: requests.PreparedRequest) -> Iterator[str]:
    """Where a request differs from what is described."""
    asked = urlsplit(str(request.url))
    path = asked.path.replace(ACCOUNT_SID, "{AccountSid}")
    operation = SHAPES["requests"].get(f"{request.method} {SID.sub('{Sid}', path)}")
    if operation is None:
        yield f"{request.method} {path} is not described"
        return
    body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
    told = parse_qsl(asked.query if request.method == "GET" else body, keep_blank_values=True)
    for missing in set(operation["required"]) - {name for name, _ in told}:
        yield f"{missing}: missing"
    for name, value in told:
        shape = operation["parameters"].get(name)
        if shape is None:
            yield f"{name}: not described"
        elif shape["type"] == "integer" and not value.isdigit():
            yield f"{name}: {value} is no integer"
        elif "enum" in shape and value not in shape["enum"]:
            yield f"{name}: {value} is none of {shape['enum']}"
        elif shape.get("format") == "uri" and urlsplit(value).scheme not in ("http", "https"):
            yield f"{name}: {value} is no address"
        elif shape.get("format") == "phone-number" and not re.fullmatch(r"\+\d{7,15}", value):
            yield f"{name}: {value} is no number"
