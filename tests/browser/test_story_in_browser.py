"""The whole story in Chromium: the visitor's page, the advisor's desk, the simulated phones."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.screens import Screen, new_context, picture
from tests.cast import ASHA, MEERA, RAVI, Member
from tests.journeys.live_services import House
from tests.journeys.people import Visitor, a_new_number

NARROW = (320, 640)
A_MOMENT_MS = 60_000


@pytest.fixture
def screens(browser: Browser, house: House) -> Iterator[list[Screen]]:
    """Every screen of a test; at the end none of their consoles has complained."""
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.quiet()
        screen.page.context.close()


def screen_of(
    screens: list[Screen], browser: Browser, address: str, width: int = 1280, height: int = 800
) -> Screen:
    """Another window, with cookies of its own."""
    page = new_context(browser, width, height).new_page()
    page.set_default_timeout(A_MOMENT_MS)
    screen = Screen(page, address)
    screen.watch()
    screens.append(screen)
    return screen


def sign_in(screen: Screen, member: Member) -> None:
    """Through the door, by typing."""
    screen.go("/login")
    screen.page.get_by_label("Email").fill(member.email)
    screen.page.get_by_label("Password").fill(member.password)
    screen.page.get_by_role("button", name="Sign in").click()
    expect(screen.page).to_have_url(re.compile(r"/(desk|admin)/$"))


def ask(page: Page, phone: str, name: str, note: str = "") -> None:
    """Fills the request in and sends it."""
    page.get_by_label("Your phone number").fill(phone)
    page.locator("details.fold > summary").nth(1).click()
    page.get_by_label("Name we should ask for").fill(name)
    page.get_by_label("Anything the advisor should know").fill(note)
    page.get_by_label("Yes, keep this number and call it").check()
    page.get_by_role("button", name="Ask for a call").click()
    expect(page).to_have_url(re.compile(r"/request/[\w-]{22}$"))


def button(page: Page, number: str, words: str) -> None:
    """Presses a button of a simulated phone."""
    phone = page.locator(f"#phone-{number.removeprefix('+')}")
    phone.get_by_role("button", name=words, exact=True).click()


def state(page: Page, number: str, words: str) -> None:
    """Waits until a simulated phone says this."""
    shown = page.locator(f"#phone-{number.removeprefix('+')} .state b")
    expect(shown).to_have_text(words, timeout=A_MOMENT_MS)


def test_the_story_is_played_by_clicking(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    visitor = screen_of(screens, browser, house.url)
    desk = screen_of(screens, browser, house.url)
    phones = screen_of(screens, browser, house.phones.url)
    asha, number = str(ASHA.phone), "+919876543210"

    sign_in(desk, ASHA)
    desk.accessible("the desk, empty")
    picture(desk.page, "desk-empty")
    expect(desk.page.locator("#queue")).to_contain_text("No one is waiting")
    marker = "window.stayed = true"
    desk.page.evaluate(marker)

    visitor.go("/")
    visitor.accessible("the visitor's page, open")
    picture(visitor.page, "visitor")
    ask(visitor.page, number, "Kavita", "Please ring me in the kitchen, not at work.")
    expect(visitor.page.locator("h1")).to_have_text("We will call you as soon as we can")
    visitor.accessible("the status page")
    picture(visitor.page, "status")

    # The desk sees it by itself, and takes it with a key.
    expect(desk.page.locator("#queue")).to_contain_text("1 waiting", timeout=A_MOMENT_MS)
    assert desk.page.evaluate("window.stayed"), "the desk was not loaded again"
    expect(desk.page.locator("#take-next")).to_be_enabled()
    desk.page.keyboard.press("n")
    expect(desk.page.locator("#hand")).to_contain_text("Kavita")
    others = [Visitor(house), Visitor(house)]
    for other in others:
        other.ask(language="hi")
    expect(desk.page.locator("#queue .row")).to_have_count(2, timeout=A_MOMENT_MS)
    desk.accessible("the desk, with a callback in hand")
    picture(desk.page, "desk")
    for other in others:
        other.submit(other.get(other.address), "/cancel")
    desk.page.keyboard.press("e")
    expect(desk.page.locator("#emergency .checklist")).to_be_visible()
    desk.accessible("the desk, the emergency card open")
    desk.page.locator("#emergency summary").click()
    desk.page.locator("#hand").click()
    desk.page.keyboard.press("c")

    phones.page.goto(house.phones.url)
    state(phones.page, asha, "Ringing")
    phones.accessible("the phones, one ringing")
    picture(phones.page, "phones")
    live = desk.page.locator("#live")
    # The phone may ring before the desk is back from asking for it.
    expect(live).to_contain_text("Your phone is", timeout=A_MOMENT_MS)
    desk.page.wait_for_load_state()
    desk.page.evaluate(marker)
    button(phones.page, asha, "Answer")
    state(phones.page, asha, "On a call")
    asked = phones.page.locator(f"#phone-{asha.removeprefix('+')} .keys.is-expected")
    expect(asked).to_be_visible(timeout=A_MOMENT_MS)
    button(phones.page, asha, "Press 1")
    state(phones.page, number, "Ringing")
    button(phones.page, number, "Answer")
    expect(live).to_contain_text("You are connected.", timeout=A_MOMENT_MS)
    desk.accessible("the desk, talking")

    # Notes typed during the call are still there when the call is over.
    notes = desk.page.get_by_label("Notes (the next advisor will see them)")
    notes.fill("Sleeps badly. Nobody")
    notes.press("End")
    notes.press_sequentially(" nec1c")
    visitor.page.reload()
    expect(visitor.page.locator("h1")).to_have_text("You are on a call with us")
    button(phones.page, number, "Hang up")
    expect(live).to_contain_text("The call was answered and has ended.", timeout=A_MOMENT_MS)
    expect(desk.page.get_by_role("button", name="Get more time")).to_be_visible()
    expect(notes).to_have_value("Sleeps badly. Nobody nec1c")
    expect(notes).to_be_focused()
    assert desk.page.evaluate("window.stayed"), "the desk was not loaded again"
    desk.accessible("the desk, wrap-up")
    picture(desk.page, "desk-wrap-up")
    notes.blur()
    desk.page.keyboard.press("2")
    expect(desk.page.locator("#disposition-no-answer")).to_be_checked()
    desk.page.keyboard.press("1")
    expect(desk.page.locator("#disposition-reached")).to_be_checked()
    desk.page.get_by_role("button", name="Save outcome Ctrl+S").click()
    expect(desk.page.locator(".message")).to_contain_text("Saved.")
    visitor.page.reload()
    expect(visitor.page.locator("h1")).to_have_text("We spoke with you")
    visitor.accessible("the status page, reached")
    assert house.phones.rings(number) == 1
    phones.accessible("the phones, after a call")


def test_keys_do_nothing_while_somebody_types_and_can_be_turned_off(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    desk = screen_of(screens, browser, house.url)
    visitor = screen_of(screens, browser, house.url)
    sign_in(desk, RAVI)
    visitor.go("/")
    ask(visitor.page, a_new_number(), "Arjun")
    expect(desk.page.locator("#queue .row")).to_have_count(1, timeout=A_MOMENT_MS)
    for chord in ("Control+n", "Alt+n", "Meta+n"):
        desk.page.keyboard.press(chord)
    desk.page.evaluate("document.body.append(document.createElement('textarea'))")
    desk.page.locator("body > textarea").focus()
    desk.page.keyboard.type("nc1")
    assert desk.page.locator("body > textarea").input_value() == "nc1"
    expect(desk.page.locator("#hand")).to_contain_text("No current callback")
    desk.page.locator("body > textarea").evaluate("one => one.remove()")
    desk.page.keyboard.press("?")
    desk.page.get_by_role("link", name="Change shortcuts").click()
    desk.accessible("the shortcuts")
    single_keys = desk.page.get_by_label("Use single-key shortcuts")
    single_keys.uncheck()
    desk.page.get_by_role("button", name="Save shortcuts").click()
    desk.page.keyboard.press("n")
    expect(desk.page.locator("#hand")).to_contain_text("No current callback")
    desk.go("/desk/shortcuts")
    single_keys.check()
    desk.page.get_by_role("button", name="Save shortcuts").click()
    expect(desk.page.locator(".message")).to_contain_text("saved")
    expect(desk.page.locator("#take-next")).to_be_enabled()
    desk.page.keyboard.press("n")
    expect(desk.page.locator("#hand")).to_contain_text("Arjun")
    desk.page.get_by_role("button", name="Release to the queue").click()
    visitor.page.get_by_text("Cancel this request").click()
    visitor.page.get_by_role("button", name="Yes, cancel my request").click()
    expect(visitor.page.locator("h1")).to_have_text("Your request is cancelled")
    visitor.accessible("the status page, cancelled")


def test_a_form_that_is_sent_back_leads_to_what_was_wrong(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    visitor = screen_of(screens, browser, house.url)
    visitor.expected = ("status of 422",)
    visitor.go("/")
    visitor.page.get_by_label("Your phone number").fill("98")
    visitor.page.get_by_role("button", name="Ask for a call").click()
    expect(visitor.page.locator("#error-summary")).to_be_focused()
    visitor.page.locator("#error-summary a").first.click()
    expect(visitor.page.get_by_label("Your phone number")).to_be_focused()
    expect(visitor.page.get_by_label("Your phone number")).to_have_value("98")
    picture(visitor.page, "visitor-error")


def test_the_way_out_is_quick_and_leaves_a_blank_screen(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    visitor = screen_of(screens, browser, house.url)
    away: list[str] = []

    def elsewhere(route: Route) -> None:
        # A browser's own step from a redirect to its target cannot be routed.
        away.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(body="<h1>Away</h1>")

    visitor.page.route("**/exit", elsewhere)
    visitor.go("/")
    visitor.page.get_by_label("Your phone number").fill("98765 00001")
    visitor.page.locator("h1").first.click()
    for _ in range(3):
        visitor.page.keyboard.press("Shift")
    expect(visitor.page.locator("h1")).to_have_text("Away")
    assert away == ["https://www.wikipedia.org/"]


def test_the_admins_rooms_and_the_door(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    admin = screen_of(screens, browser, house.url)
    admin.go("/login")
    admin.accessible("the door")
    sign_in(admin, MEERA)
    admin.accessible("the admin's home")
    picture(admin.page, "admin-home")
    for path, name in (("/admin/hours", "hours"), ("/admin/crisis-lines", "crisis-lines")):
        admin.go(path)
        admin.accessible(name)
        picture(admin.page, f"admin-{name}")
    admin.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for path in ("/admin/", "/admin/hours", "/admin/crisis-lines"):
        admin.go(path)
        admin.fits(path)
        admin.accessible(f"{path}, narrow")


def test_the_measures_by_keyboard_on_a_small_phone(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    """What earlier tests did is counted; without any of it the pages say what will be here."""
    admin = screen_of(screens, browser, house.url, *NARROW)
    sign_in(admin, MEERA)
    admin.go("/admin/measures?range=month")
    admin.page.locator("#first").fill("2026-11-01")
    admin.page.locator("#first").press("Enter")
    expect(admin.page).to_have_url(re.compile(r"first=2026-11-01&last=2026-11-\d\d"))
    for tab in ("", "/calls", "/when", "/staffing"):
        admin.go(f"/admin/measures{tab}?range=month")
        admin.fits(f"measures{tab}")
        admin.accessible(f"measures{tab}, narrow")
    admin.page.keyboard.press("Tab")
    if (take_out := admin.page.locator(".download summary").first).count():
        take_out.focus()
        admin.page.keyboard.press("Enter")
        with admin.page.expect_download() as taken:
            admin.page.locator(".download[open] button").first.press("Enter")
        assert taken.value.suggested_filename.startswith("measures-staffing-2026-11-01-")


def test_every_page_fits_a_small_phone(
    browser: Browser, house: House, screens: list[Screen]
) -> None:
    small = screen_of(screens, browser, house.url, *NARROW)
    for path in ("/", "/crisis?region=US", "/login"):
        small.go(path)
        small.fits(path)
        small.accessible(f"{path}, narrow")
    sign_in(small, ASHA)
    small.fits("the desk")
    phones = screen_of(screens, browser, house.phones.url, *NARROW)
    phones.go("/")
    phones.fits("the phones")
    phones.accessible("the phones, narrow")


def test_without_javascript_on_a_small_phone(browser: Browser, house: House) -> None:
    context = new_context(browser, *NARROW, java_script_enabled=False)
    page = context.new_page()
    page.goto(house.url)
    page.get_by_label("Your phone number").fill("98")
    page.get_by_role("button", name="Ask for a call").click()
    assert "This number needs 10 digits" in page.locator("#error-summary").inner_text()
    ask(page, a_new_number(), "Leela", "Tomorrow is fine too.")
    told = ("We will call you as soon as we can", "We have your request")
    assert page.locator("h1").inner_text() in told, "whether or not a desk is open"
    page.get_by_role("link", name="Choose another time").click()
    page.locator(".day-tab").nth(1).click()
    page.locator(".day-times .chip:visible").first.click()
    page.get_by_role("button", name="Change the time").click()
    assert page.locator("h1").inner_text().startswith("We will call you tomorrow at about")
    page.get_by_text("Cancel this request").click()
    page.get_by_role("button", name="Yes, cancel my request").click()
    assert page.locator("h1").inner_text() == "Your request is cancelled"
    context.close()
