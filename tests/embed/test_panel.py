"""The contact panel on somebody else's website, in a real browser."""

from __future__ import annotations

import gzip
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, Route, expect

from demosite import site as demosite
from helpline.callbacks.models import Callback, Channel
from helpline.db import db
from tests.browser.screens import Screen, picture
from tests.embed.conftest import Readers, Site, let_in
from tests.support.newer_than_baseline import removal_script
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

MOST_BYTES = 6 * 1024


def test_open_it_shows_the_number_and_closed_the_crisis_numbers_and_nothing_moves(
    site: Site, readers: Readers
) -> None:
    for width in (320, 1280):
        reader = readers(width=width)
        screen = Screen(reader.page, site.url)
        screen.watch()
        site.helpline.at("2026-11-23 12:00")
        reader.read()
        for words in (
            *("We are here to assist you", "Health Advisor", "+91 11 4000 0000"),
            *("Open now, until 6:00 PM", "available 7 days a week", "Life in danger?"),
        ):
            assert words in reader.panel
        assert reader.page.locator("helpline-panel a.number").get_attribute("href") == (
            "tel:+911140000000"
        )
        screen.accessible(f"the panel, open, {width}")
        screen.fits(f"the article, {width}")
        _nothing_moved(reader.page)
        room = _height(reader.page)
        assert room == 30 * 16
        _pictures(reader.page, f"article-open-{width}")

        # The clock strikes while the tab is away; it is asked again when the tab comes back.
        site.helpline.at("2026-11-23 21:00")
        reader.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(reader.page.locator("helpline-panel section h2")).to_have_text(
            "You can call these numbers now"
        )
        assert "Closed now. We open tomorrow at 10:00 AM" in reader.panel
        tels = reader.page.locator("helpline-panel li a").evaluate_all(
            "all => all.map((one) => one.getAttribute('href'))"
        )
        assert tels[:2] == ["tel:112", "tel:14416"]
        screen.accessible(f"the panel, closed, {width}")
        _nothing_moved(reader.page)
        assert _height(reader.page) == room, "what it shows takes no more room than was kept for it"
        _pictures(reader.page, f"article-closed-{width}")
        screen.quiet()

        # Who comes while it is closed, and looks at the panel as it arrives.
        late = readers(width=width, height=1400).read()
        assert "Closed now" in late.panel
        _nothing_moved(late.page)


def test_it_keeps_its_height_in_a_wide_font_in_both_languages(site: Site, readers: Readers) -> None:
    reader = readers(width=320)
    page = reader.page
    site.helpline.at("2026-11-23 12:00")
    reader.read()
    page.evaluate(
        """() => {
          const { style } = document.querySelector("helpline-panel");
          style.setProperty("font-family", "'DejaVu Sans', Verdana, sans-serif");
          style.setProperty("letter-spacing", ".02em");
        }"""
    )
    for wall, shown in (("12:00", "open"), ("21:00", "closed")):
        site.helpline.at(f"2026-11-23 {wall}")
        for lang in ("en", "hi"):
            page.evaluate("lang => document.querySelector('helpline-panel').lang = lang", lang)
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            page.locator(f"helpline-panel section.{shown}[lang={lang}]").wait_for()
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert _height(page) == 30 * 16, (shown, lang, width)
            picture(page, f"panel-wide-{shown}-{lang}")


def test_in_a_browser_of_2018_it_is_dressed_or_the_link_stays(site: Site, readers: Readers) -> None:
    site.helpline.at("2026-11-23 12:00")
    # Firefox 62 has no elements of one's own; Chrome 64 no sheets that a strict policy lets pass.
    for keep in ((), ("customElements", "CustomElementRegistry", "attachShadow")):
        page = readers(width=320).page
        page.add_init_script(removal_script(*keep))
        page.goto(site.url + "/cocaine-and-mood", wait_until="networkidle")
        expect(page.get_by_role("link", name="Ask for a call")).to_be_visible()
        expect(page.locator("helpline-panel section")).to_have_count(0)
        assert page.evaluate("window.broken") == []

    page = readers(width=320, bypass_csp=True).page
    page.add_init_script(removal_script(*keep))
    page.goto(site.url + "/cocaine-and-mood", wait_until="networkidle")
    assert page.evaluate("!window.AbortController && !document.adoptedStyleSheets")
    number = page.locator("helpline-panel a.number")
    expect(number).to_have_text("+91 11 4000 0000")
    expect(number).to_have_css("background-color", "rgb(15, 107, 98)")
    assert _height(page) == 30 * 16
    _nothing_moved(page)
    picture(page, "panel-2018")
    page = _pressed(page)
    expect(page).to_have_url(re.compile(f"^{site.helpline.url}/en/"))


def test_the_article_is_told_without_standing_in_any_address(
    site: Site, readers: Readers, client: Client
) -> None:
    site.helpline.at("2026-11-23 12:00")
    page = _pressed(readers().read().page)
    expect(page).to_have_url(f"{site.helpline.url}/en/?region=IN")
    assert "cocaine" not in page.evaluate("JSON.stringify([location.href, document.title])")
    page.get_by_label("Your phone number").fill("98765 43210")
    page.get_by_label("Yes, keep this number and call it").check()
    expect(page.locator("#consent-notice")).to_contain_text("which page you came from")
    page.get_by_role("button", name="Ask for a call").click()
    expect(page).to_have_url(re.compile("/request/"))
    asked = _callbacks()[-1]
    assert (asked.channel, asked.source_page) == (Channel.EMBED, "/cocaine-and-mood")
    assert asked.source_title == "Cocaine and mood - Clear Water"
    page.go_back()
    expect(page).to_have_url(f"{site.url}/cocaine-and-mood")

    # They may leave it out.
    page = _pressed(readers().read().page)
    page.get_by_label("Your phone number").fill("98765 43211")
    page.get_by_label("Yes, keep this number and call it").check()
    page.get_by_text("Name, safe call and note").click()
    page.get_by_label("Do not tell the advisor which page I came from").check()
    page.get_by_role("button", name="Ask for a call").click()
    expect(page).to_have_url(re.compile("/request/"))
    asked = _callbacks()[-1]
    assert (asked.channel, asked.source_page, asked.source_title) == (Channel.EMBED, None, None)

    # And it is told only where an admin allows it, though nobody is turned away.
    let_in(site.url, may_tell_page=False)
    for origin in (site.url, "https://elsewhere.example", "null"):
        answer = client.post(
            "/start", data={"page": "/x", "title": "X"}, headers={"Origin": origin}
        )
        assert answer.status_code == 200
        assert 'name="from_page"' not in answer.text
    assert client.get("/start").location == "/"


def test_without_java_script_or_an_answer_the_link_and_the_numbers_stand(
    site: Site, readers: Readers
) -> None:
    site.helpline.at("2026-11-23 12:00")
    plain = readers(java_script_enabled=False).read("/depression").page
    link = plain.get_by_role("link", name="Ask for a call")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == f"{site.helpline.url}/"
    expect(plain.get_by_role("link", name="14416").first).to_be_visible()
    picture(plain, "article-no-script")

    def down(route: Route) -> None:
        route.abort()

    def broken(route: Route) -> None:
        route.fulfill(status=502, body="<html>", content_type="text/html")

    for failure in (down, broken):
        reader = readers(width=320)
        reader.page.route("**/api/v1/availability*", failure)
        reader.read("/depression")
        expect(reader.page.get_by_role("link", name="Ask for a call")).to_be_visible()
        assert "112" in reader.panel
        assert "Tele-MANAS" in reader.panel
        _nothing_moved(reader.page)
    picture(reader.page, "article-api-down")

    reader = readers()
    reader.page.route("**/embed.js", down)
    reader.read("/depression")
    expect(reader.page.get_by_role("link", name="Ask for a call")).to_be_visible()


def test_a_host_that_lets_no_form_lead_to_us_still_has_the_plain_way(
    site: Site, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.helpline.at("2026-11-23 12:00")
    strict = demosite.policy(site.helpline.url).replace(
        f"form-action {site.helpline.url}", "form-action 'none'"
    )
    monkeypatch.setattr(demosite, "policy", lambda _helpline: strict)
    page = _pressed(readers().read().page)
    expect(page).to_have_url(re.compile(f"^{site.helpline.url}/en/"))
    expect(page.get_by_label("Your phone number")).to_be_visible()


def test_in_a_frame_its_button_and_links_leave_the_frame(
    site: Site, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.helpline.at("2026-11-23 21:00")
    _serve(
        monkeypatch,
        framed='<iframe src="/frame" width="400" height="600"></iframe>',
        frame=_with_panel(f'<script src="{site.helpline.url}/embed.js">'),
    )
    page = readers().page
    page.goto(f"{site.url}/framed", wait_until="networkidle")
    panel = page.frame_locator("iframe").locator("helpline-panel")
    assert panel.locator("section a[target=_top]").count() > 3
    assert panel.locator("section a:not([target=_top])").count() == 0
    panel.get_by_role("button").click()
    expect(page).to_have_url(f"{site.helpline.url}/?region=IN")
    expect(page.get_by_label("Your phone number")).to_be_visible()
    assert page.locator("[name=from_page]").count() == 0, "a frame's path is not the article's"


def test_it_asks_again_after_a_failed_answer(site: Site, readers: Readers) -> None:
    site.helpline.at("2026-11-23 12:00")
    for failure in ("down", "restarting"):
        page = readers().page
        page.add_init_script("Math.random = () => 0")
        asked: list[str] = []

        def fail_twice(route: Route, failure: str = failure, asked: list[str] = asked) -> None:
            asked.append(route.request.url)
            if len(asked) > 2:
                route.continue_()
            elif failure == "down":
                route.abort()
            else:
                route.fulfill(status=502, body="<html>", content_type="text/html")

        page.route("**/api/v1/availability*", fail_twice)
        page.goto(f"{site.url}/depression")
        expect(page.locator("helpline-panel a.number")).to_be_visible(timeout=8000)
        assert len(asked) == 3


def test_it_asks_no_more_where_asking_is_in_vain(site: Site, readers: Readers) -> None:
    page = readers().page
    page.clock.install()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("**/api/v1/availability*", refuse)
    page.goto(f"{site.url}/depression", wait_until="networkidle")
    for _minute in range(30):
        page.clock.run_for(60_000)
        page.wait_for_timeout(0)
    assert len(asked) <= 9
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    assert len(asked) >= 3


def test_the_article_told_is_the_one_that_is_read_when_the_button_is_pressed(
    site: Site, readers: Readers
) -> None:
    site.helpline.at("2026-11-23 12:00")
    page = readers().read("/depression").page
    page.evaluate("history.pushState(null, '', '/sleep?reader=7'); document.title = 'Sleep'")
    page = _pressed(page)
    assert page.locator("[name=from_page]").input_value() == "/sleep"
    assert page.locator("[name=from_title]").input_value() == "Sleep"


def test_where_an_optimiser_inlines_the_script_data_home_says_where_the_helpline_is(
    site: Site, readers: Readers, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.helpline.at("2026-11-23 12:00")
    script = f"<script>{client.get('/embed.js').text}"
    for home in ("", f'data-home="{site.helpline.url}"', f'data-home="{site.helpline.url}/"'):
        page = readers().page
        screen = Screen(page, site.url)
        screen.watch()
        _serve(monkeypatch, inlined=_with_panel(script, home))
        page.goto(f"{site.url}/inlined", wait_until="networkidle")
        if home:
            expect(page.locator("helpline-panel a.number")).to_be_visible()
            screen.quiet()
        else:
            expect(page.get_by_role("link", name="Our helpline")).to_be_visible()
            assert "set data-home" in " ".join(screen.messages)


def test_it_speaks_the_language_knows_the_region_and_wears_the_accent_of_its_attributes(
    site: Site, readers: Readers
) -> None:
    site.helpline.at("2026-11-23 12:00")
    reader = readers().read()
    reader.page.evaluate(
        """() => {
          const panel = document.querySelector("helpline-panel");
          panel.setAttribute("accent", "#ffd400");
          panel.setAttribute("region", "us");
          panel.setAttribute("lang", "hi");
        }"""
    )
    expect(reader.page.locator("helpline-panel section")).to_have_attribute("lang", "hi")
    number = reader.page.locator("helpline-panel a.number")
    expect(number).to_have_css("background-color", "rgb(255, 212, 0)")
    expect(number).to_have_css("color", "rgb(0, 0, 0)")
    expect(reader.page.locator("helpline-panel p.danger a")).to_have_attribute("href", "tel:911")
    form = reader.page.locator("helpline-panel form")
    assert form.get_attribute("action") == f"{site.helpline.url}/hi/start?region=US"


def test_the_script_is_light_kept_for_minutes_and_asked_for_by_its_content(
    app: Flask, client: Client
) -> None:
    answer = client.get("/embed.js")
    assert answer.mimetype == "text/javascript"
    assert len(gzip.compress(answer.data, 6)) < MOST_BYTES
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    known = client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304
    assert not re.search(r"innerHTML|eval\(|document\.write|localStorage|cookie", answer.text)
    packed = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < MOST_BYTES


def test_every_article_stands_by_itself(readers: Readers, site: Site) -> None:
    reader = readers(width=320)
    screen = Screen(reader.page, site.url)
    screen.watch()
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    for path in demosite.ARTICLES:
        reader.read(path)
        screen.accessible(path)
        screen.fits(path)
        expect(reader.page.locator("h1")).to_have_count(1)
    assert {url.split("/")[2] for url in asked} == {
        address.removeprefix("http://") for address in (site.url, site.helpline.url)
    }
    screen.quiet()
    assert reader.page.goto(f"{site.url}/nothing").status == 404  # type: ignore[union-attr]


def _pressed(page: Page) -> Page:
    page.locator("helpline-panel form button").click()
    page.wait_for_load_state()
    return page


def _serve(monkeypatch: pytest.MonkeyPatch, **bodies: str) -> None:
    """The host's site has these pages, without a policy."""
    pages = {f"/{name}": body for name, body in bodies.items()}
    head = "<!doctype html><meta charset=utf-8><title>Site</title>"
    monkeypatch.setattr(demosite, "policy", lambda _helpline: "")
    monkeypatch.setattr(demosite, "page", lambda path, _helpline: head + pages[path])


def _with_panel(script: str, attributes: str = "") -> str:
    link = '<a href="https://help.example/">Our helpline</a>'
    return f"{script}</script><helpline-panel topic {attributes}>{link}</helpline-panel>"


def _nothing_moved(page: Page) -> None:
    assert page.evaluate("window.shifted") == 0, page.evaluate("window.moved")
    assert page.evaluate("window.broken") == []


def _height(page: Page) -> float:
    box = page.locator("helpline-panel").bounding_box()
    assert box is not None
    return box["height"]


def _pictures(page: Page, name: str) -> None:
    page.locator("helpline-panel").scroll_into_view_if_needed()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        picture(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


def _callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback).order_by(Callback.id)))
