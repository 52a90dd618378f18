"""Sessions that the server knows: listed, short, and over as soon as somebody ends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.privacy.models import AuditEntry
from helpline.staff.models import Staff
from helpline.staff.sessions import service as sessions
from helpline.staff.sessions.models import StaffSession
from tests import factories
from tests.cast import ASHA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; K) Chrome/120.0.0.0 Mobile Safari/537.36"}


def is_in(browser: Client, **headers: str) -> bool:
    """Whether the desk opens."""
    return browser.get("/desk/", headers=headers).status_code == 200


def test_signed_out_is_out_also_for_who_kept_the_cookie(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    door = client.get("/login")
    before = client.get_cookie("session")
    page = client.sign_in_to_page(ASHA)
    kept = client.get_cookie("session")
    assert kept and before and kept.value != before.value
    stored = db.session.scalars(sa.select(StaffSession.key_hash)).one()
    with client.session_transaction() as cookie:
        assert cookie["staff_session"] not in stored, "the database does not open the door"
    assert client.submit(door, "login").status_code == 400, "a form from before is void"

    client.submit(page, "/logout")
    client.set_cookie("session", kept.value)
    assert not is_in(client)


def test_where_one_is_signed_in_is_listed_and_can_be_ended(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    phone, third = new_client(), new_client()
    phone.environ_base["HTTP_USER_AGENT"] = PHONE["User-Agent"]
    for browser in (client, phone, third):
        browser.sign_in(ASHA)
    at.later(minutes=20)
    page = client.get("/you")
    shown = Page(page.text).text
    assert "Chrome, Android" in shown
    assert shown.count("This browser") == 1
    assert shown.count("Last used today at 11:00") == 2
    assert "120" not in page.text and "Mobile" not in page.text, "no more than two words are kept"

    mine = db.session.scalars(sa.select(StaffSession.id).order_by(StaffSession.id)).all()
    client.submit(page, f"/sessions/{mine[1]}/end")
    assert not is_in(phone)
    assert phone.get("/desk/queue", headers={"HX-Request": "true"}).status_code == 401
    assert is_in(third)
    client.submit(client.get("/you"), "end-others")
    assert not is_in(third)
    assert is_in(client)
    deeds = db.session.scalars(sa.select(AuditEntry.deed).order_by(AuditEntry.id)).all()
    assert deeds.count("signed_in") == 3
    assert "signed_out" in deeds and "sessions_ended" in deeds


def test_nobody_ends_a_session_of_somebody_else(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    other = new_client()
    factories.staff(ASHA)
    ravi = factories.staff(email="ravi@x.example")
    client.sign_in(ASHA)
    sessions.start(
        ravi.id,
        browser="B",
        needs_second_factor=False,
        max_age=timedelta(hours=1),
        now=clock.now(),
    )
    page = client.get("/you")
    token = next(iter(Page(page.text).all("input", name="csrf_token"))).attrs["value"]
    theirs = db.session.scalars(
        sa.select(StaffSession.id).where(StaffSession.staff_id == ravi.id)
    ).one()
    client.post(f"/you/sessions/{theirs}/end", data={"csrf_token": token})
    assert db.session.get(StaffSession, theirs) is not None
    assert other.get("/you").status_code == 302


@pytest.mark.settings(session_hours=12, session_idle_minutes=180)
def test_a_session_ends_unused_and_after_a_day_at_work(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 08:00")
    factories.staff(ASHA)
    busy, left_open = client, new_client()
    busy.sign_in(ASHA)
    left_open.sign_in(ASHA)
    for _ in range(2):
        at.later(hours=1, minutes=45)
        assert is_in(busy)
        polled = left_open.get("/desk/queue", headers={"HX-Request": "true"})
        assert (polled.status_code == 200) is (_ == 0), "what a page does by itself is no use"
    assert not is_in(left_open)
    for _ in range(4):
        at.later(hours=2)
        assert is_in(busy)
    at.later(minutes=31)
    assert not is_in(busy), "twelve hours are over"


@pytest.mark.settings(session_hours=12, session_idle_minutes=180)
def test_a_tab_left_open_for_two_hours_saves_without_loss(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    desk = client.get("/desk/")
    at.later(hours=2)
    saved = client.submit(desk, "/presence", state="away")
    assert saved.status_code == 303
    assert "On a break" in client.get("/desk/").text


def test_who_may_work_here_no_longer_is_out_at_once(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    asha = factories.staff(ASHA)
    client.sign_in(ASHA)
    db.session.execute(sa.update(Staff).where(Staff.id == asha.id).values(active=False))
    db.session.commit()
    assert not is_in(client)
