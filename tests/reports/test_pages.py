"""The pages of measures and what is taken out of them, without JavaScript."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from helpline.reports.tables import SUPPRESSED
from helpline.worker import count_job
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA, RAVI, VIKRAM
from tests.reports.histories import random_history
from tests.staff import fixtures
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
TABS = ("", "/calls", "/advisors", "/when", "/staffing")


def count_all() -> None:
    while count_job.count_day():
        pass


def rings_next(minutes: float = 10) -> None:
    """An advisor rings the next from their own phone, and reaches them; ten minutes in all."""
    staff_id = factories.staff(ASHA).id
    callback_id = claims.claim_next(staff_id, now=clock.now())
    assert callback_id is not None
    calls.start_own_phone_call(callback_id, staff_id, now=clock.now(), longest_minutes=60)
    now = clock.now() + timedelta(minutes=minutes)
    calls.record_disposition(callback_id, staff_id, Disposition.REACHED, "", now=now)


def test_before_anything_happened_the_pages_say_what_will_be_here(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(VIKRAM)
    client.sign_in(VIKRAM)
    for tab in TABS:
        page = client.get(f"/admin/measures{tab}")
        assert page.status_code == 200
        assert "No data yet" in page.text
    wrong = client.get("/admin/measures?first=2026-11-20&last=2026-11-01")
    assert wrong.status_code == 422
    assert Page(wrong.text).links("#")[1:] == ["#last"]
    assert Page(wrong.text).the("input", id="first").attrs["value"] == "2026-11-20"
    factories.staff(ASHA)
    other = app.test_client()
    other.sign_in(ASHA)
    assert other.get("/admin/measures").status_code == 403
    assert client.get("/admin/measures/target").status_code == 403


def test_what_people_did_stands_in_the_pages_and_nobody_in_them(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    fixtures.shift(ASHA)
    factories.callback(KAVITA, source_page="/depression")
    rings_next()
    at("2026-11-23 20:00")
    factories.callback(LEELA)
    count_all()
    client.sign_in(MEERA)
    pages = [client.get(f"/admin/measures{tab}?range=week") for tab in TABS]
    for page in pages:
        assert page.status_code == 200
        for nobody in (KAVITA.name, LEELA.name, KAVITA.phone, LEELA.note):
            assert nobody not in page.text
        for drawing in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL):
            assert "<script" not in drawing and "style" not in drawing
            assert 'aria-hidden="true"' in drawing or 'role="img"' in drawing
    words = [Page(page.text).text for page in pages]
    assert "Mon 23 Nov 2026" in words[0] and "India Time" in words[0]
    assert "Service level (called within 20 min) 100% ✓ target met 1 of 1, target 80%" in words[0]
    assert "Average wait 0 min" in words[0]
    assert "1 of 2 outside opening hours" in words[0]
    assert "/depression" in words[0]
    assert "up to 5 minutes 1" in words[1]
    assert "Asha11–– 0.20" in words[2]
    assert "50% of requests came outside opening hours: 1 of 2." in words[3]
    assert "20:00(1)" in words[3]
    assert "Calls answered live (Erlang C)" in words[4]
    assert "Booked slots (capacity formula)" in words[4]
    other = client.get("/admin/measures/staffing?range=week&shrinkage_percent=lots")
    assert "Enter a number from 0 to 90." in other.text


def test_the_target_is_set_and_the_past_is_measured_by_it(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    factories.callback(KAVITA)
    at.later(minutes=25)
    rings_next()
    count_all()
    client.sign_in(MEERA)
    assert (
        "Service level (called within 20 min) 0% ! target missed"
        in Page(client.get("/admin/measures").text).text
    )
    page = client.get("/admin/measures/target")
    wrong = client.submit(page, "target", service_level_minutes="soon")
    assert wrong.status_code == 422
    assert Page(wrong.text).the("input", id="service_level_minutes").attrs["value"] == "soon"
    saved = client.submit(page, "target", service_level_minutes="30", follow=True)
    assert "Service level (called within 30 min) 100% ✓ target met" in Page(saved.text).text
    late = client.submit(page, "target", service_level_minutes="10")
    assert late.status_code == 409
    assert "Someone else saved changes after you opened the page." in late.text
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "service_target_changed")
    ).one()
    assert entry.detail["before"]["service_level_minutes"] == 20
    assert entry.detail["after"]["service_level_minutes"] == 30


def test_tables_are_taken_out_harmless_and_it_is_noted_who_did(
    app: Flask, client: Client, at: Clock
) -> None:
    begins = at("2026-11-16 00:00")
    advisors = [factories.staff(ASHA, name='=HYPERLINK("x")').id, factories.staff(RAVI).id]
    factories.staff(MEERA)
    history = random_history(4, advisors=advisors, lives=60, first=begins, days=5)
    for number, start in enumerate("=+-@\t\r"):
        history.callbacks[number]["source_page"] = f"{start}cmd"
        history.callbacks[number]["follow_up_of"] = None
    history.write(db.session())
    at("2026-11-23 11:00")
    count_all()
    client.sign_in(MEERA)
    token = form_of(client.get("/admin/measures/calls"), "take-out/waits").fields["csrf_token"]
    days = {"csrf_token": token, "first": "2026-11-16", "last": "2026-11-22"}
    for table in ("pages", "advisors", "callbacks"):
        answer = client.post(f"/admin/measures/take-out/{table}.csv", data=days)
        assert answer.status_code == 200
        assert answer.content_type == "text/csv; charset=utf-8"
        name = f"measures-{table}-2026-11-16-2026-11-22.csv"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        for row in csv.reader(io.StringIO(answer.text, newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(lines) == 60
    assert {"'=cmd", "'+cmd", "'\tcmd"} <= {each["page"] for each in lines}
    told = client.post("/admin/measures/take-out/days.json", data=days)
    assert told.content_type == "application/json"
    whole = json.loads(told.text)
    assert (whole["table"], whole["time_zone"], len(whole["rows"])) == ("days", "Asia/Kolkata", 7)
    assert sum(each["requests"] for each in whole["rows"]) == 60
    assert client.post("/admin/measures/take-out/staffing.csv", data=days).status_code == 200
    assert client.post("/admin/measures/take-out/nothing.csv", data=days).status_code == 404
    for table in ("advisors", "callbacks", "staffing"):
        outside = client.post(
            f"/admin/measures/take-out/{table}.csv", data={**days, "for": "outside"}
        )
        assert outside.status_code == 422
    for table in ("summary", "days", "channels", "pages", "waits", "tries", "outcomes", "hours"):
        outside = client.post(
            f"/admin/measures/take-out/{table}.json", data={**days, "for": "outside"}
        )
        for row in json.loads(outside.text)["rows"]:
            for name in ("requests", "rung", "callbacks", "reached", "not_reached", "number"):
                told_number = row.get(name)
                assert told_number in (None, SUPPRESSED) or told_number >= 5
    noted = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "measures_exported").order_by(AuditEntry.id)
    ).all()
    meera = factories.staff(MEERA).id
    assert {each.actor for each in noted} == {f"staff:{meera}"}
    assert [each.subject for each in noted][:3] == [
        f"measures:{each}" for each in ("pages", "advisors", "callbacks")
    ]
    assert noted[0].detail == {
        "first": "2026-11-16",
        "last": "2026-11-22",
        "form": "csv",
        "outside": False,
    }
    assert noted[-1].detail["outside"] is True


def test_whoever_waited_longer_than_the_target_is_missed_while_they_still_wait(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    fixtures.shift(ASHA)
    factories.callback(KAVITA)
    rings_next()
    factories.callback(LEELA)
    factories.callback(ARJUN)
    client.sign_in(MEERA)
    at.later(minutes=20)
    count_all()
    words = Page(client.get("/admin/measures").text).text
    assert "2 people are still waiting. Longest wait: 20 min." in words
    assert "Service level (called within 20 min) 100% ✓ target met 1 of 1" in words
    assert "Abandoned 0% 0 of 3" in words
    at.later(minutes=8)
    count_all()
    words = Page(client.get("/admin/measures").text).text
    assert (
        "2 people are still waiting. Longest wait: 28 min. "
        "Waiting longer than the target of 20 min: 2."
    ) in words
    assert "Service level (called within 20 min) 33% ! target missed 1 of 3" in words
    # While an advisor calls one of them, they are missed all the same.
    staff_id = factories.staff(ASHA).id
    callback_id = claims.claim_next(staff_id, now=clock.now())
    assert callback_id is not None
    calls.start_own_phone_call(callback_id, staff_id, now=clock.now(), longest_minutes=60)
    at.later(minutes=2)
    count_all()
    words = Page(client.get("/admin/measures").text).text
    assert "1 person is still waiting. Longest wait: 30 min." in words
    assert "33% ! target missed 1 of 3" in words
    # Who is called on the next day was missed on the day on which their target time passed.
    calls.record_disposition(callback_id, staff_id, Disposition.REACHED, "", now=clock.now())
    at("2026-11-24 10:05")
    rings_next()
    at.later(minutes=1)
    count_all()
    monday = Page(client.get("/admin/measures?first=2026-11-23&last=2026-11-23").text).text
    assert "33% ! target missed 1 of 3" in monday
    tuesday = Page(client.get("/admin/measures").text).text
    assert "still waiting" not in tuesday
    assert "Service level (called within 20 min) – 0 of 0" in tuesday


def test_a_day_is_drawn_by_the_hour_without_the_hours_to_come(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    fixtures.shift(ASHA)
    factories.callback(KAVITA)
    rings_next()
    at("2026-11-23 12:30")
    count_all()
    client.sign_in(MEERA)
    today = client.get("/admin/measures")
    table = today.text[today.text.index("report-table") :]
    hours = re.findall(r'<th scope="row">(\d\d:00)</th>', table)
    assert hours == ["10:00", "11:00", "12:00"]
    asked = re.findall(r'<svg class="chart-columns".*?</svg>', today.text, re.S)[0]
    assert asked.count("<rect") == 1 and 'width="2.92%"' in asked
    assert "10:00: 1" in asked
    # Days to come are left out, and two days are no two slabs.
    days = client.get("/admin/measures?first=2026-11-22&last=2026-11-30")
    table = days.text[days.text.index("report-table") :]
    assert "Mon 23 Nov 2026" in table and "Tue 24 Nov 2026" not in table
    assert 'class="chart-area is-narrow"' in days.text


def test_hours_to_come_are_not_called_closed(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    factories.callback(KAVITA)
    at("2026-11-24 11:30")
    count_all()
    client.sign_in(MEERA)
    page = client.get("/admin/measures/when?range=week")
    assert "Monday 09:00: 0, closed" in page.text
    assert "Tuesday 11:00: 0, open" in page.text
    assert "Tuesday 12:00" not in page.text and "Wednesday" in page.text
    assert "Wednesday 11:00" not in page.text
    token = form_of(page, "take-out/hours").fields["csrf_token"]
    days = {"csrf_token": token, "first": "2026-11-23", "last": "2026-11-29"}
    told = json.loads(client.post("/admin/measures/take-out/hours.json", data=days).text)
    assert len(told["rows"]) == 24 + 12


def test_staffing_begins_without_an_error_and_counts_no_calls_that_were_not(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:00")
    factories.staff(MEERA)
    fixtures.shift(ASHA)
    factories.callback(KAVITA)
    rings_next(minutes=0.2)
    at("2026-11-23 10:30")
    count_all()
    client.sign_in(MEERA)
    page = client.get("/admin/measures/staffing")
    words = Page(page.text).text
    assert "Error" not in words and "There is a problem" not in words
    assert "No calls in this period, so 20 minutes is assumed." in words
    assert "Average in this period: 0.2 min." in words
    assert Page(page.text).the("input", id="callback_minutes").attrs["value"] == "0.2"
    assert "Counted in these days" not in words
