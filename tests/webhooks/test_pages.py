"""The admin's page of webhooks."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline.db import db
from helpline.messaging.webhooks import deliveries
from helpline.messaging.webhooks.models import WebhookEndpoint
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client, forms_of
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.usefixtures("app")
IN_PRODUCTION = pytest.mark.settings(
    environment="production",
    public_url="https://help.organisation.in",
    second_factor="admins",
    session_hours=12,
)
SECRET = re.compile(r'value="(whsec_[A-Za-z0-9+/=]+)"')


@pytest.fixture
def meera(client: Client, at: Clock) -> Client:
    """An admin, signed in."""
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


def add(browser: Client, url: str) -> TestResponse:
    forms = forms_of(browser.get("/admin/webhooks"))
    [form] = [each for each in forms if each.action == "/admin/webhooks"]
    return browser.submit(form, url=url)


def worker_sends() -> None:
    db.session.rollback()
    while deliveries.send_next(allow_private=True):
        pass


def test_an_admin_adds_tests_rotates_sends_again_and_disables(
    meera: Client, other: Receiver
) -> None:
    page = meera.get("/admin/webhooks")
    assert "No webhooks yet" in page.text
    added = add(meera, f"  {other.url} ")
    [secret] = SECRET.findall(added.text)
    page = meera.get("/admin/webhooks")
    assert other.url in page.text.replace("&amp;", "&")
    assert secret not in page.text, "it is shown once"

    tested = meera.submit(page, "/test", follow=True)
    assert "The test is being sent" in tested.text
    assert "Waiting" in tested.text
    worker_sends()
    assert other.got[0].json["type"] == "webhook.test"
    page = meera.get("/admin/webhooks")
    assert "Delivered" in page.text
    assert "Answered with HTTP status 204." in page.text

    factories.callback(KAVITA)
    other.answers = [503]
    worker_sends()
    page = meera.get("/admin/webhooks")
    assert "Answered with HTTP status 503." in page.text
    assert "Next attempt" in page.text
    assert "callback 1" in page.text
    assert KAVITA.name not in page.text

    rotated = meera.submit(page, "/secret")
    [new] = SECRET.findall(rotated.text)
    assert new != secret
    disabled = meera.submit(meera.get("/admin/webhooks"), "/disable", follow=True)
    assert "Webhook disabled" in disabled.text
    assert "The webhook was disabled." in disabled.text
    assert "Send again" not in disabled.text
    enabled = meera.submit(disabled, "/enable", follow=True)
    again = meera.submit(enabled, "/again", follow=True)
    assert "being sent again" in again.text
    worker_sends()
    assert other.got[-1].json["type"] == "callback.requested"

    deeds = db.session.scalars(
        sa.select(AuditEntry.deed).where(AuditEntry.subject == "webhook:1").order_by(AuditEntry.id)
    ).all()
    assert deeds == [
        "webhook_added",
        "webhook_tested",
        "webhook_secret_rotated",
        "webhook_disabled",
        "webhook_enabled",
        "webhook_sent_again",
    ]
    log = meera.get("/admin/audit").text
    assert "sent a message to a webhook again" in log
    assert "webhook 1" in log


@pytest.mark.parametrize("wrong", ["", "cases.example.org", "ftp://example.org/"])
def test_what_was_typed_is_kept(meera: Client, wrong: str) -> None:
    refused = add(meera, wrong)
    assert refused.status_code == 422
    assert f'value="{wrong}"' in refused.text
    assert 'href="#url"' in refused.text


def test_as_many_as_there_may_be(meera: Client, other: Receiver) -> None:
    for _ in range(3):
        add(meera, other.url)
    refused = add(meera, other.url)
    assert refused.status_code == 409
    assert "At most 3 webhooks can be enabled." in refused.text
    assert len(db.session.scalars(sa.select(WebhookEndpoint)).all()) == 3


def test_a_page_that_is_out_of_date_says_so(meera: Client, other: Receiver) -> None:
    add(meera, other.url)
    old = meera.get("/admin/webhooks")
    meera.submit(old, "/disable")
    for action in ("/disable", "/test"):
        late = meera.submit(old, action, follow=True)
        assert "This is no longer possible." in late.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', old.text)
    assert token is not None
    for path in ("99/secret", "99/enable", "deliveries/99/again"):
        late = meera.post(
            f"/admin/webhooks/{path}", data={"csrf_token": token[1]}, follow_redirects=True
        )
        assert "This is no longer possible." in late.text


def test_an_advisor_has_no_business_there(client: Client, app: Flask) -> None:
    factories.staff(ASHA)
    client.sign_in(ASHA)
    assert client.get("/admin/webhooks").status_code == 403


@IN_PRODUCTION
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://cases.example.org/", "must start with https://"),
        ("https://127.0.0.1/", "not in a private network"),
        ("https://localhost/", "not in a private network"),
        ("https://10.0.0.1:8443/hooks", "not in a private network"),
    ],
)
def test_in_production_an_address_is_https_and_on_the_internet(
    app: Flask, url: str, words: str
) -> None:
    from helpline.web.admin.webhooks import WebhookForm

    with app.test_request_context("/admin/webhooks", method="POST", data={"url": url}):
        form = WebhookForm(meta={"csrf": False})
        assert not form.validate()
        assert words in str(form.url.errors)


@IN_PRODUCTION
def test_in_production_a_name_that_leads_into_a_private_network_is_refused_when_saved(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    from helpline.web.admin.webhooks import WebhookForm

    found = [(0, 0, 0, "", ("192.168.1.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    data = {"url": "https://cases.example.org/"}
    with app.test_request_context("/admin/webhooks", method="POST", data=data):
        form = WebhookForm(meta={"csrf": False})
        assert not form.validate()
        assert "private network" in str(form.url.errors)
