"""On one machine, the simulated phones can ring the helpline."""

from __future__ import annotations

from dataclasses import replace

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
