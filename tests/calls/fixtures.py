"""A telephone line for tests: the application served over HTTP, its worker's ticks called by
hand, and a real simulated phone network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import sqlalchemy as sa
from flask import Flask

from config import ROOT
from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt, CallEvent
from helpline.db import db
from helpline.telephony.plivo.client import PlivoCarrier
from helpline.telephony.port import Carrier
from helpline.telephony.twilio.client import TwilioCarrier
from tests import factories
from tests.cast import ASHA, CARRIER_ACCOUNT, HELPLINE, KAVITA, Visitor
from tests.support.carriers import PHONESIM_TOKENS, PLIVO_ACCOUNT, PLIVO_NUMBER
from tests.support.clock import Clock
from tests.support.web import Client

TIME_SCALE = 60
ADVISOR = str(ASHA.phone)
VISITOR = KAVITA.phone
PRESSES_ONE = {"kind": "answer", "press": ["1"]}
TALKS = {"kind": "answer", "hang_up_after": 20}
STAYS = {"kind": "answer"}


def until(true: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Waits for something to become true, and gives it."""
    deadline = time.perf_counter() + seconds
    while not (found := true()):
        if time.perf_counter() > deadline:
            raise AssertionError(f"did not happen in {seconds:.0f} s: {what}")
        time.sleep(0.01)
    return found


@dataclass
class Phones:
    """The simulated network, a process of its own."""

    url: str

    def get(self, path: str) -> Any:
        """What the control API shows."""
        return requests.get(f"{self.url}/sim{path}", timeout=60).json()

    def tell(self, method: str, path: str, told: Mapping[str, Any] | None = None) -> Any:
        """Asks for something that must be possible."""
        answer = requests.request(method, f"{self.url}/sim{path}", json=told or {}, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def fault(self, kind: str, **told: Any) -> None:
        """Something goes wrong at the carrier."""
        self.tell("POST", "/faults", {"kind": kind, **told})

    def rings(self, number: str) -> int:
        """How often a phone has rung."""
        return len(self.get(f"/phones/{number}")["rings"])

    def legs(self) -> list[Any]:
        """Every leg there is, the oldest first."""
        return list(self.get("/calls")["calls"])

    def heard(self, number: str) -> str:
        """What was heard on a phone in its last call."""
        return " ".join(self.get(f"/phones/{number}")["heard"])


@contextmanager
def phones_running() -> Iterator[Phones]:
    """A simulated network on a free port, with an account at each carrier."""
    command = [sys.executable, "-m", "phonesim", "--port", "0", "--number", HELPLINE]
    command += ["--account-sid", CARRIER_ACCOUNT, "--time-scale", str(TIME_SCALE)]
    command += [
        "--plivo-auth-id",
        PLIVO_ACCOUNT,
        "--plivo-number",
        PLIVO_NUMBER,
        "--plivo-cps",
        "0",
    ]
    environment = {**os.environ, **PHONESIM_TOKENS}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the simulated network did not start"
        yield Phones(found.group())
    finally:
        process.terminate()
        process.wait(timeout=60)


@dataclass
class Line:
    """What a test says and sees."""

    app: Flask
    phones: Phones
    ticks: Mapping[str, Callable[[], bool]]
    at: Clock
    client: Client

    @property
    def carrier(self) -> Carrier:
        """The one that has the account."""
        (carrier,) = self.app.extensions["helpline"].carriers.values()
        assert isinstance(carrier, TwilioCarrier | PlivoCarrier)
        return carrier

    def tick(self, name: str) -> bool:
        """One tick of the worker."""
        with self.app.app_context():
            return self.ticks[name]()

    def behave(self, number: str, told: Mapping[str, Any]) -> None:
        """What a phone does by itself."""
        self.phones.tell("PUT", f"/phones/{number}/behaviour", told)

    def call(
        self,
        visitor: Mapping[str, Any] = TALKS,
        advisor: Mapping[str, Any] = PRESSES_ONE,
        asker: Visitor = KAVITA,
        **wish: Any,
    ) -> Attempt:
        """Asha takes the callback and presses Call, and the worker asks the carrier for it."""
        self.behave(ADVISOR, advisor)
        self.behave(asker.phone, visitor)
        attempt = factories.calling(visitor=asker, **wish)
        assert self.tick("place_call")
        return attempt

    def now(self, attempt: Attempt) -> Attempt:
        """The attempt as it is now."""
        db.session.rollback()
        return db.session.get_one(Attempt, attempt.id, populate_existing=True)

    def callback(self, attempt: Attempt) -> Callback:
        """Its callback as it is now."""
        db.session.rollback()
        return db.session.get_one(Callback, attempt.callback_id, populate_existing=True)

    def settled(self, attempt: Attempt) -> Attempt:
        """Waits until it is over."""
        until(lambda: self.now(attempt).ended_at, "the attempt is over")
        return self.now(attempt)

    def in_state(self, attempt: Attempt, state: str) -> None:
        """Waits until it has come so far."""
        until(lambda: self.now(attempt).state == state, f"attempt {state}")

    def phone(self, number: str, state: str) -> None:
        """Waits until a phone is in this state."""
        until(lambda: self.phones.get(f"/phones/{number}")["state"] == state, f"phone {state}")

    def hang_up(self, number: str) -> None:
        """Ends the call of a phone."""
        self.phones.tell("POST", f"/phones/{number}/hangup")

    def events(self, attempt: Attempt) -> list[str]:
        """The kinds of what was heard, in order."""
        db.session.rollback()
        rows = sa.select(CallEvent.kind).where(CallEvent.attempt_id == attempt.id)
        return list(db.session.scalars(rows.order_by(CallEvent.id)))

    def desk(self) -> str:
        """The advisor's desk as it stands."""
        return " ".join(self.client.get("/desk/").text.split())

    def silence(self, seconds: float = 46, minutes: float = 0) -> None:
        """So much time passes, and the worker looks up whom nobody heard of, and ends what has
        lasted too long."""
        self.at.later(seconds=seconds, minutes=minutes)
        while self.tick("look_up_silent") or self.tick("end_overdue"):
            pass
