"""Changing the auth token at the carrier: no request of ours is lost, none of theirs refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline.telephony.port import Rejected
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from tests.phonesim.fixtures import (
    ACCOUNT_SID,
    ADVISOR,
    AUTH_TOKEN,
    HELPLINE,
    Sim,
    client_of,
    start,
    until,
)

NEW_TOKEN = "a-new-token-for-tests"


@pytest.fixture
def sim() -> Iterator[Sim]:
    """An account with two tokens."""
    made = start(secondary_auth_token=NEW_TOKEN)
    yield made
    made.server.stop()


def carrier_of(sim: Sim, first: str, second: str = "") -> TwilioCarrier:
    return TwilioCarrier(
        TwilioAccount(ACCOUNT_SID, first, sim.url, HELPLINE, 5.0, secondary_auth_token=second)
    )


def ring(carrier: TwilioCarrier) -> str:
    address = "http://127.0.0.1:9/"
    return carrier.create_call(
        ADVISOR, answer_url=address, status_url=address, ring_seconds=20, max_seconds=60
    )


def promote(sim: Sim) -> None:
    client = client_of(sim.url)
    client.accounts.base_url = sim.url
    assert client.accounts.v1.auth_token_promotion().update().auth_token == NEW_TOKEN


@pytest.mark.parametrize("order", [(AUTH_TOKEN, NEW_TOKEN), (NEW_TOKEN, AUTH_TOKEN)])
def test_promoting_a_token_loses_no_call(sim: Sim, order: tuple[str, str]) -> None:
    carrier = carrier_of(sim, *order)
    before = ring(carrier)
    promote(sim)
    after = ring(carrier)
    assert len({before, after}) == 2
    assert len(sim.get("/calls")["calls"]) == 2, "each was asked for once"
    assert carrier.fetch_account().status == "active"


def test_a_token_that_was_replaced_is_refused(sim: Sim) -> None:
    promote(sim)
    with pytest.raises(Rejected):
        ring(carrier_of(sim, AUTH_TOKEN))
    assert sim.get("/calls")["calls"] == []


def test_a_recording_is_fetched_with_the_token_that_works(sim: Sim) -> None:
    carrier = carrier_of(sim, AUTH_TOKEN, NEW_TOKEN)
    promote(sim)
    assert carrier.fetch_account().status == "active"
    assert carrier._http.credentials[0] == (ACCOUNT_SID, NEW_TOKEN)


def test_webhooks_are_signed_by_the_token_of_the_moment(sim: Sim) -> None:
    tokens = sim.server.twilio.tokens
    before = tokens.headers("http://localhost/", {})
    promote(sim)
    until(lambda: tokens.headers("http://localhost/", {}) != before, what="another signature")
