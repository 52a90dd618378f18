"""Guessing a second factor with the password known, from as many addresses as one likes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.messaging.models import Notice, NoticeKind
from helpline.privacy.models import AuditEntry
from helpline.staff.models import Staff
from helpline.staff.sessions.models import StaffSession
from helpline.staff.two_factor import service as steps
from tests import factories
from tests.cast import ASHA, MEERA
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.test_two_factor import code_now, step, with_app

pytestmark = pytest.mark.settings(second_factor="all")

GUESSES = 300


def test_three_hundred_codes_from_as_many_networks_are_not_looked_at(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    meera = factories.staff(MEERA).id
    secret, _recovery = with_app(client, MEERA)
    at.later(minutes=1)
    thief = new_client()
    form = form_of(thief.sign_in_to_page(MEERA), "/second-step")
    looked_at = 0
    for n in range(GUESSES):
        thief.environ_base["REMOTE_ADDR"] = f"2001:db8:{n:x}::1"
        looked_at += thief.submit(form, code="000000").status_code == 422
    assert looked_at < 5, "the fifth wrong code ends the sign-in"
    thief.environ_base["REMOTE_ADDR"] = "2001:db8:ffff::1"
    assert thief.submit(form, code=code_now(secret)).status_code in (400, 401), "nor the right one"
    assert thief.get("/admin/").location.startswith("/login")
    kinds = db.session.scalars(sa.select(Notice.kind)).all()
    assert kinds == [NoticeKind.CODES_GUESSED]
    assert db.session.get_one(Staff, meera).wrong_codes == 5
    # Its owner is told in the session they have, and can say that they have read it.
    assert "Someone who knows your password entered wrong codes" in client.get("/admin/").text
    page = client.get("/you")
    client.submit(page, "/you/guesses/read")
    assert "entered wrong codes" not in client.get("/you").text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_after_fifty_wrong_codes_in_a_row_the_password_is_void(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    asha = factories.staff(ASHA).id
    admin = new_client()
    with_app(admin, MEERA)
    secret, _recovery = with_app(client, ASHA)
    at.later(minutes=1)
    thief = new_client()
    for _sign_in in range(10):
        form = form_of(thief.sign_in_to_page(ASHA), "/second-step")
        for _guess in range(5):
            thief.submit(form, code="000000")
    form = form_of(thief.get("/login"), "login")
    refused = thief.submit(form, email=ASHA.email, password=ASHA.password)
    assert refused.status_code == 422
    assert "This password can no longer be used" in refused.text
    deeds = db.session.scalars(sa.select(AuditEntry.deed)).all()
    assert deeds.count("password_made_void") == 1
    assert deeds.count("sign_in_failed") == 50

    # The admin is told, and makes a link; with it and the second step its owner is back.
    home = admin.get("/admin/").text
    assert "The password of Asha can no longer be used." in home
    made = admin.submit(admin.get(f"/admin/staff/{asha}"), "/password-link")
    link = next(each for each in made.text.split('"') if "/new-password/" in each)
    path = link[link.index("/new-password/") :]
    anew = new_client()
    assert "asha@" in anew.get(path).text
    anew.submit(anew.get(path), new="another four words here")
    page = anew.submit(
        anew.get("/login"), "login", True, email=ASHA.email, password="another four words here"
    )
    assert anew.submit(page, "/second-step", code=code_now(secret)).status_code == 303
    assert db.session.get_one(Staff, asha).wrong_codes == 0
    assert client.get("/desk/").location.startswith("/login"), "older sessions have ended"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_owner_can_change_a_void_password_where_they_are_signed_in(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    asha = factories.staff(ASHA)
    secret, _recovery = with_app(client, ASHA)
    asha.wrong_codes = 49
    db.session.commit()
    at.later(minutes=1)
    assert step(new_client(), ASHA, "000000").status_code in (303, 422)
    assert db.session.get_one(Staff, asha.id).password_void_at is not None
    page = client.get("/you/password")
    new = "another four words here"
    assert client.submit(page, "/you/password", password=ASHA.password, new=new).status_code == 303
    assert db.session.get_one(Staff, asha.id).password_void_at is None
    other = new_client()
    page = other.submit(other.get("/login"), "login", True, email=ASHA.email, password=new)
    assert other.submit(page, "/second-step", code=code_now(secret)).status_code == 303


def test_many_codes_at_once_are_many_codes(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    meera = factories.staff(MEERA).id
    with_app(client, MEERA)
    client.submit(client.get("/you"), "/logout")
    at.later(minutes=1)
    client.sign_in(MEERA)
    session_id = db.session.scalars(sa.select(StaffSession.id)).one()
    db.session.rollback()
    guess = partial(
        steps.verify_code,
        session_id,
        meera,
        "000000",
        max_age=clock.now() - clock.now(),
        now=clock.now(),
    )
    at_once(app, [guess] * 8)
    assert db.session.get_one(Staff, meera).wrong_codes == 5
    assert not db.session.scalars(sa.select(StaffSession.id)).all()
