"""The language of a page stands in its address: no cookie, and every link keeps it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from helpline.web.access import ANYONE, allow
from tests import factories
from tests.cast import KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

OPEN = "2026-11-23 12:00"
SITE = "http://127.0.0.1:8000"


def alternates(page: Page) -> dict[str, str]:
    """Where each language of this page is, as search engines are told."""
    found = page.all("link", rel="alternate")
    return {each.attrs["hreflang"]: each.attrs["href"] for each in found}


def switcher(page: Page) -> dict[str, str]:
    """The links to this page in other languages, by language."""
    links = page.the("nav", cls="languages")
    return {each.attrs["lang"]: each.attrs["href"] for each in page.all("a") if each.inside(links)}


@pytest.mark.settings(public_url=SITE)
@pytest.mark.parametrize("path", ["/", "/crisis", "/exit-help", "/nowhere"])
def test_every_page_is_there_in_each_language(client: Client, at: Clock, path: str) -> None:
    at(OPEN)
    for prefix, lang in (("", "en"), ("/en", "en"), ("/hi", "hi")):
        page = Page(client.get(f"{prefix}{path}?region=IN").text)
        html = page.the("html").attrs
        assert (html["lang"], html["dir"]) == (lang, "ltr")
        assert alternates(page) == {
            "en": f"{SITE}/en{path}?region=IN",
            "hi": f"{SITE}/hi{path}?region=IN",
            "x-default": f"{SITE}{path}?region=IN",
        }
        assert switcher(page) == {"en": f"/en{path}?region=IN", "hi": f"/hi{path}?region=IN"}
        assert page.the("a", hreflang="hi").text == "हिन्दी"
        shown = [each.text for each in page.all("a", aria_current="true")]
        assert shown == ["हिन्दी" if lang == "hi" else "English"]


def test_links_and_forms_keep_the_language_without_any_cookie(client: Client, at: Clock) -> None:
    at(OPEN)
    first = client.get("/hi/")
    own = [each for each in Page(first.text).links("/") if not each.startswith("/en/")]
    assert own and all(each.startswith("/hi/") for each in own)
    assert client.get("/hi").location.endswith("/hi/")

    wrong = client.submit(first, action="/hi/?", phone="12")
    assert wrong.status_code == 422
    assert Page(wrong.text).the("html").attrs["lang"] == "hi"
    assert switcher(Page(wrong.text))["en"].startswith("/en/")

    asked = client.submit(first, action="/hi/?", phone=KAVITA.phone, language="en", consent="yes")
    assert asked.status_code == 303
    assert asked.location.startswith("/hi/request/")
    status = Page(client.get(asked.location).text)
    assert status.the("html").attrs["lang"] == "hi"
    english = switcher(status)["en"]
    assert english == asked.location.replace("/hi/", "/en/")
    assert client.get(english).status_code == 200
    assert status.links(asked.location.removesuffix("/"))

    moved = client.submit(client.get(f"{asked.location}/move"), action="move")
    assert moved.location == asked.location
    assert not client._cookies

    token = asked.location.rpartition("/")[2]
    callback = factories.by_token(token)
    assert callback.language == "en", "who reads Hindi may wish to speak English"
    assert callback.text_language == "hi", "texts come in the language of the page"


def test_a_page_without_a_language_leads_to_pages_without_one(client: Client, at: Clock) -> None:
    at(OPEN)
    page = Page(client.get("/").text)
    assert [each for each in page.links("/") if each.startswith(("/en/", "/hi/"))] == [
        "/en/",
        "/hi/",
    ]
    assert "/crisis?region=IN" in page.links("/")


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, 500), (TooManyRequests, 429)])
def test_errors_speak_the_language_of_the_address(
    app: Flask, client: Client, error: type[Exception], status: int
) -> None:
    @allow(ANYONE)
    def fails() -> str:
        raise error

    app.view_functions["visitor.home"] = fails
    page = client.get("/hi/")
    assert page.status_code == status
    assert Page(page.text).the("html").attrs["lang"] == "hi"


def test_what_cannot_be_asked_for_again_leads_to_the_first_page(client: Client) -> None:
    gone = client.post("/hi/request/no-such-link/cancel")
    assert gone.status_code == 404
    assert switcher(Page(gone.text)) == {"en": "/en/", "hi": "/hi/"}
    assert client.post("/hi/crisis").status_code == 405


def test_a_path_that_only_looks_like_a_language_is_not_there(client: Client) -> None:
    for path in ("/fr/", "/hi/hi/", "/hindi/", "/hi/login", "/hi/desk/", "/hi/admin/"):
        page = client.get(path)
        assert page.status_code == 404, path
    assert Page(client.get('/hi/"><script>?"><b>').text).all("b", hreflang="") == []


def test_pages_of_staff_are_in_english_whatever_the_site_speaks(client: Client, at: Clock) -> None:
    at(OPEN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = Page(client.get("/admin/").text)
    assert page.the("html").attrs["lang"] == "en"
    assert page.all("nav", cls="languages") == []


@pytest.mark.settings(site_languages=("hi", "en"))
def test_the_first_language_of_the_site_is_the_one_of_bare_addresses(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    assert Page(client.get("/").text).the("html").attrs["lang"] == "hi"
    assert Page(client.get("/en/").text).the("html").attrs["lang"] == "en"
    assert Page(client.get("/login").text).the("html").attrs["lang"] == "en"
    assert Page(client.get("/nowhere").text).the("h1").text == "यह पेज नहीं मिला"


@pytest.mark.settings(site_languages=("en",))
def test_a_site_of_one_language_offers_no_other(client: Client, at: Clock) -> None:
    at(OPEN)
    page = Page(client.get("/").text)
    assert page.all("nav", cls="languages") == []
    assert alternates(page) == {}
    assert client.get("/hi/").status_code == 404
