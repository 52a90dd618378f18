"""Asking for a call: what is taken, what is sent back with everything typed, what is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline.callbacks.models import Callback, Slot
from helpline.db import db
from helpline.domain.intake_answers import About, Answers, Cover, Danger, ForWhom, WhosePhone
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import ARJUN, IMRAN, KAVITA, LEELA
from tests.support.clock import Clock
from tests.support.web import Client, form_of, without_reference
from tests.web.page import Page

ASK = "/?region"
TYPED = {
    "name": "Kavita <b>",
    "phone": "12",
    "language": "hi",
    "may_leave_voicemail": "yes",
    "may_say_who": "no",
    "may_text": "yes",
    "may_ring_back": "yes",
    "danger": "unsure",
    "danger_seen": "yes",
    "about": "substances",
    "for_whom": "other",
    "whose_phone": "theirs",
    "person_knows": "yes",
    "cover": "friend",
    "code_word": "mango",
    "safe_times": "between 2 and 4",
    "may_say_who_asked": "yes",
    "asked_by": "her brother Ravi",
    "note": "Line one\nLine two & more",
}


def kept() -> int:
    """How many callbacks are stored."""
    return db.session.scalar(sa.select(sa.func.count(Callback.id))) or 0


def only() -> Callback:
    """The one callback."""
    return db.session.scalars(sa.select(Callback)).one()


def summary_of(answer: TestResponse) -> tuple[Page, str]:
    """The page that was sent back, and its error summary."""
    assert answer.status_code == 422
    page = Page(answer.text)
    return page, page.the("div", cls="error-summary").text


def ask(client: Client, **typed: str) -> TestResponse:
    """Fills the form in and sends it."""
    form = form_of(client.get("/"), ASK)
    return client.submit(form.fill(**({"phone": KAVITA.phone, "consent": "yes"} | typed)))


def test_only_the_phone_is_needed(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    answer = client.submit(client.get("/"), ASK, consent="yes", phone="098765 00001")
    assert answer.status_code == 303
    assert re.fullmatch(r"/request/[\w-]{22}", answer.location)
    asked = only()
    assert asked.phone == "+919876500001"
    assert (asked.name, asked.note, asked.slot_at) == (None, None, None)
    assert (asked.may_leave_voicemail, asked.may_say_who, asked.may_text) == (False, False, False)
    assert asked.language == "en"


@pytest.mark.settings(texts_enabled=True)
def test_all_that_was_filled_in_is_kept(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    slot = factories.slot("15:00")
    ask(client, **(TYPED | {"phone": KAVITA.phone, "when": slot.isoformat()}))
    asked = only()
    assert (asked.name, asked.note) == ("Kavita <b>", "Line one\nLine two & more")
    assert (asked.may_leave_voicemail, asked.may_say_who, asked.may_text) == (True, False, True)
    assert (asked.language, asked.slot_at) == ("hi", slot)
    assert (asked.may_ring_back, asked.phone_as_typed) == (True, KAVITA.phone)
    assert Answers.from_text(asked.answers) == Answers(
        danger=Danger.UNSURE,
        about=About.SUBSTANCES,
        for_whom=ForWhom.OTHER,
        whose_phone=WhosePhone.THEIRS,
        person_knows=True,
        cover=Cover.FRIEND,
        code_word="mango",
        safe_times="between 2 and 4",
        may_say_who_asked=True,
        asked_by="her brother Ravi",
    )


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("wall", ["2026-11-23 11:00", "2026-11-23 20:00"])
def test_an_error_keeps_everything_typed_and_is_named_twice(
    client: Client, at: Clock, wall: str
) -> None:
    at(wall)
    answer = ask(client, **TYPED)
    page, summary = summary_of(answer)
    form = page.form(ASK)
    for name, typed in TYPED.items():
        assert form[name] == typed, name
    words = "This number needs 10 digits. Please check it."
    assert words in summary
    assert words in page.the(id="phone-error").text
    field = page.the("input", id="phone")
    assert field.attrs["aria-invalid"] == "true"
    assert "phone-error" in field.attrs["aria-describedby"].split()
    assert "#phone" in page.links("#")
    assert page.title.startswith("Error:")
    assert "open" in page.the("details", cls="fold").attrs
    assert kept() == 0


TROUBLE_WITH_NUMBERS = {
    "": "Enter the phone number we should call.",
    "   ": "Enter the phone number we should call.",
    "call me": "Enter a phone number, such as 98765 43210.",
    "9876": "This number needs 10 digits. Please check it.",
    "98765 43210 98765 432": "This number needs 10 digits. Please check it.",
    "+44 20 7946 0958": "We cannot call numbers in this country.",
    "00000 00000": "This does not look like a working number. Please check it.",
    "112": "This is an emergency number. If life is in danger, call it now.",
    "1098": "We cannot call short numbers. Please enter the full number.",
    "1860 123 4567": "We cannot call this kind of number. Please enter another number.",
    "98765 00001" + "\u200f" * 100: "This number is too long. Please check it.",
}


def test_each_trouble_with_a_number_has_its_words(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for phone, words in TROUBLE_WITH_NUMBERS.items():
        page, summary = summary_of(ask(client, phone=phone))
        assert words in summary, phone
        assert words in page.the(id="phone-error").text
        assert page.the("input", id="phone").attrs["value"] == phone.strip()
    assert kept() == 0


OTHER_TROUBLE = (
    ("name", "x" * 81, "Please use a shorter name"),
    ("name", "x" * 10_000, "Please use a shorter name"),
    ("note", "x" * 1001, "Please shorten your note"),
    ("language", "tlh", "Choose a language from the list."),
    ("may_text", "maybe", "Choose yes or no."),
    ("danger", "maybe", "Choose one of the answers."),
    ("asked_by", "x" * 81, "Please use fewer words"),
    ("consent", None, "To get a call, please tick the box."),
    ("when", "tomorrow", "Choose one of the times shown."),
    ("when", "2026-11-24T10:30:00", "Choose one of the times shown."),
    ("when", "\x00", "Choose one of the times shown."),
)


@pytest.mark.settings(texts_enabled=True)
def test_each_other_trouble_is_named_too(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for field, typed, words in OTHER_TROUBLE:
        page, summary = summary_of(ask(client, **{field: typed}))
        assert words in summary
        target = page.the("div", cls="error-summary")
        links = [each for each in page.all("a") if each.inside(target)]
        assert [page.the(id=each.attrs["href"].removeprefix("#")) for each in links]
    assert kept() == 0


def test_a_time_that_was_taken_meanwhile_is_said_with_the_nearest_three(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    opened = client.get("/")
    wanted = factories.slot("15:00")
    for other in (ARJUN, LEELA):
        factories.link(other, slot_at=wanted)
    answer = client.submit(
        opened, ASK, consent="yes", phone=KAVITA.phone, name="Kavita", when=wanted.isoformat()
    )
    page, summary = summary_of(answer)
    assert "That time has just been taken." in summary
    near = [each.attrs["value"] for each in page.all("input") if each.id.startswith("near-")]
    half_an_hour = timedelta(minutes=30)
    expected = {wanted - half_an_hour, wanted + half_an_hour, wanted - 2 * half_an_hour}
    assert len(near) == 3
    assert {datetime.fromisoformat(each) for each in near} in (
        expected,
        {wanted - half_an_hour, wanted + half_an_hour, wanted + 2 * half_an_hour},
    )
    assert form_of(answer, ASK).fields["name"] == ["Kavita"]
    assert kept() == 2
    again = client.submit(form_of(answer, ASK), when=near[0])
    assert again.status_code == 303
    assert kept() == 3


def test_hours_changed_while_typing_are_obeyed(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    opened = client.get("/")
    wanted = factories.slot("15:00")
    assert "3:00 PM" in opened.text
    factories.opening_hours(("16:00", "18:00"))
    answer = client.submit(opened, ASK, consent="yes", phone=KAVITA.phone, when=wanted.isoformat())
    page, summary = summary_of(answer)
    assert "That time has just been taken." in summary
    assert "We open today, Monday 23 November, at 4:00 PM" in page.text
    assert kept() == 0


def test_asked_just_before_closing_and_sent_just_after_is_kept_for_the_next_opening(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 17:59:59")
    opened = client.get("/")
    at("2026-11-23 18:00:00")
    answer = client.submit(opened, ASK, consent="yes", phone=KAVITA.phone)
    assert answer.status_code == 303
    page = Page(client.get(answer.location).text)
    assert "We will call you after we open, tomorrow at 10:00 AM" in page.text


def test_the_same_form_sent_twice_is_one_callback_and_one_address(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    opened = client.get("/")
    first = client.submit(opened, ASK, consent="yes", phone=KAVITA.phone, name="Kavita")
    second = client.submit(opened, ASK, consent="yes", phone=KAVITA.phone, name="Kavita")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert kept() == 1


def test_the_same_form_sent_twice_for_a_slot_takes_one_place(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    opened = client.get("/")
    slot = factories.slot("15:00")
    for _ in range(2):
        client.submit(opened, ASK, consent="yes", phone=KAVITA.phone, when=slot.isoformat())
    assert db.session.get_one(Slot, slot).booked == 1


@pytest.mark.parametrize("when", ["asap", "15:00"])
@pytest.mark.parametrize("wall", ["2026-11-23 11:00", "2026-11-23 08:00"])
def test_a_second_request_for_a_number_looks_exactly_like_a_first(
    app: Flask, new_client: type[Client], client: Client, at: Clock, when: str, wall: str
) -> None:
    at(wall)
    value = when if when == "asap" else factories.slot(when).isoformat()
    pages, answers = [], []
    for phone in (IMRAN.phone, KAVITA.phone):
        at.later(minutes=1)
        if phone == IMRAN.phone:  # Somebody asked for this number before, and in another way.
            factories.link(IMRAN, name="Imran", may_text=True)
            at.later(minutes=1)
        answer = client.submit(client.get("/"), ASK, consent="yes", phone=phone, when=value)
        answers.append((answer.status_code, sorted(answer.headers.keys()), len(answer.location)))
        token = answer.location.rsplit("/", 1)[1]
        pages.append(_plain(client.get(answer.location).text.replace(token, "TOKEN")))
    assert answers[0] == answers[1]
    assert pages[0] == pages[1]
    statuses = {each.status for each in db.session.scalars(sa.select(Callback))}
    assert statuses == {Status.WAITING, Status.JOINED}


def _plain(html: str) -> str:
    """A page without what differs from minute to minute and by number and reference."""
    html = re.sub(r'(datetime|nonce)="[^"]*"', "", without_reference(html))
    html = re.sub(r"\d{1,2}:\d\d [AP]M", "TIME", html)
    html = re.sub(r"•\d{3}", "•NNN", html)
    return re.sub(r"no one, you are next|\d+ (person|people)", "PLACE", html)


RIGHT_TO_LEFT = "\u202e\u200fليلى\u202c"


NAMES = ("😀 Kavita 🙏🏽", RIGHT_TO_LEFT, "ಕವಿತಾ", 'O\'Brien "K"', "{{7*7}}")


def test_any_name_people_have_is_kept_as_typed(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for number, name in enumerate(NAMES):
        answer = ask(client, phone=f"987650010{number}", name=name, note=name)
        assert answer.status_code == 303
        asked = factories.by_token(answer.location.rsplit("/", 1)[1])
        assert (asked.name, asked.note) == (name, name)


def test_nul_and_other_control_characters_never_reach_the_database(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    assert ask(client, name="Ka\x00vi\x1bta", note="a\x00b\nc").status_code == 303
    assert (only().name, only().note) == ("Kavita", "ab\nc")


def test_a_field_sent_twice_counts_once(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    form = form_of(client.get("/"), ASK)
    sent = form.fill(
        consent="yes", phone=[KAVITA.phone, ARJUN.phone], when=["asap", "junk"], name=["A", "B"]
    )
    assert client.submit(sent).status_code == 303
    assert (only().phone, only().name) == (KAVITA.phone, "A")


def test_a_body_too_large_is_refused_in_kind_words(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    answer = ask(client, note="x" * 70_000)
    assert answer.status_code == 413
    page = Page(answer.text)
    assert "That was too long" in page.text
    assert "tel:14416" in page.links("tel:")
    assert kept() == 0


NO_FORMS = {
    "utf-16": ("phone=98765&when=asap".encode("utf-16"), "application/x-www-form-urlencoded"),
    "json": (b'{"phone": "9876500001"}', "application/json"),
    "odd json": (b'{"phone": [1], "name": {}}', "application/json"),
    "plain": (b"phone=9876500001", "text/plain"),
    "broken multipart": (b"\xff\xfe\x00phone", "multipart/form-data; boundary=x"),
    "no boundary": (b"phone=9876500001", "multipart/form-data"),
    "nothing": (b"", ""),
    "charset": (b"phone=%FF%FE%FA", "application/x-www-form-urlencoded; charset=klingon"),
}


def test_a_body_that_is_no_form_of_ours_is_a_clear_error(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    for name, (body, kind) in NO_FORMS.items():
        answer = client.post("/", data=body, content_type=kind)
        assert 400 <= answer.status_code < 500, name
        assert "tel:14416" in Page(answer.text).links("tel:")
    assert kept() == 0


def test_many_fields_are_refused(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    body = "&".join(f"f{number}={quote_plus('x')}" for number in range(5000))
    answer = client.post("/", data=body, content_type="application/x-www-form-urlencoded")
    assert 400 <= answer.status_code < 500
    assert kept() == 0


ELSEWHERE = ("https://evil.example", "null", "http://localhost.evil.example", "http://localhost:1")


def test_a_form_of_another_site_is_refused(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    form = form_of(client.get("/"), ASK).fill(phone=KAVITA.phone, consent="yes").fields
    token = factories.link(ARJUN)
    for origin in ELSEWHERE:
        answer = client.post("/", data=form, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "tel:14416" in Page(answer.text).links("tel:")
        for deed in ("cancel", "move"):
            address = f"/request/{token}/{deed}"
            refused = client.post(address, data={"when": "asap"}, headers={"Origin": origin})
            assert refused.status_code == 403
    assert kept() == 1
    assert factories.by_token(token).status == Status.WAITING


def test_our_own_form_is_taken(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    form = form_of(client.get("/"), ASK).fill(phone=KAVITA.phone, consent="yes").fields
    answer = client.post("/", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303


def test_a_key_of_ones_own_making_is_replaced(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for _ in range(2):
        assert ask(client, request_key="x").status_code == 303
    assert kept() == 2


def test_a_honeypot_that_a_form_filler_filled_costs_one_more_press(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    answer = ask(client, more="anything")
    page, summary = summary_of(answer)
    assert "Please check the form and press the button again." in summary
    assert kept() == 0
    field = page.the("input", name="more")
    assert field.attrs["value"] == "" and field.attrs["tabindex"] == "-1"
    assert "hidden" in field.around[-1].attrs
    assert "leave this field" not in page.text.lower(), "nobody is accused"
    assert client.submit(form_of(answer, ASK)).status_code == 303
    assert kept() == 1


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_a_time_at_the_edge_of_the_calendar_is_none_of_those_shown(
    client: Client, at: Clock, zone: str, edge: str
) -> None:
    at("2026-11-23 12:00")
    factories.opening_hours(("00:00", "24:00"), zone=zone)
    form = form_of(client.get("/"), ASK)
    sent = client.submit(form, phone="98765 43210", consent=True, when=edge, if_missed="18:00")
    assert sent.status_code == 422
    assert "Choose one of the times shown." in sent.text
    asked = {"phone": "+919876543210", "consent": True, "slot_at": edge, "call_until": edge}
    key = {"Idempotency-Key": "d3b07384-d113-4ec6-a5d1-0a1b2c3d4e5f"}
    assert client.post("/api/v1/callbacks", json=asked, headers=key).status_code == 422
