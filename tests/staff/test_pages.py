"""The pages of rota, capacity and callbacks, without JavaScript: what an admin does, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.requests import CallbackRequest
from helpline.db import db
from helpline.domain.phone_numbers import PhoneNumber
from helpline.policy import queries as policy_queries
from helpline.privacy.models import AuditEntry
from helpline.staff.rota import queries as rota
from tests import factories
from tests.cast import ASHA, MEERA, RAVI, VIKRAM
from tests.staff import fixtures
from tests.support.clock import Clock
from tests.support.web import Client, Form, forms_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def _morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 09:00")
    factories.staff(MEERA)


def deeds() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.deed).order_by(AuditEntry.id)))


def form_to(page: TestResponse, action: str) -> Form:
    """The form whose address ends so: others may begin with the same."""
    return next(each for each in forms_of(page) if each.action.endswith(action))


def day_of(page: TestResponse, day: str) -> str:
    """The words of one day of the rota."""
    found = Page(page.text)
    heading = found.the("h2", id=f"day-{day}")
    return next(
        each.text
        for each in found.all("section")
        if each.attrs.get("aria-labelledby") == heading.id
    )


def test_a_rota_is_made_seen_and_its_gaps_are_marked(app: Flask, client: Client) -> None:
    asha = factories.staff(ASHA)
    client.sign_in(MEERA)
    empty = Page(client.get("/admin/rota").text).text
    assert "No shifts yet" in empty
    page = client.get(f"/admin/rota/{asha.id}")
    shifts = form_to(page, f"/rota/{asha.id}/shifts")
    for wrong, field in (
        ({"opens": "10:00", "closes": "18:00"}, "days"),
        ({"days": ["0"], "opens": "ten", "closes": "18:00"}, "opens"),
        ({"days": ["0"], "opens": "10:00", "closes": "18:00", "last": "2026-11-01"}, "last"),
        ({"days": ["0"], "opens": "10:00", "closes": "18:00", "first": "soon"}, "first"),
    ):
        answer = client.submit(shifts, **wrong)
        assert answer.status_code == 422
        assert Page(answer.text).links("#")[1:] == [f"#{field}"]
    done = client.submit(shifts, days=["0", "1"], opens="9:00", closes="14:00", follow=True)
    assert "Saved." in done.text
    late = client.submit(shifts, days=["2"], opens="10:00", closes="12:00")
    assert late.status_code == 409
    assert "Someone else changed these shifts" in late.text
    assert Page(late.text).the("input", id="opens").attrs["value"] == "10:00"
    clash = client.submit(
        form_to(done, f"/rota/{asha.id}/shifts"), days=["1"], opens="13:00", closes="15:00"
    )
    assert clash.status_code == 422
    assert "This overlaps a shift from 09:00 to 14:00 around Tue" in Page(clash.text).text

    week = client.get("/admin/rota")
    monday, wednesday = day_of(week, "2026-11-23"), day_of(week, "2026-11-25")
    assert "09:00-14:00 Asha" in monday
    assert "14:00-18:00 no one on shift" in monday
    assert "09:00-10:00 Asha, outside opening hours" in monday
    assert "10:00-18:00 no one on shift" in wednesday
    fixtures.shift(RAVI, "14:00", "18:00")
    week = client.get("/admin/rota?week=2026-11-25")
    assert "14:00-18:00 no one speaks Hindi" in day_of(week, "2026-11-23")

    page = client.get(f"/admin/rota/{asha.id}")
    other = form_to(page, "/exceptions")
    assert client.submit(other, kind="off", day="").status_code == 422
    assert client.submit(other, kind="off", day="2026-11-24", until="2026-11-20").status_code == 422
    assert client.submit(other, kind="off", day="2026-11-24").status_code == 303
    page = client.get(f"/admin/rota/{asha.id}")
    again = client.submit(form_to(page, "/exceptions"), kind="off", day="2026-11-24")
    assert again.status_code == 422
    for opens, status in (("13:00", 422), ("19:00", 303)):
        extra = {
            "kind": "extra",
            "day": "2026-11-23",
            "extra_opens": opens,
            "extra_closes": "20:00",
        }
        assert client.submit(form_to(page, "/exceptions"), **extra).status_code == status
    week = client.get("/admin/rota")
    assert "Asha is off" in day_of(week, "2026-11-24")
    assert "19:00-20:00 Asha" in day_of(week, "2026-11-23")
    off, _extra = rota.exceptions_of(db.session(), asha.id)[::-1]
    page = client.get(f"/admin/rota/{asha.id}")
    assert client.submit(page, f"/exceptions/{off.id}/remove").status_code == 303
    row = rota.shifts_of(db.session(), asha.id)[0]
    page = client.get(f"/admin/rota/{asha.id}")
    client.submit(page, f"/shifts/{row.id}/end", last_day="2026-11-22")
    assert "09:00-14:00 Asha" not in day_of(client.get("/admin/rota"), "2026-11-23")
    assert {"shifts_added", "shift_ended", "days_off_added", "extra_shift_added"} <= set(deeds())


def test_a_supervisor_sees_the_rota_and_changes_nothing(app: Flask, client: Client) -> None:
    asha = fixtures.shift(ASHA)
    factories.staff(VIKRAM)
    client.sign_in(VIKRAM)
    page = client.get("/admin/rota")
    assert "Someone is on shift whenever the helpline is open." in page.text
    assert f"/admin/rota/{asha}" not in page.text
    assert client.get(f"/admin/rota/{asha}").status_code == 403


def test_capacity_is_previewed_saved_and_guarded(app: Flask, client: Client) -> None:
    client.sign_in(MEERA)
    form = form_to(client.get("/admin/capacity"), "/capacity")
    wrong = client.submit(form, slot_minutes="four", shift_share_percent="101")
    assert wrong.status_code == 422
    assert Page(wrong.text).the("input", id="slot_minutes").attrs["value"] == "four"
    assert {"#slot_minutes", "#shift_share_percent"} <= set(Page(wrong.text).links("#"))
    seen = client.submit(form, slot_capacity="5", do="preview")
    [tuesday] = [each for each in Page(seen.text).all("tr") if "24 Nov" in each.text]
    assert tuesday.text == "Tue 24 Nov03280", "nothing booked, 32 places now, 80 with these"
    assert "Nothing is saved yet." in seen.text
    assert policy_queries.current(db.session()).slot_capacity == 2
    assert client.submit(form, slot_capacity="5", do="save").status_code == 303
    assert policy_queries.current(db.session()).slot_capacity == 5
    conflict = client.submit(form, slot_capacity="6", do="save")
    assert conflict.status_code == 409
    assert "Someone else saved changes after you opened the page." in conflict.text
    [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "capacity_changed"))
    assert (entry.detail["before"]["slot_capacity"], entry.detail["after"]["slot_capacity"]) == (
        2,
        5,
    )


def test_what_is_booked_beyond_the_rota_is_shown(app: Flask, client: Client) -> None:
    fixtures.shift(ASHA)
    ravi = fixtures.shift(RAVI)
    fixtures.capacity(share=100)
    for number in range(2):
        wish = CallbackRequest(PhoneNumber(f"+9198765003{number:02}"), factories.slot("11:00"))
        callbacks.request_callback(wish, request_key=f"v{number}", now=clock.now())
    client.sign_in(MEERA)
    assert "over-committed" not in client.get("/admin/capacity").text
    fixtures.off(ravi, fixtures.MONDAY)
    notice = Page(client.get("/admin/capacity").text).the(id="over-committed").text
    assert "today at 11:00 AM 2 booked, capacity 1" in notice


def test_a_longer_slot_keeps_the_start_that_was_promised(app: Flask) -> None:
    callback = factories.callback(slot_at=factories.slot("11:30"))
    fixtures.capacity("fixed", minutes=60)
    assert callback.due_at == factories.slot("11:30")
    assert callback.due_at - clock.now() == timedelta(hours=2, minutes=30)


def test_the_rules_of_callbacks_are_saved_and_guarded(app: Flask, client: Client) -> None:
    client.sign_in(MEERA)
    form = form_to(client.get("/admin/callbacks"), "/callbacks")
    for typed in ("15,,60", "0", "soon", ""):
        wrong = client.submit(form, retry_pauses_minutes=typed)
        assert wrong.status_code == 422
        assert Page(wrong.text).links("#")[1:] == ["#retry_pauses_minutes"]
    assert client.submit(form, claim_minutes="0").status_code == 422
    saved = client.submit(form, retry_pauses_minutes="5, 30, 120", max_attempts="4")
    assert saved.status_code == 303
    policy = policy_queries.current(db.session())
    assert (policy.max_attempts, policy.retry_pauses_minutes) == (4, [5, 30, 120])
    assert client.submit(form, max_attempts="2").status_code == 409
    assert deeds()[-1] == "callback_rules_changed"
