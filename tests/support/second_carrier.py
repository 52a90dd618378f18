"""A second carrier beside the first: it speaks the same way, has its own account, and tells the id
of a call only after that of the request."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline.current import AppServices, services_of, settings
from helpline.domain.call_progress import Leg
from helpline.telephony import carrier_routes
from helpline.telephony.adapters import ADAPTERS, FIRST
from helpline.telephony.events import CallStatus, KeyPressed, PhoneAnswered
from helpline.telephony.port import Form
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from helpline.telephony.twilio.webhooks import TwilioWebhooks
from tests.support.web import Client

SECOND, SECOND_TOKEN, SECOND_NUMBER = "second", "the-second-carriers-token", "+918045550000"
SECOND_ACCOUNT = "AC" + "0" * 31 + "2"


class SecondWebhooks(TwilioWebhooks):
    """The id of the request comes in a parameter of its own."""

    def phone_answered(self, form: Form) -> PhoneAnswered:
        return replace(super().phone_answered(form), request_id=form.get("Request", ""))

    def key_pressed(self, form: Form) -> KeyPressed:
        return replace(super().key_pressed(form), request_id=form.get("Request", ""))

    def call_status(self, form: Form, leg: Leg) -> CallStatus | None:
        found = super().call_status(form, leg)
        return found and replace(found, request_id=form.get("Request", ""))


def install(
    app: Flask, monkeypatch: pytest.MonkeyPatch, url: str = "http://127.0.0.1:9"
) -> TwilioCarrier:
    """Give an application a second account.

    Args:
        url: of its API.
    """
    settings = "SECOND_ID and SECOND_TOKEN"
    adapter = replace(ADAPTERS[FIRST], name=SECOND, label="Second", account_settings=settings)
    monkeypatch.setitem(ADAPTERS, SECOND, adapter)
    before = services_of(app)
    carrier = TwilioCarrier(TwilioAccount(SECOND_ACCOUNT, SECOND_TOKEN, url, SECOND_NUMBER, 2.0))
    webhooks = SecondWebhooks([SECOND_TOKEN], before.settings.default_region)
    carriers = {**before.carriers, SECOND: carrier}
    after = AppServices(before.settings, carriers, {**before.webhooks, SECOND: webhooks})
    monkeypatch.setitem(app.extensions, "helpline", after)
    carrier_routes.install(app, {name: each.caller_id for name, each in carriers.items()})
    return carrier


def post(client: Client, path: str, **form: str) -> TestResponse:
    """A webhook, signed as the second carrier signs."""
    address = settings().public_url + path
    signature = RequestValidator(SECOND_TOKEN).compute_signature(address, form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature})
