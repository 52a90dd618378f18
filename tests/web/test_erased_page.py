"""What is erased, what is not, and erasing another request of the same visitor by its link."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import factories
from tests.cast import KAVITA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

CLOSED = "2026-11-23 20:30"
OTHER = "/erase-other"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_while_a_second_request_stands_nobody_is_told_that_all_is_erased(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSED)
    first, second = factories.link(KAVITA), factories.link(KAVITA)
    client.post(f"/request/{first}/erase")
    page = Page(client.get(f"/request/{first}").text)
    assert page.the("h1").text == "This request is erased"
    assert "Everything about you" not in page.text
    assert "We will not call you about this request." in page.text
    assert "We may still call you about those." in page.text
    for kept in (
        "backups",
        "Phone company records",
        "browser history",
        "A code made from",
        "Texts you sent us",
    ):
        assert kept in page.text, kept
    assert factories.by_token(second).phone == KAVITA.phone


def test_the_other_request_is_erased_by_its_link(app: Flask, client: Client, at: Clock) -> None:
    at(CLOSED)
    first, second = factories.link(KAVITA), factories.link(KAVITA)
    client.post(f"/request/{first}/erase")
    page = client.get(f"/request/{first}")
    for wrong in ("", "hello", f"{second}x", f"https://helpline.example/request/{'x' * 22}"):
        answer = client.submit(page, OTHER, link=wrong)
        assert answer.status_code == 422, wrong
        assert "We cannot find a request with this link." in answer.text
        assert Page(answer.text).the("input", id="link").attrs["value"] == wrong
    typed = f" https://helpline.example/hi/request/{second}?region=IN "
    answer = client.submit(page, OTHER, link=typed)
    assert (answer.status_code, answer.location) == (303, f"/request/{second}")
    assert factories.by_token(second).erased_at is not None


def test_a_request_that_is_not_erased_erases_no_other(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSED)
    first, second = factories.link(KAVITA), factories.link(KAVITA)
    assert client.post(f"/request/{first}/erase-other", data={"link": second}).status_code == 303
    assert factories.by_token(second).erased_at is None


def test_links_cannot_be_tried_for_ever(app: Flask, client: Client, at: Clock) -> None:
    at(CLOSED)
    first = factories.link(KAVITA)
    client.post(f"/request/{first}/erase")
    page = client.get(f"/request/{first}")
    statuses = [client.submit(page, OTHER, link=f"{n:022}").status_code for n in range(65)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
