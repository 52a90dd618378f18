"""Enter (on a phone: "Go") in any field of any form does the main action of that form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from helpline.web.access import ANYONE, audience_of
from tests import factories
from tests.browser.screens import new_context
from tests.browser.website import Website, website
from tests.cast import KAVITA, MEERA
from tests.support.web import Client

OPEN, CLOSED = "2026-11-23 11:00", "2026-11-23 20:00"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

_PREPARE = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    window.pressed = event.submitter;
  }, true);
  const main = (form) => {
    const all = [...form.elements].filter((one) => one.type === "submit" && one.tabIndex >= 0);
    return all.find((one) => one.matches(".is-main, .is-main-link")) || all[0];
  };
  const meaning = (form, button) => JSON.stringify(
    [button.hasAttribute("formaction") ? button.formAction : form.action,
     button.name, button.value]);
  window.fields = [...document.forms].flatMap((form) => [...form.elements].filter((field) =>
    field.matches("input:not([type=hidden]):not([type=submit]):not([tabindex='-1'])") &&
    field.getClientRects().length && !field.disabled));
  window.check = (field) => {
    const pressed = window.pressed;
    window.pressed = null;
    if (!pressed) return null;
    const wanted = main(field.form);
    const right = meaning(field.form, pressed) === meaning(field.form, wanted);
    const [did, words] = [pressed, wanted].map((one) => one.textContent.trim());
    return right ? "" : `${field.name}: ${did}, not ${words}`;
  };
  return window.fields.length;
}"""
PREVIEWS = ("/admin/hours/", "/admin/hours/exceptions", "/admin/hours")
"""There Enter shows what would come of it; only a button saves the hours of a helpline."""


@pytest.fixture
def site(app: Flask) -> Iterator[Website]:
    """The website, open."""
    with website(app) as opened:
        opened.at(OPEN)
        yield opened


def wrong_on(page: Page) -> list[str]:
    """Which fields of the page do something else, by what they do."""
    wrong = []
    for place in range(page.evaluate(_PREPARE)):
        page.evaluate("place => window.fields[place].focus()", place)
        page.keyboard.press("Enter")
        if said := page.evaluate("place => window.check(window.fields[place])", place):
            wrong.append(said)
    return wrong


def test_enter_in_every_field_of_a_visitor_asks_for_the_call(
    browser: Browser, site: Website
) -> None:
    page = new_context(browser, 390, 800).new_page()
    request = f"/request/{factories.link(KAVITA)}"
    for at, paths in (
        (OPEN, ("/", "/crisis", "/find", request, f"{request}/move")),
        (CLOSED, ("/", "/hi/")),
    ):
        site.at(at)
        for path in paths:
            page.goto(site.url + path)
            assert wrong_on(page) == [], path
    page.goto(site.url + "/")
    page.get_by_label("Your phone number").fill("98")
    page.keyboard.press("Enter")
    page.wait_for_selector("#error-summary")
    assert page.url == site.url + "/?region=IN" or page.url == site.url + "/"
    page.context.close()


def test_enter_in_every_field_of_staff_does_what_the_form_is_for(
    app: Flask, client: Client, browser: Browser, site: Website
) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    session = client.get_cookie("session")
    assert session is not None
    context = new_context(browser)
    context.add_cookies([{"name": "session", "value": session.value, "url": site.url}])
    page = context.new_page()
    seen = 0
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        if ANYONE in audience_of(rule.endpoint) or not rule.rule.startswith(
            ("/admin", "/floor", "/you")
        ):
            continue
        answer = client.get(rule.rule)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        page.goto(site.url + rule.rule)
        seen += 1
        wrong = wrong_on(page)
        assert rule.rule in PREVIEWS or wrong == [], f"{rule.rule}: {wrong}"
    assert seen > 10
    context.close()
