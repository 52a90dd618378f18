"""A visitor who missed our call asks to be tried again; puts the time in a calendar; is erased."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.lifecycle import Event, Status
from helpline.domain.retries import Disposition
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

OPEN = "2026-11-23 11:00"
AGAIN = "I missed your call. Call me again"


def rung(token: str, disposition: Disposition) -> None:
    """Asha takes the request, rings, and says what came of it."""
    asha, callback = factories.staff(ASHA), factories.by_token(token)
    assert claims.claim_next(asha.id, now=clock.now()) == callback.id
    calls.start_own_phone_call(callback.id, asha.id, now=clock.now(), longest_minutes=60)
    calls.record_disposition(callback.id, asha.id, disposition, "", now=clock.now())
    db.session.rollback()


def page_of(client: Client, token: str) -> Page:
    """The status page."""
    return Page(client.get(f"/request/{token}").text)


def test_who_missed_a_call_is_tried_again_now_and_not_more_often_than_the_policy_has_it(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA, name="Kavita", may_ring_back=True, phone_as_typed="98765 00001")
    assert AGAIN not in page_of(client, token).text, "nobody rang yet"
    for tries in (1, 2):
        rung(token, Disposition.NO_ANSWER)
        assert factories.by_token(token).due_at > clock.now()
        answer = client.submit(client.get(f"/request/{token}"), "/again")
        assert answer.location == f"/request/{token}"
        assert factories.by_token(token).due_at == clock.now()
        page = page_of(client, token)
        assert page.text.count("You asked us to call again now") == tries
        assert AGAIN not in page.text
        assert client.post(f"/request/{token}/again").status_code == 303, "twice is once"
    rung(token, Disposition.VOICEMAIL)
    assert factories.by_token(token).status == Status.UNREACHED

    # All tries are used up: one more request is made, once, with all that was agreed.
    first = client.submit(client.get(f"/request/{token}"), "/again")
    assert first.location != f"/request/{token}"
    assert client.post(f"/request/{token}/again").location == first.location
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 2
    anew = factories.by_token(first.location.rsplit("/")[-1])
    assert (anew.name, anew.may_ring_back, anew.status) == ("Kavita", True, Status.WAITING)
    assert anew.phone_as_typed == "98765 00001"
    assert first.location in page_of(client, token).links("/request")
    assert "You asked us to call again" in Page(client.get(first.location).text).text
    for _ in range(3):
        rung(first.location.rsplit("/")[-1], Disposition.NO_ANSWER)
        at.later(hours=2)
    ended = Page(client.get(first.location).text)
    assert "We could not reach you" in ended.text
    assert AGAIN not in ended.text, "nobody is rung for ever"
    assert client.post(f"{first.location}/again").location == first.location
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 2
    events = db.session.scalars(sa.select(CallbackEvent.event)).all()
    assert events.count(Event.TRY_NOW) == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nobody_is_tried_again_who_must_not_be(app: Flask, client: Client, at: Clock) -> None:
    at(OPEN)
    wrong, reached, late = (factories.link(each) for each in (KAVITA, ARJUN, LEELA))
    rung(wrong, Disposition.WRONG_NUMBER)
    rung(reached, Disposition.REACHED)
    for _ in range(3):
        rung(late, Disposition.BUSY)
        at.later(hours=1)
    assert AGAIN in page_of(client, late).text
    # Behind another request for the number it stands where any second request stands.
    stranger = factories.link(LEELA)
    behind = client.post(f"/request/{late}/again").location
    assert factories.by_token(behind.rsplit("/")[-1]).status == Status.JOINED
    assert factories.by_token(stranger).status == Status.WAITING
    at.later(hours=24)
    for token in (wrong, reached, late):
        assert AGAIN not in page_of(client, token).text
        client.post(f"/request/{token}/again")
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 5


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_calendar_entry_says_only_what_the_visitor_chose(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    slot = factories.slot("2026-11-24 10:30")
    token = factories.link(KAVITA, slot_at=slot)
    page = client.get(f"/request/{token}")
    for typed, title in {
        "Appointment": "Appointment",
        "  ": "Appointment",
        "Dentist\r\nORGANIZER:x": "Dentist ORGANIZER:x",
        "दाँत, डॉक्टर": "दाँत, डॉक्टर",
    }.items():
        answer = client.submit(page, "/calendar", title=typed)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        calendar = Calendar.from_ical(answer.data)
        (entry,) = calendar.walk("VEVENT")
        assert entry["SUMMARY"] == title
        assert entry.decoded("DTSTART") == slot
        assert entry.decoded("DTEND") - entry.decoded("DTSTART") == timedelta(minutes=30)
        assert set(entry) == {
            *("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "CLASS")
        }
        assert calendar.walk("VTIMEZONE") == []
        told = answer.text.lower()
        for ours in ("helpline", "localhost", token.lower(), "98765", "kavita", "advisor"):
            assert ours not in told, ours
    soon = factories.link(ARJUN)
    assert "to my calendar" not in page_of(client, soon).text
    assert client.post(f"/request/{soon}/calendar").location == f"/request/{soon}"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_everything_goes_with_one_press_and_one_confirmation(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    for _ in range(3):
        rung(token, Disposition.NO_ANSWER)
        at.later(hours=1)
    again = client.submit(client.get(f"/request/{token}"), "/again").location
    answer = client.submit(client.get(again), "/erase")
    assert answer.status_code == 303
    for address in (again, f"/request/{token}"):
        page = Page(client.get(address).text)
        assert page.all("h1")[0].text == "This request is erased"
        assert [each.attrs["action"].rpartition("/")[2] for each in page.all("form")] == [
            "erase-other"
        ]
        assert {"tel:112", "tel:14416"} <= set(page.links("tel:"))
        assert client.get(f"{address}/number").status_code == 303
        assert client.get(f"{address}/move").status_code == 303
        for deed in ("again", "calendar", "cancel", "erase"):
            assert client.post(f"{address}/{deed}").location == address
    db.session.rollback()
    for each in db.session.scalars(sa.select(Callback)):
        told = (each.name, each.phone, each.note, each.phone_as_typed, each.answers)
        assert told == (None,) * 5
        assert each.status in (Status.UNREACHED, Status.CANCELLED)
