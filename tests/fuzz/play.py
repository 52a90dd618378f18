"""Plays a world with made-up requests, and notes every answer."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from twilio.request_validator import RequestValidator

from helpline.db import db
from helpline.web import errors, rate_limits
from tests.cast import ASHA, CARRIER_TOKEN
from tests.fuzz.inputs import Made, requests
from tests.fuzz.targets import World

PUBLIC = "http://localhost"


@dataclass
class Played:
    """What came of it.

    Args:
        answers: how many of each status.
        tried: how often each view was sent to.
        failures: what ended in a 500, once for each place in the code; none is what we want.
    """

    answers: Counter[int] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self.answers.total()

    def take(self, other: Played) -> None:
        """Counts what another play found."""
        self.answers += other.answers
        self.tried += other.tried
        self.failures |= other.failures


def play(world: World, *, examples: int, number: int) -> Played:
    """Sends so many requests to this world.

    Args:
        number: the seed; the same one makes the same requests.
    """
    played = Played()
    world.app.config["WTF_CSRF_ENABLED"] = False  # What these two guard is tried, not they.
    rate_limits.limits_of(world.app).on = False

    with _told() as told:

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(world))
        def send(made: Made) -> None:
            _send(world, made, played, told)

        send()
    return played


def _send(world: World, made: Made, played: Played, told: _Errors) -> None:
    told.last = None
    headers: list[tuple[str, str]] = list(made.headers)
    if made.signed is not None:
        address = PUBLIC + made.path + (f"?{made.query.decode()}" if made.query else "")
        signature = RequestValidator(CARRIER_TOKEN).compute_signature(address, made.signed)
        headers.append(("X-Twilio-Signature", signature))
    client = world.staff if made.target.staff else world.visitor
    asked: dict[str, Any] = {"method": made.target.method, "headers": headers}
    if made.body or made.content_type:
        asked |= {"data": made.body, "content_type": made.content_type}
    try:
        answer = client.open(made.path, query_string=made.query.decode(), **asked)
        code = answer.status_code
        answer.close()
    except Exception:  # It went past the pages that we put in place of a bare error.
        code, told.last = 599, traceback.format_exc()
    played.answers[code] += 1
    played.tried[f"{made.target.method} {made.target.endpoint}"] += 1
    if code >= 500 and made.target.endpoint != "health.ready":  # No worker runs here.
        said = told.last or f"answered {code} without a word"
        lines = [line for line in said.splitlines() if line.strip().startswith("File")]
        place = f"{code} {(lines or [''])[-1].strip()} {said.strip().splitlines()[-1][:120]}"
        played.failures.setdefault(place, f"{made}\n{said[-3000:]}")
    if made.target.staff and code in (302, 401):
        db.session.rollback()
        come_in_again(world)


def come_in_again(world: World) -> None:
    """Whoever was signed out by what was sent signs in again."""
    if world.staff.get("/admin/").status_code != 200:
        page = world.staff.post("/login", data={"email": ASHA.email, "password": ASHA.password})
        page.close()


@dataclass
class _Errors:
    """Keeps the last error that a page was put in place of."""

    last: str | None = None

    def keep(self, error: Exception) -> None:
        self.last = "".join(traceback.format_exception(error))


@contextmanager
def _told() -> Iterator[_Errors]:
    kept, log = _Errors(), errors._log
    errors._log = kept.keep
    try:
        yield kept
    finally:
        errors._log = log
