"""One request sent again and again, and floods that would shut others out of what all share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from helpline.callbacks.models import Callback
from helpline.db import db
from tests.support.clock import Clock
from tests.support.web import Client, form_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

OPEN = "2026-11-23 12:00"
TYPED = {"phone": "98765 00009", "consent": "yes"}
SENT = {"phone": "98765 00008", "consent": True}
KEY = {"Idempotency-Key": "5b6f0a53-9c7e-4a53-8a3e-0d1f6d2c9b11"}


def from_network(browser: Client, number: int) -> Client:
    """A browser of another IPv6 /64."""
    browser.environ_base["REMOTE_ADDR"] = f"2001:db8:{number:x}::1"
    return browser


@pytest.mark.settings(limit_asks_of_region="100/minute", limit_asks_of_all="100/minute")
def test_one_request_replayed_six_hundred_times_holds_up_nobody_else(
    new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    robots = [from_network(new_client(), n) for n in range(12)]
    codes = [
        robots[n % 12].post("/api/v1/callbacks", json=SENT, headers=KEY).status_code
        for n in range(600)
    ]
    assert set(codes) <= {201, 429}
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1
    honest = [from_network(new_client(), 1000 + n) for n in range(5)]
    for browser in honest:
        # Each more than a quiet address may: what all share was not counted at all.
        for _request in range(5):
            assert browser.submit(form_of(browser.get("/"), "/?"), **TYPED).status_code == 303


@pytest.mark.settings(limit_asks_of_region="20/minute", limit_asks_of_all="20/minute")
def test_a_flood_from_many_networks_never_holds_up_an_address_that_has_not_asked(
    new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    codes = [
        from_network(new_client(), n % 12).post("/", data=TYPED).status_code for n in range(120)
    ]
    assert codes.count(429) > 60, "the flood itself is slowed"
    for n in range(10):
        honest = from_network(new_client(), 1000 + n)
        assert honest.submit(form_of(honest.get("/"), "/?"), **TYPED).status_code == 303


@pytest.mark.settings(limit_asks_of_address="5/minute")
def test_many_home_networks_of_one_customer_count_together(
    new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    client = new_client()

    def taken(addresses: list[str]) -> int:
        codes = []
        for address in addresses:
            client.environ_base["REMOTE_ADDR"] = address
            codes.append(client.post("/", data=TYPED).status_code)
        return codes.count(303)

    assert taken([f"2001:db8:1:{n:x}::1" for n in range(30)]) == 10, "a /56 may send twice as much"
    assert taken([f"2001:db8:2:{n:x}00::1" for n in range(60)]) == 20, "a /48 four times"


def test_a_form_that_was_changed_and_sent_again_is_not_dropped_in_silence(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    form = form_of(client.get("/"), "/?")
    first = client.submit(form, **TYPED)
    assert first.status_code == 303
    same = client.submit(form, **(TYPED | {"phone": "+91 9876500009"}))
    assert same.location == first.location, "the same number, written in another way"
    for changed in (
        {"phone": "98765 00010"},
        {"note": "After six"},
        {"may_leave_voicemail": "yes"},
    ):
        again = client.submit(form, **(TYPED | changed))
        assert again.status_code == 422
        assert "You have already sent this form" in again.text
        assert first.location in again.text
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1
    # Whoever means it presses once more, and both are kept.
    again = client.submit(form, **(TYPED | {"phone": "98765 00010"}))
    other = client.submit(form_of(again, "/?"))
    assert other.status_code == 303
    assert other.location != first.location
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 2
