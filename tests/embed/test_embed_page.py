"""The panel as a page, in a frame of websites that allow no scripts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from demosite import site as demosite
from tests.browser.screens import Screen, picture
from tests.embed.conftest import Readers, Site, let_in
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def ancestors(client: Client, address: str = "/embed") -> str:
    policy = client.get(address).headers["Content-Security-Policy"]
    return str(policy.split("frame-ancestors ")[1])


def test_only_allowed_websites_may_show_it_and_nothing_else_of_ours(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    assert ancestors(client) == "'none'"
    let_in("https://articles.example")
    let_in("https://clinic.example:8443")
    both = "https://articles.example https://clinic.example:8443"
    assert ancestors(client) == ancestors(client, "/hi/embed") == both
    for elsewhere in ("/", "/crisis", "/start", "/embed/", "/emergency", "/login", "/api/v1/"):
        assert ancestors(client, elsewhere) == "'none'", elsewhere
    answer = client.get("/embed")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_it_says_what_the_panel_says(client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    page = Page(client.get("/embed").text)
    assert "Open now, until 6:00 PM" in page.text
    assert page.links("tel:")[:2] == ["tel:+911140000000", "tel:112"]
    at("2026-11-23 21:00")
    closed = Page(client.get("/hi/embed?region=US").text)
    assert closed.links("tel:")[:2] == ["tel:911", "tel:988"]
    assert "tel:+911140000000" not in closed.links("tel:")


def test_without_a_database_any_website_may_show_the_crisis_numbers(
    client: Client, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-23 12:00")

    def down(*_args: object, **_kwargs: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    for way in ("orm.Session.scalar", "orm.Session.execute", "engine.Connection.execute"):
        monkeypatch.setattr(f"sqlalchemy.{way}", down)
    answer = client.get("/embed?region=US")
    assert (answer.status_code, ancestors(client)) == (503, "*")
    page = Page(answer.text)
    assert page.links("tel:")[:2] == ["tel:911", "tel:988"]
    assert page.all("form") == []


def test_in_a_frame_without_java_script_all_that_it_offers_leaves_the_frame(
    site: Site, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = f'<iframe title="Helpline" width="320" height="480" src="{site.helpline.url}/embed">'
    monkeypatch.setattr(demosite, "policy", lambda _helpline: "")
    monkeypatch.setattr(demosite, "page", lambda _path, _helpline: f"<!doctype html>{frame}")
    for wall in ("12:00", "21:00"):
        site.helpline.at(f"2026-11-23 {wall}")
        page = readers(java_script_enabled=False).page
        page.goto(f"{site.url}/framed")
        panel = page.frame_locator("iframe")
        picture(page, f"embed-page-{wall[:2]}")
        panel.get_by_role("link", name="More about these numbers").click()
        expect(page).to_have_url(f"{site.helpline.url}/crisis?region=IN")
        page.goto(f"{site.url}/framed")
        panel.get_by_role("button", name="Ask for a call").click()
        expect(page).to_have_url(f"{site.helpline.url}/start")
        expect(page.get_by_label("Your phone number")).to_be_visible()
        assert page.locator("[name=via]").get_attribute("value") == "embed"


def test_it_fits_a_narrow_frame_and_everybody_can_use_it(site: Site, readers: Readers) -> None:
    screen = Screen(readers(width=320).page, site.helpline.url)
    screen.watch()
    for wall in ("12:00", "21:00"):
        site.helpline.at(f"2026-11-23 {wall}")
        for address in ("/embed", "/hi/embed"):
            screen.go(address)
            screen.accessible(f"{address} at {wall}")
            screen.fits(f"{address} at {wall}")
    screen.quiet()
