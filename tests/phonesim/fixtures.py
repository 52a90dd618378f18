"""What the tests play with: the network, the real client, a small service with instructions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Response, request
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from phonesim.server import Server
from phonesim.settings import Settings

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "a-token-for-tests"
HELPLINE = "+918000000000"
ADVISOR = "+919999900002"
VISITOR = "+919999900001"
TIME_SCALE = 60.0
TERMINAL = ("completed", "busy", "no-answer", "canceled", "failed")


@dataclass
class Asked:
    """One webhook that the service got."""

    path: str
    params: dict[str, str]
    signed: bool
    headers: dict[str, str] = field(default_factory=dict)


def signed_by_twilio(url: str, params: dict[str, str], headers: Mapping[str, str]) -> bool:
    """Ask Twilio's own validator."""
    signature = headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(AUTH_TOKEN).validate(url, params, signature))


@dataclass
class Service:
    """A service that answers each path with the XML it was given, and remembers what came."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, str | Callable[[dict[str, str]], Any]] = field(default_factory=dict)
    public_url: str = ""
    is_signed: Callable[[str, dict[str, str], Mapping[str, str]], bool] = signed_by_twilio

    def says(self, path: str, inside: str) -> str:
        """Answer this path with these verbs; its address comes back."""
        self.answers[path] = f"<Response>{inside}</Response>"
        return self.url + path

    @staticmethod
    def twiml(inside: str) -> Response:
        """These elements as an answer."""
        return Response(f"<Response>{inside}</Response>", mimetype="text/xml")

    def to(self, path: str) -> list[dict[str, str]]:
        """The parameters of every request to this path."""
        return [one.params for one in self.asked if one.path == path]

    def statuses(self, path: str) -> list[str]:
        """The call statuses that were told to this path, in the order they came."""
        return [params["CallStatus"] for params in self.to(path)]

    def answer(self) -> Response:
        """Handle one request."""
        params = request.form.to_dict()
        base = self.public_url or self.url
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        signed = self.is_signed(f"{base}{request.path}{query}", params, request.headers)
        self.asked.append(
            Asked(request.path, params | request.args.to_dict(), signed, dict(request.headers))
        )
        found = self.answers.get(request.path, "")
        if callable(found):
            made: Response = found(params)
            return made
        return Response(found, mimetype="text/xml")


@dataclass
class Sim:
    """A simulated network under test, and the client that talks to it."""

    server: Server
    client: Client

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.server.url

    def get(self, path: str) -> Any:
        """What the control API shows."""
        answer = requests.get(f"{self.url}/sim{path}", timeout=60)
        answer.raise_for_status()
        return answer.json()

    def do(self, method: str, path: str, told: dict[str, Any] | None = None) -> requests.Response:
        """Ask the control API for something."""
        return requests.request(method, f"{self.url}/sim{path}", json=told, timeout=60)

    def phone(self, number: str) -> Any:
        """A phone as the control API shows it."""
        return self.get(f"/phones/{number}")

    def button(self, number: str, name: str, **told: str) -> requests.Response:
        """Press a button of a phone."""
        answer = self.do("POST", f"/phones/{number}/{name}", told)
        answer.raise_for_status()
        return answer

    def behave(self, number: str, **told: Any) -> None:
        """Say what a phone does by itself."""
        self.do("PUT", f"/phones/{number}/behaviour", told).raise_for_status()

    def call(self, sid: str) -> Any:
        """A leg as the control API shows it."""
        return self.get(f"/calls/{sid}")

    def ring(self, url: str = "", to: str = ADVISOR, **more: Any) -> str:
        """Create a call with the real client."""
        if "twiml" not in more:
            more["url"] = url
        created = self.client.calls.create(to=to, from_=HELPLINE, **more)
        assert created.sid is not None
        return created.sid

    def ended(self, sid: str) -> str:
        """Wait for the end of a call; its last status comes back."""
        until(lambda: self.call(sid)["status"] in TERMINAL, what=f"end of {sid}")
        return str(self.call(sid)["status"])

    def in_state(self, number: str, state: str) -> None:
        """Wait until a phone is in this state."""
        until(lambda: self.phone(number)["state"] == state, what=f"{number} {state}")


def until(true: Callable[[], Any], seconds: float = 60.0, what: str = "") -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen in {seconds} s: {what or true}")
        time.sleep(0.01)


def client_of(url: str, token: str = AUTH_TOKEN) -> Client:
    """The real client, its base address changed and nothing else."""
    client = Client(ACCOUNT_SID, token)
    client.api.base_url = url
    return client


def start(**more: Any) -> Sim:
    """A simulated network on a free port."""
    told: dict[str, Any] = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "numbers": (HELPLINE,),
        "port": 0,
        "time_scale": TIME_SCALE,
    }
    server = Server(Settings(**(told | more)))
    server.start()
    return Sim(server, client_of(server.url))
