"""On one machine, the simulated phones can ring the helpline, and the demo says where it is."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import click
import pytest
from flask import Flask

from config import Settings
from helpline.cli import local_service, run
from helpline.factory import create_app
from helpline.preflight import checks
from helpline.preflight.checks import FindingCode
from helpline.telephony.adapters import ADAPTERS
from helpline.worker import preflight_job
from phonesim.__main__ import read_settings
from phonesim.server import Server
from tests.support.carriers import PHONESIM_TOKENS, PLIVO, TWILIO, account
from tests.support.settings import NOBODY, settings_for_tests


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_demos_phones_know_where_a_call_to_the_helpline_leads(
    app: Flask, settings: Settings
) -> None:
    phones = local_service._programs(app, 8000, (8001, 8002))["phones"]
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
    monkeypatch.setattr(local_service, "_answers", lambda _url: next(answers))
    monkeypatch.setattr(time, "monotonic", partial(next, count(start=time.monotonic(), step=30)))
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        local_service._supervise(
            {"web": sleeps}, settings, ["web"], tell=lambda: os.kill(os.getpid(), signal.SIGINT)
        )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert next(answers, None) is None


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("carrier", [TWILIO, PLIVO])
def test_the_demos_number_has_every_address_that_preflight_wants(
    make_settings: Callable[..., Settings], carrier: str
) -> None:
    demo = create_app(make_settings(**account(carrier, NOBODY)))
    phones = local_service._programs(demo, 8000, (8001, 8002))["phones"]
    arguments = phones[phones.index("phonesim") + 1 :]
    server = Server(replace(read_settings(arguments, PHONESIM_TOKENS), port=0))
    server.start()
    try:
        asked = ADAPTERS[carrier].carrier(make_settings(**account(carrier, server.url)))
        with demo.app_context():
            findings = list(
                checks.number(asked, preflight_job._deployment(), local_service.DEMO_CALLER_ID)
            )
    finally:
        server.stop()
    assert [each.code for each in findings] == [FindingCode.NUMBER_GOOD, FindingCode.ROUTES_GOOD]


@pytest.mark.parametrize("carrier", [TWILIO, PLIVO])
def test_the_demos_account_is_at_the_carrier_that_was_asked_for(
    tmp_path: Path, carrier: str
) -> None:
    told = run._demo_settings(tmp_path, carrier, 8001)
    fields = {name.removeprefix("HELPLINE_").lower(): value for name, value in told.items()}
    demo = settings_for_tests(tmp_path, "sqlite://", **{"twilio_account_sid": ""} | fields)
    assert [each.name for each in ADAPTERS.values() if each.is_configured(demo)] == [carrier]
    (tmp_path / "helpline.env").write_text("HELPLINE_PLIVO_AUTH_ID=MA000000000000000002\n")
    with pytest.raises(click.ClickException, match="carrier account is configured"):
        run._demo_settings(tmp_path, carrier, 8001)
