"""Plivo's webhooks as the service receives them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpline.calls.inbound.models import InboundCall, VoiceMessage
from helpline.db import db
from helpline.telephony.plivo.webhooks import PlivoWebhooks
from helpline.telephony.port import SMS_WEBHOOKS_PATH
from tests.cast import ASHA, HELPLINE, KAVITA
from tests.dispatch.fixtures import at_desk
from tests.support.clock import Clock
from tests.support.plivo_xml_rules import check

TOKEN = "a-token-for-tests"
pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"]),
    pytest.mark.settings(
        twilio_account_sid="",
        plivo_auth_id="MA000000000000000001",
        plivo_auth_token=TOKEN,
        plivo_caller_id=HELPLINE,
    ),
]


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    yield app.test_client()


def asked(client: FlaskClient, path: str, **form: str) -> TestResponse:
    url = client.application.extensions["helpline"].settings.public_url + path
    (headers,) = PlivoWebhooks([TOKEN], "IN").sign(url, form)
    return client.post(path, data=form, headers=headers)


def post(client: FlaskClient, path: str, **form: str) -> int:
    return asked(client, path, **form).status_code


def messages() -> list[tuple[str, int]]:
    db.session.expire_all()
    rows = db.session.execute(sa.select(VoiceMessage.recording, VoiceMessage.seconds))
    return [(row.recording, row.seconds) for row in rows]


@pytest.mark.parametrize("order", [("end", "ready"), ("ready", "end"), ("ready", "ready")])
def test_a_voicemail_is_kept_whichever_report_of_it_comes(
    client: FlaskClient, at: Clock, order: tuple[str, str]
) -> None:
    """The report that it is ready does not name the call, the other does not know its length."""
    at("2026-11-23 11:00")
    call = {"CallUUID": "c-1", "From": KAVITA.phone.removeprefix("+"), "CallStatus": "in-progress"}
    recorded = {"RecordingID": "r-1", "RecordUrl": "https://media.plivo.com/r-1.wav"}
    assert post(client, "/webhooks/voice/inbound", **call) == 200
    for report in order:
        if report == "end":
            form = call | recorded | {"RecordingDuration": "-1"}
            assert post(client, "/webhooks/voice/inbound/1", **form) == 200
        else:
            form = recorded | {"RecordingDuration": "7"}
            assert post(client, "/webhooks/voice/inbound/recorded/c-1", **form) == 204
    assert messages() == [("r-1", 7)]


@pytest.mark.parametrize("is_pressed", [True, False])
def test_a_caller_talks_with_an_advisor_once_plivo_says_that_they_are_connected(
    client: FlaskClient, at: Clock, is_pressed: bool
) -> None:
    at("2026-11-23 11:00")
    at_desk(ASHA)
    call = {"CallUUID": "c-1", "From": KAVITA.phone.removeprefix("+"), "CallStatus": "in-progress"}
    assert post(client, "/webhooks/voice/inbound", **call) == 200
    chosen = asked(client, "/webhooks/voice/inbound/1", **call, Digits="1")
    dial = check(chosen.text).find("Dial")
    assert dial is not None
    assert dial.findtext("Number") == ASHA.phone.removeprefix("+")
    question, events = (
        urlsplit(dial.get(name, "")).path for name in ("confirmSound", "callbackUrl")
    )
    check(asked(client, question, **call).text, confirms=True)
    leg = {"DialALegUUID": "c-1", "DialBLegUUID": "b-1"}
    assert post(client, events, **call, **leg, DialAction="answer") == 204
    assert db.session.scalar(sa.select(InboundCall.talked_at)) is None
    if is_pressed:
        assert post(client, events, **call, **leg, DialAction="connected") == 204
    db.session.expire_all()
    assert (db.session.scalar(sa.select(InboundCall.talked_at)) is not None) is is_pressed


def test_addresses_whose_body_need_not_be_signed_are_those_of_text_messages(
    client: FlaskClient,
) -> None:
    rules = {rule.rule: rule.endpoint for rule in client.application.url_map.iter_rules()}
    views = {endpoint for rule, endpoint in rules.items() if rule.startswith(SMS_WEBHOOKS_PATH)}
    assert views == {
        f"carrier_webhooks.{view}" for view in ("inbound_sms", "inbound_sms_fallback", "sms_status")
    }
    form = {"CallUUID": "c-1", "From": KAVITA.phone}
    assert post(client, "/webhooks/voice/inbound", **form) == 200
    assert client.post("/webhooks/voice/inbound", data=form).status_code == 403
