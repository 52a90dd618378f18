"""The visitor's pages in Chromium: light on a slow network, by keyboard, in both sizes, and left
in a hurry. tests/browser/test_story_in_browser.py has the story around them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from helpline.directory.crisis import quick_exit
from helpline.factory import create_app
from tests.browser.screens import Screen, new_context, picture
from tests.browser.website import Website, website
from tests.support.database import SqliteDatabases
from tests.support.settings import settings_for_tests

OPEN, CLOSED = "2026-11-23 11:00", "2026-11-23 20:00"
NARROW, WIDE = (320, 640), (1280, 800)
FIRST_PAGE_BYTES, LATER_PAGE_BYTES = 30_000, 15_000
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
PHONE = "098765-00001"


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Website]:
    """The visitors' website, without a worker and without phones."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    url = sqlite_databases.fresh()
    app = create_app(settings_for_tests(tmp_path_factory.mktemp("website"), url))
    with website(app) as opened:
        yield opened
    sqlite_databases.drop(url)


@pytest.fixture(scope="module")
def neutral_site(site: Website) -> Iterator[str]:
    """Where the way out leads."""
    app = Flask("neutral")
    app.add_url_rule("/", view_func=lambda: "<title>Weather</title><h1>Sunny</h1>")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    published = quick_exit.published_path(
        site.app.extensions["helpline"].settings.published_crisis_file
    )
    quick_exit.publish(published, quick_exit.Safety(address))
    yield address
    published.unlink()
    server.shutdown()


def unfold(page: Page) -> None:
    """Opens all that is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def choose(page: Page, name: str, value: str) -> None:
    """Chooses an answer."""
    page.locator(f"input[name={name}][value={value}]").check()


def send(page: Page) -> None:
    """Presses the one button of the form."""
    page.get_by_role("button", name="Ask for a call").click()


class Weight:
    """What came over the wire, counted by the browser."""

    def __init__(self, page: Page) -> None:
        self.requests: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Network.enable")
        self.cdp.on("Network.requestWillBeSent", self._asked)
        self.cdp.on("Network.loadingFinished", self._came)
        self.cdp.send("Network.emulateNetworkConditions", SLOW_3G)

    def _asked(self, told: dict[str, Any]) -> None:
        self.requests[told["requestId"]] = told["request"]["url"]

    def _came(self, told: dict[str, Any]) -> None:
        self.bytes[told["requestId"]] = told["encodedDataLength"]

    def since(self) -> tuple[float, list[str]]:
        """The bytes, and the addresses asked for, since it was asked last."""
        total, asked = sum(self.bytes.values()), list(self.requests.values())
        self.requests.clear()
        self.bytes.clear()
        return total, [address for address in asked if not address.startswith("data:")]


def test_pages_are_light_on_a_slow_network(browser: Browser, site: Website) -> None:
    site.at(OPEN)
    page = new_context(browser, *NARROW).new_page()
    weight = Weight(page)
    weights: dict[str, float] = {}
    asked: list[str] = []

    def loaded(name: str) -> None:
        page.wait_for_load_state("networkidle")
        weights[name], addresses = weight.since()
        asked.extend(addresses)

    page.goto(site.url + "/")
    loaded("first")
    assert len(asked) == 2, "the page and its script"
    for path in ("/crisis", "/exit-help", "/nowhere", "/emergency", "/find", "/"):
        page.goto(site.url + path)
        loaded(path)
    page.get_by_label("Your phone number").fill("98")
    send(page)
    expect(page.locator("#error-summary")).to_be_visible()
    loaded("sent back")
    page.get_by_label("Your phone number").fill(PHONE)
    page.get_by_label("Yes, keep this number and call it").check()
    page.locator(".chip input:enabled").nth(3).check(force=True)
    send(page)
    expect(page.locator("h1")).to_contain_text("We will call you today at about")
    loaded("status")
    page.get_by_role("link", name="Choose another time").click()
    loaded("move")
    page.get_by_role("button", name="Change the time").click()
    expect(page.locator("h1")).to_contain_text("We will")
    loaded("moved")
    page.get_by_text("Erase this request").click()
    page.get_by_role("button", name="Yes, erase it now").click()
    expect(page.locator("h1")).to_have_text("This request is erased")
    loaded("erased")
    site.at(CLOSED)
    for path in ("/", "/hi/"):
        page.goto(site.url + path)
        loaded(f"{path} closed")
    assert page.context.cookies() == []
    page.context.close()
    assert all(address.startswith(site.url) for address in asked), "no other site is asked"
    for name, came in weights.items():
        most = FIRST_PAGE_BYTES if name == "first" else LATER_PAGE_BYTES
        most += 500 * name.startswith("/hi/")  # Devanagari takes three bytes a letter.
        assert 0 < came <= most, f"{name}: {came} bytes"


def test_one_answer_is_enough_for_a_form_that_can_be_used(browser: Browser, site: Website) -> None:
    site.at(OPEN)
    page = new_context(browser, *NARROW).new_page()

    def only_the_page(route: Route) -> None:
        if route.request.resource_type == "document":
            route.continue_()

    page.route("**/*", only_the_page)  # Everything else is never answered.
    page.goto(site.url + "/", wait_until="commit")
    page.get_by_label("Your phone number").fill(PHONE)
    button = page.locator("form.ask .button.is-main")
    assert button.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(10, 87, 79)"
    page.context.close()


def test_every_state_is_accessible_and_fits_in_both_sizes(browser: Browser, site: Website) -> None:
    site.at(OPEN)
    page = new_context(browser, *NARROW).new_page()
    screen = Screen(page, site.url, expected=("status of 422", "status of 404"))
    screen.watch()

    def check(what: str) -> None:
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            screen.fits(f"{what}, {width}")
            screen.accessible(f"{what}, {width}")
            picture(page, f"{what}-{width}")
        page.evaluate("document.documentElement.dir = 'rtl'")
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        screen.fits(f"{what}, read from the right")

    screen.go("/")
    unfold(page)
    choose(page, "danger", "yes")
    choose(page, "about", "substances")
    choose(page, "for_whom", "other")
    assert page.locator(".guide:visible").count() == 1, "of what it is about, nothing else"
    check("all answered")
    page.get_by_role("button", name="What to do now").click()
    expect(page.locator("h1")).to_have_text("If life is in danger, call now")
    check("emergency")
    page.get_by_role("button", name="Back to what I wrote").click()
    expect(page.locator("form.ask")).to_be_visible()
    expect(page.locator("input[name=about][value=substances]")).to_be_checked()
    send(page)
    expect(page.locator("#error-summary")).to_be_focused()
    unfold(page)
    check("sent back")
    page.get_by_label("Your phone number").fill(PHONE)
    page.get_by_label("Yes, keep this number and call it").check()
    page.locator(".chip input:enabled").nth(3).check(force=True)
    send(page)
    expect(page.locator("h1")).to_contain_text("We will call you today at about")
    status = page.url
    unfold(page)
    check("status")
    page.emulate_media(media="print")
    expect(page.locator(".exit")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Check the number").click()
    expect(page.locator(".entered-number")).to_have_text(PHONE)
    check("number")
    page.goto(status + "/move")
    check("move")
    page.goto(status)
    page.get_by_text("Erase this request").click()
    page.get_by_role("button", name="Yes, erase it now").click()
    check("erased")
    for path in ("/crisis", "/exit-help", "/find", "/nowhere"):
        page.goto(site.url + path)
        unfold(page)
        check(path.strip("/"))
    site.at(CLOSED)
    screen.go("/")
    unfold(page)
    check("closed")
    screen.quiet()
    page.context.close()


UNCOVERED = """height => [...document.querySelectorAll(".crisis-side a[href^='tel:']")]
  .slice(0, 2).map(link => {
    const box = link.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const bottom = document.elementFromPoint(box.x + box.width / 2, box.bottom - 2);
    const free = link.contains(top) && link.contains(bottom) && box.bottom <= height;
    return free && link.getAttribute("href");
  })"""
"""The addresses of the first two numbers, false for one that is covered or too far down."""
FOCUSED = """() => [...document.querySelectorAll("main a, main input, main select, main summary")]
  .filter(each => each.offsetParent && !each.matches("[type=hidden], .extra *"))
  .filter(each => {
    window.scrollTo(0, 0);
    each.focus();
    const box = each.getBoundingClientRect();
    const exit = document.querySelector(".exit").getBoundingClientRect();
    return box.bottom > exit.top + 1 && box.top < exit.bottom && box.right > exit.left;
  }).map(each => each.outerHTML.slice(0, 120))"""


def first_two_numbers_are_uncovered(page: Page, height: int) -> bool:
    return page.evaluate(UNCOVERED, height) == ["tel:112", "tel:14416"]


def nothing_focused_lies_under_exit(page: Page) -> bool:
    assert page.evaluate(FOCUSED) == []
    return True


def test_outside_hours_the_crisis_numbers_come_first(browser: Browser, site: Website) -> None:
    site.at(CLOSED)
    page = new_context(browser, *NARROW).new_page()
    screen = Screen(page, site.url)
    screen.watch()
    screen.go("/")
    expect(page.locator("h1")).to_contain_text("Closed now. We open tomorrow")
    screen.fits("the closed page")
    for address in ("/", "/hi/"):
        screen.go(address)
        for width, height in ((320, 640), (360, 740), (768, 900), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            assert first_two_numbers_are_uncovered(page, 640), (address, width)
        page.set_viewport_size({"width": 320, "height": 640})
        assert nothing_focused_lies_under_exit(page), address
    screen.quiet()
    page.context.close()


# Of a text area the browser scrolls only the caret into view: its first line has to be seen, which
# is more than WCAG 2.2, 2.4.11 asks for. Everything else is seen whole.
_WHERE = """() => {
  const one = document.activeElement;
  const exit = document.querySelector(".exit");
  const [a, b] = [one, exit].map((each) => each.getBoundingClientRect());
  const apart = a.bottom <= b.top || a.top >= b.bottom || a.right <= b.left || a.left >= b.right;
  const seen = apart || (one.matches("textarea") && a.top + 44 <= b.top);
  return { id: one.id, words: one.innerText, name: one.name, value: one.value,
           hidden: one !== exit && !one.matches(".skip") && !seen,
           away: a.bottom <= 0 || a.top >= innerHeight };
}"""


def test_by_keyboard_alone_and_no_focus_is_ever_hidden(browser: Browser, site: Website) -> None:
    site.at(OPEN)
    page = new_context(browser, *NARROW).new_page()
    page.goto(site.url + "/")
    stops: list[dict[str, Any]] = []

    def tab(until: str) -> None:
        for _ in range(90):
            page.keyboard.press("Tab")
            stops.append(page.evaluate(_WHERE))
            here = stops[-1]
            assert not here["hidden"] and not here["away"], f"hidden: {here}"
            if until in (here["id"], (here["words"] or "").strip()):
                return
        raise AssertionError(f"no way to {until}: {[(s['id'], s['words']) for s in stops]}")

    tab("Exit this page")
    assert len(stops) == 2, "it is the second stop"
    tab("phone")
    page.keyboard.type(PHONE)
    tab("Three short questions, if you like")
    page.keyboard.press("Enter")
    tab("Name, safe call and note (all optional)")
    page.keyboard.press("Enter")
    tab("consent")
    page.keyboard.press("Space")
    tab("Ask for a call")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("We have your request")
    stops.clear()
    tab("Cancel this request")
    page.keyboard.press("Enter")
    tab("Yes, cancel my request")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your request is cancelled")
    for height in page.locator(".exit").evaluate_all("all => all.map(one => one.offsetHeight)"):
        assert height >= 44
    page.context.close()


_SAYS_WHEN_BLANK = """() => new MutationObserver(() => {
  if (!document.documentElement.childNodes.length && document.title === "") console.log("blank");
}).observe(document, { childList: true, subtree: true })"""
"""A page cannot be asked anything while another is on its way; it says so by itself."""


@pytest.fixture
def stalled_exit(site: Website) -> Iterator[Event]:
    """The way out answers only once this is set: the network stalls."""
    answers = Event()

    def wait() -> None:
        if request.path == "/exit":
            answers.wait(20)

    before = site.app.before_request_funcs[None]
    before.insert(0, wait)
    yield answers
    answers.set()
    before.remove(wait)


def test_exit_blanks_the_screen_also_on_a_stalled_network(
    chromium_with_back_cache: Browser, site: Website, neutral_site: str, stalled_exit: Event
) -> None:
    site.at(OPEN)
    page = new_context(chromium_with_back_cache, *NARROW).new_page()
    leaving: list[str] = []
    page.on("request", lambda asked: leaving.append(asked.url))
    page.goto(site.url + "/crisis")
    page.goto(site.url + "/")
    page.clock.install()
    page.get_by_label("Your phone number").fill(PHONE)
    unfold(page)
    choose(page, "about", "violence")

    # Shift held for capitals never counts, and gaps of over five seconds start again.
    page.get_by_label("Anything the advisor should know").press_sequentially("ABC DEF")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    expect(page.locator(".exit-note")).to_have_text("Press Shift once more to exit this page.")
    page.clock.run_for(5_100)
    expect(page.locator(".exit-note")).to_be_empty()
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift+X")
    page.keyboard.press("Shift")
    assert site.url + "/exit" not in leaving
    leaving.clear()

    page.evaluate(_SAYS_WHEN_BLANK)
    page.keyboard.press("Shift")
    with page.expect_console_message(lambda said: said.text == "blank"):
        page.keyboard.press("Shift")
    assert not stalled_exit.is_set(), "before anything is answered"
    assert leaving == [site.url + "/exit"]
    stalled_exit.set()
    page.wait_for_url(neutral_site)
    page.context.close()


def test_a_page_that_the_browser_keeps_in_memory_holds_nothing_that_was_typed(
    browser: Browser, site: Website, neutral_site: str
) -> None:
    site.at(OPEN)
    page = new_context(browser, *NARROW).new_page()
    page.goto(site.url + "/")
    page.get_by_label("Your phone number").fill(PHONE)
    unfold(page)
    choose(page, "about", "violence")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert page.locator("#phone").input_value() == ""
    assert page.locator("form.ask :checked:not(option)").count() == 0
    with page.expect_response(site.url + "/"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.wait_for_function("history.state === null")
    page.locator("a.exit").click()
    page.wait_for_url(neutral_site)
    page.context.close()


def test_without_javascript_all_is_a_link_or_a_form(
    chromium_with_back_cache: Browser, site: Website, neutral_site: str
) -> None:
    site.at(OPEN)
    page = new_context(chromium_with_back_cache, *NARROW, java_script_enabled=False).new_page()
    page.goto(site.url + "/")
    page.get_by_label("Your phone number").fill(PHONE)
    page.locator("details.quiet > summary").click()
    expect(page.locator(".danger-now")).to_be_hidden()
    choose(page, "danger", "yes")
    expect(page.locator(".danger-now a[href='tel:112']")).to_be_visible()
    send(page)
    expect(page.locator("h1")).to_have_text("If life is in danger, call now")
    page.get_by_role("button", name="Back to what I wrote").click()
    assert page.get_by_label("Your phone number").input_value() == PHONE
    assert PHONE not in page.url
    choose(page, "for_whom", "other")
    choose(page, "whose_phone", "theirs")
    choose(page, "person_knows", "yes")
    page.get_by_label("Yes, keep this number and call it").check()
    send(page)
    expect(page.locator("h1")).to_have_text("We have your request")
    page.goto(site.url + "/")
    page.get_by_label("Your phone number").fill(PHONE)
    page.locator("a.exit").click()
    page.wait_for_url(neutral_site)
    page.go_back(wait_until="commit")
    assert page.get_by_label("Your phone number").input_value() == ""
    assert page.context.cookies() == [] or page.context.cookies()[0]["name"] == "left"
    page.context.close()
