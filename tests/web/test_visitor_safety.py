"""Danger goes first, nothing typed is lost, and the way out leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.directory.crisis import published_directory, quick_exit
from helpline.domain.intake_answers import Answers, Danger
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

OPEN = "2026-11-23 11:00"
ASK = "/?region"
TOLD = {
    "phone": "098765-00001",
    "consent": "yes",
    "name": "Kavita",
    "danger": "yes",
    "about": "violence",
    "for_whom": "other",
    "whose_phone": "theirs",
    "person_knows": "yes",
    "code_word": "mango",
    "safe_times": "between 2 and 4",
    "may_say_who_asked": "yes",
    "asked_by": "her sister Mira",
    "may_ring_back": "yes",
    "note": "He comes home at six.",
}

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def stored() -> list[Callback]:
    """All callbacks."""
    return list(db.session.scalars(sa.select(Callback)))


def test_danger_leads_to_the_emergency_page_at_once_and_what_was_typed_waits(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    form = form_of(client.get("/"), ASK).fill(**TOLD)
    for address in ("/emergency", form.action):
        seen = client.post(address, data=form.fields)
        page = Page(seen.text)
        assert seen.status_code == 200
        assert page.links("tel:")[:2] == ["tel:112", "tel:112"], "in the strip, and large"
        assert page.all("h1")[0].text == "If life is in danger, call now"
        assert "has not been sent" in page.text
        assert stored() == []

    back = client.submit(form_of(seen, ASK), go="back")
    assert back.status_code == 200, "no error is said of what is not finished"
    again = Page(back.text).form(ASK)
    assert {name: again[name] for name in TOLD} == TOLD
    assert again["request_key"] == form.fields["request_key"][0]

    sent = client.submit(back, ASK)
    assert sent.status_code == 303
    assert Answers.from_text(stored()[0].answers).danger == Danger.YES
    for address in (seen.request.full_path, back.request.full_path, sent.location):
        assert not any(words in address for words in ("Kavita", "00001", "Mira", "violence"))


def test_whoever_comes_to_the_emergency_page_by_itself_finds_the_way_back(client: Client) -> None:
    page = Page(client.get("/emergency?region=us").text)
    assert "tel:911" in page.links("tel:")
    assert any(link.startswith("/") and "region=US" in link for link in page.links("/"))


def test_what_was_answered_is_for_the_advisor_who_holds_it_alone(
    app: Flask, new_client: type[Client], client: Client, at: Clock
) -> None:
    at(OPEN)
    asked = client.submit(client.get("/"), ASK, **(TOLD | {"danger_seen": "yes"}))
    asha, other = new_client(), new_client()
    factories.staff(ASHA)
    asha.sign_in(ASHA)
    assert "sister" not in asha.get("/desk/").text, "it only waits"
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    desk = Page(asha.get("/desk/").text).text
    for words in (
        "They said that someone is in danger.",
        "phone. They know that the helpline will call.",
        "her sister Mira",
        "You may say who asked",
        "Do NOT leave a voicemail",
        "If the call drops, call back at once",
        "It is about violence or abuse.",
        "Someone else answers: “Sorry to trouble you. I have a wrong number. Goodbye.”",
        "When it is safe to call: between 2 and 4",
        "Say the code word first: mango",
    ):
        assert words in desk, words
    for page in (client.get(asked.location), other.get("/"), client.get("/crisis")):
        assert "violence or abuse." not in page.text
        assert not any(words in page.text for words in ("Mira", "mango"))


def test_the_number_is_shown_as_it_was_typed_on_a_page_of_its_own(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    asked = client.submit(client.get("/"), ASK, phone="(0) 98765-00001", consent="yes")
    status = client.get(asked.location)
    assert "98765" not in status.text
    assert f"{asked.location}/number" in Page(status.text).links("/request")
    assert "(0) 98765-00001" in Page(client.get(f"{asked.location}/number").text).text
    by_phone = factories.link(KAVITA, request_key="another")
    assert "+91 98765 00001" in client.get(f"/request/{by_phone}/number").text


def test_what_we_say_and_what_a_phone_shows_is_read_before_it_is_sent(
    client: Client, at: Clock
) -> None:
    at(OPEN)
    page = Page(client.get("/").text)
    assert "your phone may show +91 11 4000 0000 and, on some networks, the name of" in page.text
    assert "We do not send text messages." in page.text
    assert "We erase them 90 days after the call, and our notes of the call after 365" in page.text
    assert page.all("input", name="may_text") == []
    assert page.all("input", id="consent")[0].attrs.get("checked") is None
    for name in ("may_leave_voicemail", "may_say_who", "may_ring_back", "may_say_who_asked"):
        assert page.form(ASK)[name] == "no"
    unasked = {"age", "address", "email", "reason", "code", "captcha"}
    assert unasked.isdisjoint(each.attrs.get("name", "") for each in page.elements)


@pytest.mark.settings(texts_enabled=True, phone_shows_name="ABC Sansthan")
def test_where_texts_are_on_each_is_shown_word_for_word(client: Client, at: Clock) -> None:
    at(OPEN)
    page = Page(client.get("/").text)
    assert "and the name “ABC Sansthan”." in page.text
    assert "We have your request. We will call you around …." in page.text
    assert "We are about to call you." in page.text
    assert page.form(ASK)["may_text"] == "no"


def test_exit_ends_the_session_and_every_cookie(app: Flask, client: Client, at: Clock) -> None:
    at(OPEN)
    factories.staff(ASHA)
    client.sign_in(ASHA)
    key = client.get_cookie("session")
    picture = client.get("/exit", headers={"Sec-Fetch-Dest": "image"})
    assert picture.status_code == 303
    assert "Set-Cookie" not in picture.headers and "Clear-Site-Data" not in picture.headers
    answer = client.get("/exit")
    assert (answer.status_code, answer.location) == (303, "https://www.wikipedia.org/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    cookies = {each.split("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}
    left = cookies.pop("left")
    assert cookies.keys() == {"session", "remember_token"}
    assert all("Max-Age=0" in each and "HttpOnly" in each for each in cookies.values())
    assert "HttpOnly" in left and "Max-Age" not in left and "Expires" not in left
    client.set_cookie("session", key.value)
    assert client.get("/desk/").status_code == 302, "nor does a copy of the cookie open anything"


@pytest.mark.parametrize("prefix", ["", "/hi"])
def test_after_an_exit_the_pages_of_a_request_show_nothing_of_it_until_opened_again(
    client: Client, at: Clock, prefix: str
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    address = f"{prefix}/request/{token}"
    pages = [address, f"{address}/number", f"{address}/move"]
    open_pages = [client.get(path).text for path in pages]
    client.get("/exit")
    heading = "यह पेज बंद है" if prefix else "This page is closed"
    for path, shown in zip(pages, open_pages, strict=True):
        closed = client.get(path)
        assert closed.status_code == 200
        assert "<h1" in shown and heading not in shown
        assert f"<h1>{heading}</h1>" in closed.text
        for secret in (KAVITA.phone[-4:], "Helpline", "tel:", "11:00"):
            assert secret not in closed.text
        assert closed.headers["Cache-Control"] == "no-store"
    # It says the same of a request that is not there, and asks no database.
    assert heading in client.get(f"{prefix}/request/no-such-link").text

    opened = client.submit(closed)
    assert opened.status_code == 303
    assert opened.location.endswith(f"/request/{token}")
    assert client.get_cookie("left") is None
    assert heading not in client.get(opened.location).text


@pytest.mark.parametrize("value", ["1", '"}; alert(1); //', "0123456z", "0" * 400])
def test_a_made_up_mark_of_an_exit_is_no_exit(client: Client, at: Clock, value: str) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    client.set_cookie("left", value)
    page = client.get(f"/request/{token}")
    assert "This page is closed" not in page.text
    assert value not in page.text or value == "1"


def test_an_admin_sets_the_neutral_site_title_and_icon(
    app: Flask, new_client: type[Client], client: Client, at: Clock, settings: Settings
) -> None:
    at(OPEN)
    factories.staff(MEERA)
    admin = new_client()
    admin.sign_in(MEERA)
    opened = admin.get("/admin/safety")
    assert form_of(opened, "/safety").fields["neutral_site"] == ["https://www.wikipedia.org/"]
    for wrong in (
        *("weather.example", "http://weather.example/", "javascript:alert(1)", "https://", ""),
        *("https://localhost/", "https://a b.example/", "https://[", "https://x@weather.example/"),
    ):
        refused = admin.submit(opened, "/safety", neutral_site=wrong, page_title="Notes")
        assert refused.status_code == 422, wrong
        assert Page(refused.text).form("/safety")["neutral_site"] == wrong
        assert Page(refused.text).form("/safety")["page_title"] == "Notes"
    assert client.get("/exit").location == "https://www.wikipedia.org/"

    wanted = {"neutral_site": "https://weather.example/", "page_title": "Notes"}
    saved = admin.submit(opened, "/safety", page_icon="sheet", **wanted)
    assert saved.status_code == 303
    assert client.get("/exit").location == "https://weather.example/"
    for address in ("/", "/crisis", "/emergency", "/exit-help", "/nowhere", "/hi/"):
        page = Page(client.get(address).text)
        assert page.title == "Notes"
        assert "M7" in page.the("link", rel="icon").attrs["href"]
    stale = admin.submit(opened, "/safety", page_icon="dot", **wanted)
    assert stale.status_code == 409
    assert "Someone else saved this page" in stale.text
    told = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "safety_changed"))
    assert [each.detail["after"]["neutral_site"] for each in told] == ["https://weather.example/"]

    # It holds on a machine whose file is gone, as soon as its worker looks, and with a broken one.
    file = quick_exit.published_path(settings.published_crisis_file)
    file.unlink()
    from helpline.directory.crisis import service as crisis

    assert crisis.publish_safety_if_changed(file) and not crisis.publish_safety_if_changed(file)
    file.write_text("{")
    assert client.get("/exit").location == "https://www.wikipedia.org/"


def test_the_way_out_needs_no_database(settings: Settings, tmp_path: Path) -> None:
    from tests.conftest import _opened

    quick_exit.publish(
        quick_exit.published_path(settings.published_crisis_file),
        quick_exit.Safety("https://weather.example/"),
    )
    dead = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/no/such/place"})
    with _opened(dead) as app, app.app_context():
        assert app.test_client().get("/exit").location == "https://weather.example/"


def test_a_call_that_costs_says_so_where_a_source_does(
    app: Flask, client: Client, settings: Settings
) -> None:
    told = json.loads(published_directory.PACKAGED.read_text(encoding="utf-8"))
    manas = next(each for each in told if each["name"] == "Tele-MANAS")
    settings.published_crisis_file.parent.mkdir(parents=True, exist_ok=True)
    for cost, words in {"free": "Free to call", "may_cost": "The call may cost money"}.items():
        settings.published_crisis_file.write_text(json.dumps([manas | {"cost": cost}]))
        assert words in client.get("/crisis").text
    del manas["cost"]
    settings.published_crisis_file.write_text(json.dumps([manas]))
    page = client.get("/crisis").text
    assert "Tele-MANAS" in page and "Free" not in page and "cost" not in page
    with pytest.raises(ValueError, match="free"):
        published_directory._from_data(manas | {"cost": "cheap"})
