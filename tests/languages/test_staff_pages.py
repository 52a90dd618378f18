"""Staff pages are in the language of the account that reads them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories
from tests.cast import ASHA, KAVITA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

OPEN = "2026-11-23 12:00"


def language_of(page: str) -> str:
    return Page(page).the("html").attrs["lang"]


def test_each_person_chooses_the_language_of_their_pages(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    factories.link(KAVITA)
    colleague = new_client()
    for browser, member in ((client, ASHA), (colleague, RAVI)):
        factories.staff(member)
        browser.sign_in(member)
    english = client.get("/desk/queue")
    saved = client.submit(client.get("/you"), "/you/language", language="hi")
    account = client.get(saved.location).text
    assert language_of(account) == "hi"
    assert "भाषा सेव हो गई।" in account
    desk = client.get("/desk/").text
    assert language_of(desk) == "hi"
    assert "अगला कॉलबैक लें" in desk and "Claim next callback" not in desk
    assert language_of(colleague.get("/desk/").text) == "en"

    hindi = client.get("/desk/queue", headers={"If-None-Match": english.headers["ETag"]})
    assert hindi.status_code == 200, "what is on the screen is in another language"
    assert colleague.get("/desk/queue").text == english.text, "a cached fragment is not shared"
    client.submit(client.get("/you"), "/you/language", language="en")
    assert language_of(client.get("/desk/").text) == "en"


def test_a_language_without_staff_pages_is_refused(client: Client, at: Clock) -> None:
    at(OPEN)
    factories.staff(ASHA)
    client.sign_in(ASHA)
    refused = client.submit(client.get("/you"), "/you/language", language="fr")
    assert refused.status_code == 422
    assert "Choose one of the languages in the list." in refused.text


@pytest.mark.parametrize(
    ("accepted", "language"), [("hi-IN,hi;q=0.9,en;q=0.8", "hi"), ("fr,en;q=0.5", "en"), ("", "en")]
)
def test_before_sign_in_the_browser_chooses(
    client: Client, at: Clock, accepted: str, language: str
) -> None:
    at(OPEN)
    assert language_of(client.get("/login", headers={"Accept-Language": accepted}).text) == language
    wrong = client.get("/login", headers={"Accept-Language": accepted})
    assert ("साइन इन" in wrong.text) == (language == "hi")
