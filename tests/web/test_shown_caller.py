"""A visitor reads, before they ask and on their page, whose number their own phone will show."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline.db import transaction
from helpline.telephony import carrier_routes
from helpline.telephony.carrier_routes import CarrierRoute
from tests import factories
from tests.cast import KAVITA, Visitor
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
LONDON, DELHI, NEW_YORK = "+442079460000", "+911140000001", "+12125550123"
ABROAD = "your phone will show a number from another country: "
UNKNOWN = "your phone may show a number from another country that you do not know."
ABROAD_HI, UNKNOWN_HI = "दूसरे देश का यह नंबर दिखेगा", "दूसरे देश का कोई अनजान नंबर"
REAL = {"twilio_base_url": "https://api.twilio.com", "public_url": "https://a.example"}


def say(client: Client, region: str, phone: str) -> list[str]:
    """What is said before and after somebody with a phone of a region asks."""
    token = factories.link(Visitor("Nobody", phone))
    return [client.get(f"/?region={region}").text, client.get(f"/request/{token}").text]


def route(region: str, number: str) -> None:
    with transaction() as session:
        carrier_routes.save_routes(session, {region: CarrierRoute("twilio", number)})


@pytest.fixture(autouse=True)
def _open(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


@pytest.mark.settings(caller_id=LONDON, allowed_regions="IN,GB")
def test_a_number_of_another_country_is_called_so_in_each_language(client: Client) -> None:
    for page in say(client, "IN", KAVITA.phone):
        assert ABROAD in page
        assert "+44 20 7946 0000" in page
    assert ABROAD_HI in client.get("/hi/").text
    before, after = say(client, "GB", "+447400123456")
    assert "your phone may show <b" in before
    assert "We will call from" in after
    assert ABROAD not in before + after


@pytest.mark.settings(caller_id=LONDON, allowed_regions="IN,GB,US")
def test_the_route_of_a_region_decides_and_a_change_is_told_at_once(client: Client) -> None:
    assert "+44 20 7946 0000" in client.get("/?region=US").text
    route("US", NEW_YORK)
    before, after = say(client, "US", "+12125550199")
    assert ABROAD not in before + after
    assert "+1 212-555-0123" in before
    assert "+1 212-555-0123" in after
    assert "+44 20 7946 0000" in client.get("/?region=IN").text


@pytest.mark.settings(caller_id=DELHI, **REAL)
def test_an_indian_number_is_not_promised_where_the_carrier_cannot_show_one(
    client: Client,
) -> None:
    for page in say(client, "IN", KAVITA.phone):
        assert UNKNOWN in page
        assert "+91 11 4000 0001" not in page
    assert UNKNOWN_HI in client.get("/hi/").text
