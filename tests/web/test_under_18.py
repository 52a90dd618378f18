"""Somebody under 18 finds a number for them, and what we may have to pass on."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.mark.parametrize("address", ["/", "/crisis"])
@pytest.mark.parametrize("wall", ["2026-11-23 11:00", "2026-11-23 20:30"])
def test_the_child_line_comes_first_for_somebody_under_18(
    app: Flask, client: Client, at: Clock, address: str, wall: str
) -> None:
    at(wall)
    page = Page(client.get(address).text)
    part = page.the("section", cls="under-18")
    links = [each.attrs["href"] for each in page.all("a") if each.inside(part)]
    assert links[0] == "tel:1098"
    assert "You can call without your parents knowing." in part.text
    assert "we may have to get help" in part.text
    hindi = Page(client.get(f"/hi{address}").text).the("section", cls="under-18")
    assert "चाइल्ड हेल्पलाइन." not in hindi.text, "Hindi ends no sentence with a full stop"


def test_where_we_know_no_child_line_none_is_named(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    part = Page(client.get("/crisis?region=FR").text).the("section", cls="under-18")
    assert "1098" not in part.text
