"""flask helpline try-call, over simulated phones."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from config import Settings
from helpline.cli import commands
from helpline.factory import create_app
from tests.phonesim.fixtures import ACCOUNT_SID, ADVISOR, AUTH_TOKEN, HELPLINE, VISITOR, Sim, start
from tests.phonesim.plivo_fixtures import AUTH_ID, TOKEN, start_plivo

ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
ACCOUNTS: dict[str, tuple[Callable[[], Sim], Callable[[str], dict[str, str]]]] = {
    "twilio": (
        start,
        lambda url: {
            "twilio_account_sid": ACCOUNT_SID,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_base_url": url,
            "caller_id": HELPLINE,
        },
    ),
    "plivo": (
        start_plivo,
        lambda url: {
            "twilio_account_sid": "",
            "plivo_auth_id": AUTH_ID,
            "plivo_auth_token": TOKEN,
            "plivo_base_url": url,
            "plivo_caller_id": HELPLINE,
        },
    ),
}
ANSWERS = {"kind": "answer", "press": ["1"]}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def try_call(app: Flask, port: int, **more: str) -> Result:
    phones = {"from": ADVISOR, "to": VISITOR, "listen": f"127.0.0.1:{port}", "seconds": "60"}
    options = [word for name, value in (phones | more).items() for word in (f"--{name}", value)]
    app.cli.add_command(commands.group)
    return app.test_cli_runner().invoke(args=["helpline", "try-call", *options])


@ON_ONE
@pytest.mark.parametrize("carrier", ACCOUNTS)
@pytest.mark.parametrize("second", [ANSWERS | {"hang_up_after": 9}, {"kind": "decline"}])
def test_a_call_between_two_phones_is_told_event_by_event(
    make_settings: Callable[..., Settings], carrier: str, second: dict[str, Any]
) -> None:
    begin, account = ACCOUNTS[carrier]
    sim, port = begin(), free_port()
    try:
        sim.behave(ADVISOR, **ANSWERS)
        sim.behave(VISITOR, **second)
        public_url = f"http://127.0.0.1:{port}"
        app = create_app(make_settings(public_url=public_url, **account(sim.url)))
        done = try_call(app, port)
    finally:
        sim.server.stop()
    assert done.exit_code == 0, done.output
    steps = [line.split(" s  ", 1)[1].split(":")[0] for line in done.output.splitlines()]
    assert (steps[0], steps[-1]) == ("request", "look-up")
    told = {"accepted", "answered", "pressed", "second-ended", "second-status", "status"}
    assert told <= {*steps}
    assert ("second-answered" in steps) is (second["kind"] == "answer")
    assert "REFUSED" not in done.output
    for number in (ADVISOR, VISITOR):
        assert number.removeprefix("+") not in done.output
    assert re.search(r"^\d{4}-\d\d-\d\dT[\d:.]+\+00:00 +\d+\.\d\d s  status: ", done.output, re.M)


@ON_ONE
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"to": ADVISOR}, "these must be two phones"),
        ({"to": "112"}, "no phone number that can be called"),
        ({"carrier": "acme"}, "choose one of: twilio"),
        ({"listen": "here"}, "write it as"),
    ],
)
def test_what_cannot_be_tried_is_said(
    make_settings: Callable[..., Settings], options: dict[str, str], problem: str
) -> None:
    done = try_call(create_app(make_settings()), 1, **options)
    assert done.exit_code == 2
    assert problem in done.output


@ON_ONE
def test_a_refused_call_is_said(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings(twilio_base_url="http://127.0.0.1:9"))
    done = try_call(app, free_port())
    assert done.exit_code == 1
    assert "RetryLater carrier_unreachable" in done.output
