"""A whole house of real processes: web under gunicorn, worker, simulated phones, on free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from config import Settings
from helpline import factory
from helpline.cli import set_up, staff
from helpline.db import db
from helpline.web import db_bulkhead
from tests.cast import STAFF
from tests.support import app_cache, programs
from tests.support.carriers import (
    BESIDE,
    PHONESIM_TOKENS,
    TWILIO,
    account,
    phones_url,
    phonesim_options,
)
from tests.support.programs import Program
from tests.support.settings import environment_of, settings_for_tests

INDIA = ZoneInfo("Asia/Kolkata")
PATIENCE_SECONDS = 60.0
"""How long something may take on the slowest machine; a fast one waits for nothing."""
START_SECONDS = 160.0
KEEP_ALIVE_SECONDS = 75
"""Longer than any test lets a connection rest: a server that closes one just when a request comes
resets it. A browser then asks again; our clients do not."""


def until(true: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Waits for something to become true, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        found = true()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen in {seconds:.0f} s: {what}")
        time.sleep(0.1)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """The environment without any setting of the service."""
    ours = ("HELPLINE_", "PHONESIM_", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@dataclass
class Phones:
    """The simulated phones, through their control API."""

    url: str
    patience_seconds: float = PATIENCE_SECONDS

    def get(self, path: str) -> Any:
        """What is shown there."""
        answer = requests.get(f"{self.url}/sim{path}", timeout=self.patience_seconds)
        answer.raise_for_status()
        return answer.json()

    def tell(self, method: str, path: str, told: dict[str, Any] | None = None) -> None:
        """Asks for something; it must be possible."""
        answer = requests.request(
            method, f"{self.url}/sim{path}", json=told or {}, timeout=self.patience_seconds
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"

    def phone(self, number: str) -> Any:
        """One phone."""
        return self.get(f"/phones/{number}")

    def behaves(self, number: str, **told: Any) -> None:
        """Says what a phone does by itself."""
        self.tell("PUT", f"/phones/{number}/behaviour", told)

    def fault(self, **told: Any) -> None:
        """Something goes wrong at the carrier."""
        self.tell("POST", "/faults", told)

    def rings(self, number: str) -> int:
        """How often a phone has rung."""
        return len(self.phone(number)["rings"])

    def reset(self) -> None:
        """As after the start, once the service was told of every call: a webhook that is still
        under way would be forgotten, and leave a call that nobody tells the end of."""
        until(self._have_told_all, "the service was told of every call")
        self.tell("POST", "/reset")

    def _have_told_all(self) -> bool:
        """Whether every webhook was answered, those apart that were to go wrong."""
        told = self.get("/webhooks")["webhooks"]
        return all(each["response"] is not None for each in told if not each["fault"])

    def wait(self, number: str, state: str) -> None:
        """Waits until a phone is in this state."""
        until(lambda: self.phone(number)["state"] == state, f"phone {state}")

    def wait_asked_for_keys(self, number: str) -> None:
        """Waits until the phone has been asked to press something."""
        until(lambda: self.phone(number)["asks_for_keys"], "asked for a key")

    def answer(self, number: str) -> None:
        """Waits for it to ring, and answers."""
        self.wait(number, "ringing")
        self.tell("POST", f"/phones/{number}/answer")

    def press(self, number: str, digits: str) -> None:
        """Waits for the question, and presses."""
        self.wait_asked_for_keys(number)
        self.tell("POST", f"/phones/{number}/press", {"digits": digits})

    def hang_up(self, number: str) -> None:
        """Ends its call."""
        self.tell("POST", f"/phones/{number}/hangup")


@dataclass
class House:
    """Where the doors are."""

    settings: Settings
    phones: Phones

    @property
    def url(self) -> str:
        """The visitors' door."""
        return self.settings.public_url


@contextmanager
def open_house(
    folder: Path,
    database_url: str,
    *,
    wall_time: str = "2026-11-23 11:00",
    carrier: str = TWILIO,
    time_scale: float = 20.0,
    web_only: bool = False,
    one_process: bool = False,
    **changes: Any,
) -> Iterator[House]:
    """A house with the cast in it, its clock begun at a wall time in India; ended in any case.

    Args:
        folder: an empty folder of its own.
        database_url: a migrated, empty database.
        carrier: at which it has its account.
        time_scale: how fast ringing and talking pass in the simulated network.
        web_only: without a worker and without phones.
        one_process: web and worker are `helpline run --small`.
        changes: settings that shall be otherwise.
    """
    web_port, phones_port = free_port(), free_port()
    now = time.time()
    starts = datetime.fromisoformat(wall_time).replace(tzinfo=INDIA).timestamp()
    fast = {
        "tick_seconds": 0.5,
        "silent_after_seconds": 5,
        "lost_after_seconds": 10,
        "advisor_ring_seconds": 120,
        "visitor_ring_seconds": 80,
        "press_one_seconds": 60,
    }
    settings = settings_for_tests(
        folder / "instance",
        database_url,
        public_url=f"http://127.0.0.1:{web_port}",
        clock_offset_seconds=starts - now,
        **(account(carrier, f"http://127.0.0.1:{phones_port}") | fast | changes),
    )
    environment = {
        **clean_environment(),
        **environment_of(settings),
        **PHONESIM_TOKENS,
    }
    prepare(settings)
    web = ["gunicorn", "--bind", f"127.0.0.1:{web_port}"]
    web += ["--workers", "1" if web_only else "2", "--worker-class", "gthread"]
    web += ["--threads", str(db_bulkhead.THREADS), "--log-level", "warning"]
    web += ["--keep-alive", str(KEEP_ALIVE_SECONDS)]
    phones = (
        ["phonesim", "--port", str(phones_port), "--time-scale", str(time_scale)]
        + phonesim_options(settings)
        + ["--clock-offset-seconds", str(settings.clock_offset_seconds)]
        + ["--voice-url", f"{settings.public_url}/webhooks/voice/inbound"]
        + ["--sms-url", f"{settings.public_url}/webhooks/text"]
        + ["--opt-out-words", "STOP,STOPALL,UNSUBSCRIBE,END,QUIT", "--no-help-reply"]
        + [part for one in _named_phones() for part in ("--phone", one)]
    )
    started = [[*web, "app:create_app()"]]
    if not web_only:
        started += [phones, ["flask", "--app", "app:create_app", "helpline", "worker"]]
    if one_process:
        started = [["app", "run", "--small", "--port", str(web_port)], phones]
    log = folder / "processes.log"
    with log.open("ab") as output:
        running = [programs.start(each, env=environment, output=output) for each in started]
        house = House(settings, Phones(phones_url(settings)))
        try:
            # Without a worker it is alive, and never ready.
            up = f"{house.url}/{'healthz' if web_only else 'readyz'}"
            until(partial(_answers, up), "the web is up", START_SECONDS)
            if not web_only:
                until(
                    partial(_answers, f"{house.phones.url}/sim/phones"),
                    "the phones are up",
                    START_SECONDS,
                )
            yield house
            assert all(process.poll() is None for process in running), "one ended by itself"
        except BaseException:
            print(log.read_text()[-8000:])
            raise
        finally:
            end(running)


@contextmanager
def house_on(
    kind: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory, **how: Any
) -> Iterator[House]:
    """A house for all tests of a module, on a fresh database of this kind and with the carrier
    beside it; see ``open_house``.

    It takes seconds to open, so that tests which do not disturb each other share it.
    """
    databases = request.getfixturevalue(f"{kind}_databases")
    url = databases.fresh()
    with open_house(folders.mktemp("house"), url, **{"carrier": BESIDE[kind], **how}) as opened:
        yield opened
    databases.drop(url)


def prepare(settings: Settings) -> None:
    """Everything a house needs before its doors open, as an operator would do it."""
    app = factory.create_app(settings)
    app_cache.use_cheap_password_hashes(app)
    with app.app_context():
        set_up.set_up()
        for member in STAFF:
            staff.add_staff(
                member.name,
                member.email,
                member.roles,
                member.phone,
                member.languages,
                member.password,
            )
        db.session.remove()
        db.engine.dispose()


def end(running: Sequence[subprocess.Popen[bytes] | Program], grace_seconds: float = 30) -> None:
    """Ends processes that we started, each by its own id."""
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for process in running:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, TimeoutError):
            print("had to be killed:", process.args)
            process.kill()
            process.wait()


def _named_phones() -> list[str]:
    return ["A visitor=+919876543210"] + [
        f"{each.name}, advisor={each.phone}" for each in STAFF if each.phone
    ]


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=10).ok
    except requests.RequestException:
        return False
