"""The visitor's first page: what stands on it, and in which order, at which minute."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from helpline.directory.crisis.emergency import table
from helpline.directory.crisis.published_directory import load
from tests import factories
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

INDIA_ONLY = ("Tele-MANAS", "14416")
AMERICA_ONLY = ("988 Suicide & Crisis Lifeline", "Crisis Text Line")


def page_of(client: Client, address: str = "/") -> Page:
    """The page at an address; it must be there."""
    answer = client.get(address)
    assert answer.status_code == 200
    return Page(answer.text)


def in_order(page: Page, *places: int) -> bool:
    """Whether these stand in this order on the page."""
    return list(places) == sorted(places)


@pytest.mark.parametrize(
    ("wall", "is_open"),
    [
        ("2026-11-23 09:59:59", False),
        ("2026-11-23 10:00:00", True),
        ("2026-11-23 17:59:59", True),
        ("2026-11-23 18:00:00", False),
    ],
)
def test_the_page_turns_at_the_minute(client: Client, at: Clock, wall: str, is_open: bool) -> None:
    at(wall)
    page = page_of(client)
    emergency = page.the("aside", cls="emergency-strip")
    form = page.the_form("/")
    asks = [each for each in page.all("form") if each.attrs.get("method") == "post"]
    assert len(asks) == 1
    assert "Signs of an overdose, or life in danger? Call 112 now" in emergency.text
    assert "tel:112" in page.links("tel:")[0]
    assert form is not None
    advisors = page.all("a", href="tel:+911140000000")
    lines = page.all("a", href="tel:14416")
    assert lines, "the crisis line stands on the page in both"
    if is_open:
        assert in_order(page, emergency.place, advisors[0].place, asks[0].place)
        assert "Open now, until 6:00 PM" in page.text
        assert "We open" not in page.text
        assert "Health Advisor" in page.text
    else:
        assert advisors == []
        assert in_order(page, emergency.place, lines[0].place, asks[0].place)
        today = wall.endswith("09:59:59")
        opens = "today, Monday 23 November" if today else "tomorrow, Tuesday 24 November"
        assert page.all("h1")[0].text == f"Closed now. We open {opens}, at 10:00 AM"
        assert page.all("a", href="#ask-heading")[0].text == "Ask for a call when we open"


def test_it_says_so_when_no_opening_is_planned_at_all(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.opening_hours()
    page = page_of(client)
    assert "no opening hours planned yet" in page.text
    assert "tel:14416" in page.links("tel:")
    assert [each for each in page.all("form") if each.attrs.get("method") == "post"] == []
    answer = client.post("/", data={"phone": "98765 00001", "when": "asap"})
    assert answer.status_code == 422
    assert "no opening hours planned yet" in Page(answer.text).text


@pytest.mark.parametrize("address", ["/", "/crisis"])
def test_another_region_shows_its_own_lines_only(client: Client, at: Clock, address: str) -> None:
    at("2026-11-23 11:00" if address == "/" else "2026-11-23 20:00")
    page = page_of(client, f"{address}?region=us")
    for words in AMERICA_ONLY:
        assert words in page.text
    for words in INDIA_ONLY:
        assert words not in page.text
    assert "Call 911 now" in page.text
    assert "tel:112" not in page.links("tel:")
    assert "/crisis?region=US" in page.links("/crisis") or address == "/crisis"
    assert ("Peru" in [each.text or "".join(each.words) for each in page.all("option")]) == (
        address == "/crisis"
    ), "every country is on the page of crisis numbers; the first page stays light"
    picked = [each for each in page.all("option") if "selected" in each.attrs]
    assert [each.attrs["value"] for each in picked if each.attrs["value"].isupper()] == ["US"]


@pytest.mark.parametrize("wall", ["2026-11-23 11:00", "2026-11-23 20:00"])
def test_a_region_without_a_crisis_line_shows_its_emergency_number_and_where_to_look(
    client: Client, at: Clock, wall: str
) -> None:
    at(wall)
    reachable_from_abroad = {"+919999666555", "+911140000000"}
    for region, emergency in {"PE": "106", "JP": "119", "KW": "112", "FI": "112"}.items():
        page = page_of(client, f"/?region={region}")
        numbers = [each.removeprefix("tel:") for each in page.links("tel:")]
        of_the_table = {number for _, number in table()[region].numbers()}
        assert set(numbers) - reachable_from_abroad == of_the_table
        assert numbers[0] == emergency
        assert "We do not know of a crisis line in this country" in page.text
        assert "https://findahelpline.com" in page.links("https:")
        assert page.links("sms:") == []


def test_hours_nobody_has_confirmed_are_not_called_day_and_night(client: Client, at: Clock) -> None:
    at("2026-11-23 20:00")
    page = page_of(client, "/crisis?region=IN")
    lines = [each.text for each in page.all("li", cls="line")]
    unknown = [text for text in lines if "National de-addiction helpline" in text]
    known = [text for text in lines if "Tele-MANAS" in text]
    assert "Hours not confirmed" in unknown[0]
    assert "24/7" not in unknown[0]
    assert "day and night" not in unknown[0]
    assert "Open day and night" in known[0]


def test_a_region_that_does_not_exist_is_the_deployments_own(client: Client, at: Clock) -> None:
    at("2026-11-23 20:00")
    for region in ("", "XX", "in", "<script>", "IN\x00", "%00", "नेपाल"):
        answer = client.get("/", query_string={"region": region})
        assert answer.status_code == 200
        assert "tel:14416" in Page(answer.text).links("tel:")


def test_every_visitor_page_carries_crisis_numbers_and_the_way_out(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    for address in ("/", "/crisis", "/exit-help", "/request/no-such", "/nowhere"):
        page = Page(client.get(address).text)
        assert {"tel:112", "tel:14416"} <= set(page.links("tel:")), address
        assert "/exit" in page.links("/exit")


def test_exit_leads_away_and_leaves_nothing_behind(client: Client) -> None:
    answer = client.get("/exit")
    assert (answer.status_code, answer.location) == (303, "https://www.wikipedia.org/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_no_visitor_page_sets_a_cookie_or_is_kept_in_a_cache(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for address in ("/", "/crisis", "/exit-help", "/nowhere"):
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("wall", ["2026-11-23 03:00", "2026-11-23 12:00", "2026-11-28 22:00"])
@pytest.mark.parametrize("region", ["IN", "NP", "AE", "QA", "MY", "IT", "PK", "IE", "AU", "JP"])
def test_no_line_without_known_hours_stands_under_a_heading_that_says_now(
    client: Client, at: Clock, wall: str, region: str
) -> None:
    now = at(wall)
    found = load().at(region, now)
    closed = {line.name for line, _ in found.opening_later}
    not_now = closed | {line.name for line in found.hours_unknown}
    for address in ("/", "/crisis", "/emergency", "/nowhere"):
        answer = client.get(address, query_string={"region": region})
        heading = ""
        under: dict[str, set[str]] = {}
        for part in re.findall(r"<h([1-3])[^>]*>(.*?)</h\1>|<b>([^<]+)</b>", answer.text, re.S):
            words = unescape(re.sub(r"<[^>]+>", "", part[1] or part[2])).strip()
            if words in {line.name for line in load().lines(region)}:
                under.setdefault(heading, set()).add(words)
            elif part[1]:
                heading = words
        for words, names in under.items():
            if re.search(r"\bnow\b", words):
                assert not names & not_now, (address, words)
        if address == "/crisis":
            assert set().union(*under.values()) == {line.name for line in load().lines(region)}
        assert "https://findahelpline.com" in Page(answer.text).links("https:"), address
    for line, _ in found.opening_later:
        assert "Opens " in Page(client.get(f"/crisis?region={region}").text).text, line.name


def test_emergency_numbers_never_say_that_their_hours_are_not_confirmed(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 20:00")
    for region in ("JP", "NO", "GQ", "BR"):
        page = page_of(client, f"/crisis?region={region}")
        assert "Hours not confirmed" not in page.text, region
    strip = page_of(client, "/crisis?region=GQ").the("aside", cls="emergency-strip")
    assert "Call 115 now" in strip.text
    assert "or 112" in strip.text
    assert "Ask people near you which number to call." in strip.text


def test_violence_abroad_finds_the_line_of_the_country_or_the_police(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    for region, number in {"US": "+18007997233", "GB": "08082000247", "NO": "112"}.items():
        page = client.get(f"/?region={region}").text
        guide = page.partition('class="guide is-violence"')[2].partition("</div>")[0]
        assert f'href="tel:{number}"' in guide, region


def test_who_takes_drugs_is_never_led_to_the_narcotics_bureau(client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    page = client.get("/").text
    guide = page.partition('class="guide is-substances"')[2].partition("</div>")[0]
    assert 'href="tel:14416"' in guide, "14446 has no known hours: somebody who answers now"
    assert "1933" not in page + client.get("/crisis").text


def test_abroad_what_can_be_reached_from_there_is_shown_and_what_cannot_is_labelled(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 20:00")
    abroad = page_of(client, "/crisis?region=AE")
    assert "Helplines in India that you can reach from abroad" in abroad.text
    assert "tel:+919999666555" in abroad.links("tel:")
    assert "https://wa.me/919999666555" in abroad.links("https:")
    lines = [each.text for each in page_of(client, "/crisis").all("li", cls="line")]
    labelled = [text for text in lines if "Works only inside India" in text]
    assert len(labelled) == 5
    assert not [text for text in labelled if "Vandrevala" in text or "Emergency Response" in text]
