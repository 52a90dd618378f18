"""The emergency page, and the safety facts as an admin signs them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.directory.crisis import fact_signatures
from helpline.directory.crisis.models import SafetySignature
from helpline.domain.safety_facts import safety_facts
from helpline.i18n.published_overrides import SourceText
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, MEERA
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Element, Page

OPEN = "2026-11-23 11:00"
ASK = "/?region"
UNLOCK = "Unlock the door"

sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def parts(html: str) -> list[Element]:
    """The parts of the emergency page, in order."""
    return [each for each in Page(html).all("details") if each.has_class("fold")]


@sqlite
def test_every_page_leads_to_the_signs_and_what_to_do(client: Client, at: Clock) -> None:
    at(OPEN)
    for address in ("/", "/crisis", "/emergency", "/exit-help", "/nowhere", "/hi/"):
        strip = Page(client.get(address).text).the("aside", cls="emergency-strip")
        html = client.get(address).text.split("</aside>")[0]
        assert strip.text
        assert "/emergency" in html, address
    assert "Signs, and what to do" in client.get("/").text


@sqlite
def test_the_emergency_page_tells_the_signs_and_first_aid(client: Client) -> None:
    told = Page(client.get("/emergency").text).text
    for words in (
        "They cannot be woken",
        "even if they seem well",
        "push hard and fast on the middle of the chest",
        "roll them on their side",
        "naloxone",
        "Do not make them vomit",
        "Stay with them",
        "Keep the pack or the bottle",
        "Go to a hospital at once, even if you feel well",
    ):
        assert words in told, words
    assert "Call 999." in Page(client.get("/emergency?region=GB").text).text


@sqlite
@pytest.mark.parametrize(
    ("told", "first"),
    [
        ({"danger": "yes"}, "overdose"),
        ({"danger": "unsure", "about": "suicide"}, "overdose"),
        ({"danger": "yes", "about": "violence"}, "violence"),
        ({"danger": "yes", "about": "violence", "for_whom": "other"}, "violence"),
        ({"danger": "yes", "for_whom": "other"}, "someone-else"),
    ],
)
def test_what_they_told_us_of_comes_first_and_is_open(
    client: Client, at: Clock, told: dict[str, str], first: str
) -> None:
    at(OPEN)
    answer = client.submit(client.get("/"), ASK, phone="098765-00001", **told)
    found = parts(answer.text)
    assert found[0].id == first
    assert ["open" in each.attrs for each in found] == [True, False, False]
    assert {each.id for each in found} == {"overdose", "violence", "someone-else"}


@sqlite
def test_nobody_in_violence_is_told_to_unlock_the_door(client: Client, at: Clock) -> None:
    at(OPEN)
    told = {"danger": "yes", "about": "violence"}
    answer = client.submit(client.get("/"), ASK, phone="098765-00001", **told)
    violence, *others = parts(answer.text)
    assert UNLOCK not in violence.text
    assert "Lock the door" in violence.text
    assert "leave the line open" in violence.text
    assert [each.id for each in others if UNLOCK in each.text] == ["overdose"]
    main = Page(answer.text).the("main").text
    assert main.count(UNLOCK) == 1, "only where somebody took something or may hurt themselves"


@sqlite
def test_what_is_true_in_one_country_only_is_said_there_only(client: Client) -> None:
    button = "Press the power button three times"
    assert button in client.get("/emergency").text
    assert button not in client.get("/emergency?region=GB").text


def test_an_admin_signs_once_and_it_counts_until_the_words_change(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    count = len(safety_facts())
    assert f"{count} safety facts have not been signed." in client.get("/admin/").text
    page = client.get("/admin/safety-facts")
    assert "Needs sign-off by a clinical lead" in page.text
    form = form_of(page, "/overdose_steps/sign")
    for _ in range(2):
        assert client.submit(form).status_code == 303
    assert "Signed by Meera" in client.get("/admin/safety-facts").text
    assert f"{count - 1} safety facts have not been signed." in client.get("/admin/").text
    deeds = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.subject.like("safety_fact%")))
    assert [(each.deed, each.subject) for each in deeds] == [
        ("safety_fact_signed", "safety_fact:overdose_steps")
    ]


def test_of_words_that_changed_meanwhile_nothing_is_signed(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = form_of(client.get("/admin/safety-facts"), "/overdose_steps/sign")
    answer = client.submit(form, digest="0" * 64)
    assert answer.status_code == 409
    assert "The wording changed after you opened the page." in answer.text
    assert db.session.scalar(sa.select(sa.func.count(SafetySignature.id))) == 0
    assert client.post("/admin/safety-facts/nothing/sign", data=form.fields).status_code == 404


def test_two_admins_who_sign_at_once_make_one_signature(app: Flask, at: Clock) -> None:
    at(OPEN)
    first, second = factories.staff(MEERA).id, factories.staff(ASHA).id
    digest = fact_signatures.text_digest(safety_facts()["helper"], ["en", "hi"])

    def sign(admin_id: int) -> None:
        fact_signatures.sign_fact(
            "helper", digest, languages=["hi", "en"], admin_id=admin_id, now=clock.now()
        )

    assert at_once(app, [lambda: sign(first), lambda: sign(second)]) == [None, None]
    assert db.session.scalar(sa.select(sa.func.count(SafetySignature.id))) == 1


def test_an_admins_own_words_have_to_be_signed_anew(
    monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    from helpline.i18n import published_overrides

    fact = safety_facts()["helper"]
    before = fact_signatures.text_digest(fact, ["en"])
    theirs: dict[str, dict[SourceText, tuple[str, ...]]] = {
        "en": {("", fact.items[0]): ("Ask them.",)}
    }
    monkeypatch.setattr(published_overrides, "current", lambda: theirs)
    monkeypatch.setattr(published_overrides, "version", lambda: "another")
    assert fact_signatures.text_digest(fact, ["en"]) != before
