"""Answers and webhooks of the simulator against Plivo's documentation; plivo_shapes.json is its
pages as data."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from helpline.telephony.plivo.client import PlivoCarrier
from helpline.telephony.plivo.http import PlivoAccount
from helpline.telephony.port import CarrierError
from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, until
from tests.phonesim.plivo_fixtures import AUTH_ID, BASE, TOKEN, PlivoSim, start_plivo
from tests.phonesim.test_contract import ASKED
from tests.phonesim.test_sim_plivo_calls import addresses, dial  # noqa: F401 a fixture

SHAPES = json.loads((Path(__file__).parent / "plivo_shapes.json").read_text())
TYPES = {"string": str, "integer": int, "boolean": bool, "any": object}


def problems_of(resource: dict[str, Any], shape: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Where an answer differs from what is documented."""
    for name, told in shape.items():
        if name not in resource:
            if not told.get("optional"):
                yield f"{name}: missing"
        elif resource[name] is None:
            if not told.get("nullable"):
                yield f"{name}: null"
        elif type(resource[name]) is not TYPES[told["type"]] and told["type"] != "any":
            yield f"{name}: {resource[name]!r} is no {told['type']}"
        elif resource[name] not in told.get("enum", [resource[name]]):
            yield f"{name}: {resource[name]!r} is none of {told['enum']}"
        elif told.get("format") == "time" and not is_time(resource[name]):
            yield f"{name}: {resource[name]!r} is no time with an offset"
    yield from (f"{name}: not documented" for name in set(resource) - set(shape))


def is_time(text: str) -> bool:
    """Whether it is written as `2026-11-30 10:00:00+05:30`."""
    return re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", text) is not None and bool(
        datetime.fromisoformat(text)
    )


def answer(sim: PlivoSim, path: str, **params: str) -> dict[str, Any]:
    """What the simulator answers, as it is on the wire."""
    got = requests.get(sim.url + BASE + path, params=params, auth=(AUTH_ID, TOKEN), timeout=30)
    assert got.ok, got.text
    found = got.json()
    assert isinstance(found, dict)
    return found


def resources(sim: PlivoSim, service: Service) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that the simulator answers with, each in several stages of its life."""
    yield "account", answer(sim, "")
    sim.client.messages.create(src=HELPLINE, dst=VISITOR, text="Hello")
    message_id = next(iter(sim.server.network.messages.all))
    yield "message", answer(sim, f"Message/{message_id}/")
    plivo = sim.server.plivo
    assert plivo is not None
    plivo.calls_per_second = 0.01
    first = sim.client.calls.create(from_=HELPLINE, to_=VISITOR, answer_url=service.url)
    later = sim.client.calls.create(from_=HELPLINE, to_=VISITOR, answer_url=service.url)
    yield "queued_call", answer(sim, f"Call/{sim.uuid_of(later.request_uuid)}/", status="queued")
    sim.in_state(VISITOR, "ringing")
    yield "live_call", answer(sim, f"Call/{sim.uuid_of(first.request_uuid)}/", status="live")
    sim.client.calls.hangup("")
    plivo.calls_per_second = 0
    sim.behave(ADVISOR, kind="answer", press=["1#"])
    for behaviour in ({"kind": "answer", "hang_up_after": 2}, {"kind": "decline"}):
        sim.behave(VISITOR, **behaviour)
        sid = sim.ring(dial(service), ring_url=service.url + "/ring?a=1")
        sim.ended(sid)
        yield "call", answer(sim, f"Call/{sid}/")
    listed = answer(sim, "Call/", limit="2")
    yield "meta", listed["meta"]
    for call in listed["objects"]:
        yield "call", {"api_id": "", **call}
    sim.button(VISITOR, "text", to=HELPLINE, body="CALL")
    sim.do("POST", f"/phones/{VISITOR}/dial", {"to": HELPLINE, "press": "5"})
    until(lambda: service.to("/ready"), what="the recording is ready")
    yield "recording", answer(sim, f"Recording/{service.to('/ready')[0]['RecordingID']}/")
    number = answer(sim, f"Number/{HELPLINE[1:]}/")
    yield "number", number
    yield "application", answer(sim, number["application"].removeprefix(BASE))


def test_answers_and_webhooks_are_as_documented(service: Service) -> None:
    keys = f'<GetInput inputType="dtmf" numDigits="1" action="{service.url}/keys"/>'
    service.says("/keys", f'<Record action="{service.url}/end" callbackUrl="{service.url}/ready"/>')
    sim = start_plivo(
        voice_url=service.says("/voice", keys),
        status_callback=service.url + "/hangup",
        sms_url=service.url + "/text",
    )
    found = list(resources(sim, service))
    assert {kind for kind, _ in found} == set(SHAPES["resources"])
    wrong = {
        f"{kind}.{problem}"
        for kind, resource in found
        for problem in problems_of(resource, SHAPES["resources"][kind])
    }
    assert not wrong, "\n".join(sorted(wrong))
    until(lambda: service.to("/hangup"))
    sim.server.stop()
    documented = {
        "/ring": ("every", "Ring"),
        "/hangup": ("every", "Hangup"),
        "/voice": ("every",),
        "/dial": ("every",),
        "/keys": ("every", "GetInput"),
        "/done": ("every", "Dial action"),
        "/events": ("every", "Dial callback"),
        "/ready": ("Record",),
        "/end": ("every", "Record"),
        "/text": ("message",),
    }
    for path, parts in documented.items():
        asked = service.to(path)
        known = {name for part in parts for name in SHAPES["webhooks"][part]["parameters"]}
        assert asked, path
        assert {name for params in asked for name in params} - {"a"} <= known, path


def test_a_difference_is_seen() -> None:
    shape = SHAPES["resources"]["call"]
    bad = dict.fromkeys(shape) | {"end_time": "now", "call_direction": "up", "bill_duration": "1"}
    bad |= {"own": 1}
    del bad["call_uuid"]
    told = " ".join(problems_of(bad, shape))
    for name in ("end_time", "call_direction", "bill_duration", "own: not documented", "call_uuid"):
        assert name in told


@pytest.mark.parametrize(("name", "ask"), ASKED, ids=[name for name, _ in ASKED])
def test_what_the_service_asks_is_documented(
    name: str, ask: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def noted(self: Any, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        sent.append(request)
        return send(self, request, **more)

    monkeypatch.setattr(requests.Session, "send", noted)
    sim = start_plivo()
    with contextlib.suppress(CarrierError):  # Nothing is there but what was asked for.
        ask(PlivoCarrier(PlivoAccount(AUTH_ID, TOKEN, sim.url, HELPLINE, 5.0)))
    sim.server.stop()
    assert sent
    wrong = [problem for request in sent for problem in request_problems(request)]
    assert not wrong, f"{name}: {wrong}"


def request_problems(request: requests.PreparedRequest) -> Iterator[str]:
    """Where a request differs from what is documented."""
    asked = urlsplit(str(request.url))
    path = re.sub(r"^(\w+/).+/$", r"\1{id}/", asked.path.removeprefix(BASE))
    operation = SHAPES["requests"].get(f"{request.method} {path}")
    if operation is None:
        yield f"{request.method} {path} is not documented"
        return
    told = json.loads(request.body) if request.body else dict(parse_qsl(asked.query))
    for missing in set(operation["required"]) - set(told):
        yield f"{missing}: missing"
    for name, value in told.items():
        shape = operation["parameters"].get(name)
        if shape is None:
            yield f"{name}: not documented"
        elif shape["type"] == "integer" and not str(value).isdigit():
            yield f"{name}: {value} is no integer"
        elif int(value if "maximum" in shape else 0) > shape.get("maximum", 0):
            yield f"{name}: {value} is too much"
        elif value not in shape.get("enum", [value]):
            yield f"{name}: {value} is none of {shape['enum']}"
        elif shape.get("format") == "uri" and urlsplit(value).scheme not in ("http", "https"):
            yield f"{name}: {value} is no address"
        elif shape.get("format") == "digits" and not re.fullmatch(r"\d{7,15}", value):
            yield f"{name}: {value} is no number"
