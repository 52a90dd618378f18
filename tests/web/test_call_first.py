"""What somebody told us is not forgotten: the first link of every later page is a number to call
now, for danger, suicide and violence."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from helpline.callbacks import service as callbacks
from helpline.domain.intake_answers import About, Answers, Danger, ForWhom
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client, forms_of
from tests.web.page import Page

OPEN, CLOSED = "2026-11-23 11:00", "2026-11-23 20:30"
ASK = "/?region"
COMBINATIONS = list(
    itertools.product([None, *Danger], [None, *About], [None, *ForWhom], [OPEN, CLOSED])
)

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def first_link(html: str) -> str:
    """Where the first link of the main part of a page leads."""
    page = Page(html)
    main = page.the("main")
    return next(each.attrs["href"] for each in page.all("a") if each.inside(main))


def is_urgent(danger: Danger | None, about: About | None) -> bool:
    """Whether somebody who answers so should not wait for us."""
    return danger in (Danger.YES, Danger.UNSURE) or about in (About.SUICIDE, About.VIOLENCE)


def expected(danger: Danger | None, about: About | None) -> str:
    """The number that comes first in India."""
    only_suicide = about == About.SUICIDE and danger not in (Danger.YES, Danger.UNSURE)
    return "tel:14416" if only_suicide else "tel:112"


def test_the_first_link_is_the_number_to_call_for_every_combination(
    app: Flask, client: Client, at: Clock
) -> None:
    for count, (danger, about, for_whom, wall) in enumerate(COMBINATIONS):
        at(wall)
        told = {"danger": danger or "", "about": about or "", "for_whom": for_whom or ""}
        case = f"{told} at {wall}"
        phone = f"+9198765{count:05}"
        answer = client.submit(client.get("/"), ASK, phone=phone, consent="yes", **told)
        if danger in (Danger.YES, Danger.UNSURE):
            assert answer.status_code == 200, case
            assert first_link(answer.text) == "tel:112", case
            assert Page(answer.text).all("h1")[0].text == "If life is in danger, call now"
            answer = client.submit(answer, ASK)
        assert answer.status_code == 303, case
        status = client.get(answer.location).text
        if is_urgent(danger, about):
            assert first_link(status) == expected(danger, about), case
            assert "Do not wait for our call." in status, case
        else:
            assert not first_link(status).startswith("tel:"), case
            assert "Do not wait for our call." not in status, case


@pytest.mark.parametrize("about", [About.SUICIDE, About.VIOLENCE])
def test_every_later_page_keeps_the_number_first(
    app: Flask, client: Client, at: Clock, about: About
) -> None:
    at(CLOSED)
    token = factories.link(KAVITA, answers=Answers(about=about))
    number = expected(None, about)
    for path in ("", "/number", "/move"):
        assert first_link(client.get(f"/request/{token}{path}").text) == number, path
    callbacks.cancel(token, now=at.later(minutes=1))
    assert first_link(client.get(f"/request/{token}").text) == number
    client.post(f"/request/{token}/erase")
    erased = client.get(f"/request/{token}").text
    assert first_link(erased) == "tel:112", "what they told is erased: danger is assumed"


def test_a_form_with_a_mistake_keeps_the_number_first(client: Client, at: Clock) -> None:
    at(OPEN)
    told = {"danger": "unsure", "danger_seen": "yes", "phone": "12"}
    answer = client.submit(client.get("/"), ASK, **told)
    assert answer.status_code == 422
    assert first_link(answer.text) == "tel:112"


def test_two_requests_that_look_the_same_are_told_apart(
    app: Flask, client: Client, at: Clock
) -> None:
    """Pages are kept for others in the same state; what was told must not be shared."""
    at(CLOSED)
    told = factories.link(KAVITA, answers=Answers(about=About.SUICIDE))
    silent = factories.link(ARJUN)
    assert first_link(client.get(f"/request/{silent}").text) != "tel:14416"
    assert first_link(client.get(f"/request/{told}").text) == "tel:14416"
    assert first_link(client.get(f"/request/{silent}").text) != "tel:14416"


def test_the_region_they_chose_is_kept_on_later_pages(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSED)
    (form,) = [each for each in forms_of(client.get("/?region=SG")) if each.method == "post"]
    told = {"about": "violence", "phone": "+919876500001", "consent": "yes"}
    answer = client.submit(form, **told)
    status = client.get(answer.location)
    assert first_link(status.text) == "tel:999", "the police of Singapore, not the ambulance"
    assert all("region=SG" in link for link in Page(status.text).links("/request/"))
