"""The hours in Chromium: by keyboard alone, and on a small phone without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import Screen, new_context, picture
from tests.browser.test_story_in_browser import NARROW, sign_in
from tests.cast import MEERA
from tests.journeys.live_services import House, open_house
from tests.support.database import SqliteDatabases


@pytest.fixture(scope="module")
def quiet_house(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The web alone, at 11:00 on a Monday."""
    url = sqlite_databases.fresh()
    with open_house(tmp_path_factory.mktemp("hours-house"), url, web_only=True) as opened:
        yield opened
    sqlite_databases.drop(url)


def tab_to(page: Page, wanted: str) -> None:
    """Presses Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def booked(browser: Browser, house: House) -> Page:
    """Somebody who has booked tomorrow's last time."""
    page = new_context(browser, *NARROW, java_script_enabled=False).new_page()
    page.goto(house.url)
    page.get_by_label("Your phone number").fill("98765 43210")
    page.locator(".day-tab").nth(1).click()
    page.locator(".day-times .chip:visible").last.click()
    page.get_by_label("Yes, keep this number").check()
    page.get_by_role("button", name="Ask for a call").click()
    expect(page.locator("h1")).to_have_text("We will call you tomorrow at about 5:30 PM")
    return page


def test_by_keyboard_the_week_is_set_previewed_and_saved_and_the_house_is_closed_in_two_steps(
    browser: Browser, quiet_house: House
) -> None:
    visitor = booked(browser, quiet_house)
    admin = Screen(new_context(browser, 1280, 800).new_page(), quiet_house.url)
    admin.watch()
    admin.expected = ("status of 409",)
    page, press = admin.page, admin.page.keyboard.press
    sign_in(admin, MEERA)

    admin.go("/admin/hours")
    tab_to(page, "#mon-add")
    press("Enter")
    expect(page.locator("#mon-1-opens")).to_be_focused()
    page.keyboard.type("20:00")
    tab_to(page, "#mon-1-closes")
    page.keyboard.type("02:00")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Open until tomorrow at 2:00 AM.")
    expect(preview.locator("li.is-new")).to_have_count(4)
    expect(page.locator("#mon-1-closes")).to_be_focused()
    admin.accessible("the hours, a draft")
    picture(page, "admin-hours-draft")
    tab_to(page, "#tue-0-closes")
    press("Control+a")
    page.keyboard.type("17:00")
    tab_to(page, "button[value=save]")
    press("Enter")
    expect(page.locator("h1")).to_have_text("Booked calls outside the new hours")
    expect(page.locator(".affected-bookings")).to_contain_text("Wednesday 25 November at 5:30 PM")
    admin.accessible("booked calls in the way")
    picture(page, "admin-hours-in-the-way")
    page.set_viewport_size({"width": 320, "height": 800})
    admin.fits("booked calls in the way, on a small phone")
    picture(page, "admin-hours-in-the-way-320")
    page.set_viewport_size({"width": 1280, "height": 800})
    tab_to(page, "button[value=save]")
    press("Enter")
    expect(page.locator(".message")).to_contain_text("1 booked call was moved.")
    visitor.reload()
    expect(visitor.locator("h1")).to_contain_text("Wednesday 25 November at about 5:30 PM")
    expect(visitor.locator("#standing")).to_contain_text("You asked for tomorrow at 5:30 PM")
    picture(visitor, "visitor-moved-by-us")
    expect(visitor.locator(".timeline")).to_contain_text("We had to change the time")

    admin.go("/admin/")
    press("Tab")
    press("Tab")
    press("Enter")
    expect(page.locator("#until")).to_be_focused()
    admin.accessible("the red switch")
    press("Enter")
    expect(page.locator("h2").first).to_contain_text("Closed until midnight tonight")
    picture(page, "admin-closed-now")
    visitor.goto(quiet_house.url)
    expect(visitor.locator("h1")).to_have_text("Closed now. We open tonight at midnight")
    tab_to(page, "form[action$='open-again'] button")
    press("Enter")
    expect(page.locator(".message")).to_contain_text(
        "The helpline follows its opening hours again."
    )
    admin.quiet()
    for each in (page, visitor):
        each.context.close()


def test_without_javascript_on_a_small_phone_every_editor_works(
    browser: Browser, quiet_house: House
) -> None:
    small = Screen(
        new_context(browser, *NARROW, java_script_enabled=False).new_page(), quiet_house.url
    )
    page = small.page
    sign_in(small, MEERA)
    small.go("/admin/hours")
    page.locator("#sat-add").click()
    page.locator("#sat-1-opens").fill("19:00")
    page.locator("#sat-1-closes").fill("21:00")
    page.locator("#sat summary").click()
    page.locator("#sat").get_by_label("Sunday").check()
    page.get_by_role("button", name="Copy to selected days").locator("visible=true").click()
    assert page.locator("#sun-1-opens").input_value() == "19:00"
    page.get_by_role("button", name="Preview", exact=True).last.click()
    assert "7:00 PM - 9:00 PM" in page.locator("#preview").inner_text()
    page.get_by_role("button", name="Save hours").click()
    assert "Saved." in page.locator(".message").inner_text()
    small.go("/admin/hours/exceptions")
    page.locator("#first").fill("2026-11-26")
    page.get_by_label("Closed all day").check()
    page.get_by_label("English").fill("Diwali")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "Closed on Thursday 26 November: Diwali" in page.locator("main").inner_text()
    for path in ("", "/exceptions", "/exceptions/1", "/holidays", "/exchange", "/closed-now"):
        small.go(f"/admin/hours{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW[0], f"{path} is {width} wide"
        targets = page.locator(
            "main button:not(.visually-hidden):visible, main .tabs a, main select"
        )
        short = targets.evaluate_all(
            "all => all.filter((one) => one.getBoundingClientRect().height < 44)"
            ".map((one) => one.innerText)"
        )
        assert short == []
    small.go("/admin/hours/exchange")
    page.get_by_label("Hours to import").fill("Mo-Su 10:00-18:00; 2026 Dec 25 off")
    page.get_by_role("button", name="Preview import").click()
    page.get_by_role("button", name="Save imported hours").click()
    assert re.search("Saved", page.locator(".message").inner_text())
    page.context.close()
