"""Floods are told to wait; nobody is turned away from a crisis number, or for a machine of ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.web import metrics, rate_limits
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client, form_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

OPEN = "2026-11-23 12:00"
TYPED = {"phone": "98765 00009", "name": "Meena", "note": "After six, please", "consent": "yes"}


def _asked() -> int:
    return db.session.scalar(sa.select(sa.func.count(Callback.id))) or 0


@pytest.mark.settings(limit_asks_of_address="2/minute")
def test_a_form_sent_too_often_is_shown_again_whole_and_says_when_to_come_back(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    for _ in range(2):
        assert client.submit(form_of(client.get("/"), "/?"), **TYPED).status_code == 303
    asked = _asked()
    again = client.submit(form_of(client.get("/"), "/?"), **TYPED)
    assert again.status_code == 429
    assert 1 <= int(again.headers["Retry-After"]) <= 60
    assert "again in 1 minute" in again.text
    assert "tel:112" in again.text
    kept = form_of(again, "/?").fields
    assert {name: kept[name][0].strip() for name in TYPED} == TYPED
    assert _asked() == asked
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get("/").status_code == client.get("/crisis").status_code == 200
    other = new_client()
    other.environ_base.update(elsewhere)
    assert other.submit(form_of(other.get("/"), "/?"), **TYPED).status_code == 303
    at.later(minutes=2)
    assert client.submit(form_of(again, "/?")).status_code == 303


@pytest.mark.settings(limit_asks_of_region="1/minute", limit_reads_of_address="3/minute")
def test_a_region_has_a_limit_and_the_panel_leads_to_the_first_page_whatever_comes(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    other = new_client()
    other.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    answers = [each.post("/", data=TYPED).status_code for each in (client, other) for _ in "1234"]
    assert answers == [303, 303, 303, 429] * 2, "whoever has hardly asked is never held up"
    panel = [client.post("/start", data={"page": "/mood"}).status_code for _ in range(5)]
    assert panel == [200, 200, 200, 303, 303]
    assert {client.get(each).status_code for each in ("/", "/crisis") for _ in range(20)} == {200}


@pytest.mark.settings(limit_wrong_links_of_address="3/minute")
def test_who_tries_links_is_told_to_wait_and_a_right_link_still_opens(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    right = factories.link(KAVITA)
    tried = [client.get(f"/request/wrong{n}") for n in range(5)]
    assert [each.status_code for each in tried] == [404, 404, 404, 429, 429]
    assert tried[-1].headers["Retry-After"]
    assert "tel:112" in tried[-1].text
    wrong = {"Authorization": "Bearer wrong"}
    told = client.get("/api/v1/callback", headers=wrong)
    assert (told.status_code, told.mimetype) == (429, "application/problem+json")
    assert client.get(f"/request/{right}").status_code == 200
    mine = {"Authorization": f"Bearer {right}"}
    assert client.get("/api/v1/callback", headers=mine).status_code == 200


@pytest.mark.settings(rate_limit_storage="redis://127.0.0.1:9/0", limit_asks_of_address="2/minute")
def test_while_redis_is_gone_requests_pass_and_this_process_counts_by_itself(
    client: Client, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    at(OPEN)
    answers = [client.post("/", data=TYPED).status_code for _ in range(4)]
    assert answers == [303, 303, 429, 429]
    assert b"helpline_rate_limits_shared 0.0" in metrics.render_metrics()
    assert "rate limit storage is unavailable" in caplog.text


def test_what_is_counted_says_nothing_of_anybody(app: Flask, at: Clock) -> None:
    at(OPEN)
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        assert (
            rate_limits.wait_to_ask(_number(ARJUN))
            is rate_limits.wait_of_phone(_number(ARJUN))
            is None
        )
        told = str(rate_limits.limits_of(app)._shared.storage.events)  # type: ignore[attr-defined]
        assert "ask-region" in told
        mine = rate_limits.networks()[0]
    assert "203.0.113" not in told
    assert "98765" not in told
    one_home = []
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            one_home.append(rate_limits.networks()[0])
    assert one_home[0] == one_home[1]
    assert len({mine, *one_home}) == 3


def _number(visitor: object) -> rate_limits.PhoneNumber:
    return rate_limits.PhoneNumber(visitor.phone)  # type: ignore[attr-defined]


@pytest.mark.settings(least_fill_seconds=2.0)
def test_a_form_that_comes_back_at_once_is_shown_again_and_goes_through_when_pressed_once_more(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    page = client.get("/")
    quick = client.submit(form_of(page, "/?"), **TYPED)
    assert quick.status_code == 422
    assert "Then press the button again" in quick.text
    assert "very quick" not in quick.text, "it blames nobody"
    assert form_of(quick, "/?").fields["note"][0].strip() == TYPED["note"]
    at.later(seconds=3)
    assert client.submit(form_of(quick, "/?")).status_code == 303
    slow = client.submit(form_of(client.get("/"), "/?"), **TYPED)
    at.later(minutes=300)
    assert client.submit(form_of(slow, "/?")).status_code == 303
    made_up = client.post("/", data=TYPED | {"began": "MTIz.c2lnbmVk"})
    assert made_up.status_code == 422
    before = _asked()
    trapped = client.submit(form_of(page, "/?"), **(TYPED | {"more": "https://spam.example"}))
    assert (trapped.status_code, _asked()) == (422, before)
    asked = client.post(
        "/api/v1/callbacks",
        json={"phone": "98765 00008", "consent": True},
        headers={"Idempotency-Key": "5b6f0a53-9c7e-4a53-8a3e-0d1f6d2c9b11"},
    )
    assert asked.status_code == 201, "a program needs no time to type"


def test_a_limit_that_says_nothing_is_refused_at_start(
    make_settings: Callable[..., Settings],
) -> None:
    with pytest.raises(ValueError, match="limit_asks_of_address"):
        make_settings(limit_asks_of_address="often")
