"""On one machine, the simulated phones can ring the helpline, and the demo says where it is."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from itertools import count

import pytest
from flask import Flask

from config import Settings
from helpline.cli import run
from helpline.preflight import checks
from helpline.preflight.checks import FindingCode
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from helpline.worker import preflight_job
from phonesim.__main__ import read_settings
from phonesim.server import Server


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_demos_phones_know_where_a_call_to_the_helpline_leads(
    app: Flask, settings: Settings
) -> None:
    phones = run._programs(True, settings, 8000, 8001, 8002)["phones"]
    address = phones[phones.index("--voice-url") + 1]
    assert address.startswith(settings.public_url)
    path = address.removeprefix(settings.public_url)
    assert app.url_map.bind("").match(path, method="POST")[0] == "carrier_webhooks.inbound_call"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_demo_says_its_addresses_however_long_it_takes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine so slow that between two looks half a minute passes."""
    answers = iter([False, False, False, True])
    monkeypatch.setattr(run, "_answers", lambda _url: next(answers))
    monkeypatch.setattr(time, "monotonic", partial(next, count(start=time.monotonic(), step=30)))
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        run._supervise({"web": sleeps}, settings, tell=lambda: os.kill(os.getpid(), signal.SIGINT))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert next(answers, None) is None


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_demos_number_has_every_address_that_preflight_wants(
    app: Flask, settings: Settings
) -> None:
    phones = run._programs(True, settings, 8000, 8001, 8002)["phones"]
    token = {"PHONESIM_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value()}
    arguments = phones[phones.index("phonesim") + 1 :]
    server = Server(replace(read_settings(arguments, token), port=0))
    server.start()
    try:
        carrier = TwilioCarrier(
            TwilioAccount(
                settings.twilio_account_sid,
                token["PHONESIM_AUTH_TOKEN"],
                server.url,
                run.DEMO_CALLER_ID,
                5.0,
            )
        )
        deployment = replace(preflight_job._deployment(), caller_id=run.DEMO_CALLER_ID)
        findings = list(checks.number(carrier, deployment, run.DEMO_CALLER_ID))
    finally:
        server.stop()
    assert [each.code for each in findings] == [FindingCode.NUMBER_GOOD, FindingCode.ROUTES_GOOD]
