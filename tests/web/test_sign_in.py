"""The first step: what is said to guessers, how they are slowed, and that nobody is locked out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security.forms import LoginForm
from werkzeug.test import TestResponse

from helpline import clock
from helpline.calls import deactivation
from helpline.db import db
from helpline.messaging.models import Notice, NoticeKind
from helpline.privacy.models import AuditEntry
from helpline.staff import members
from helpline.staff.invitations import service as inviting
from helpline.staff.login_throttle import service as tries
from helpline.staff.login_throttle.models import LoginAttempts
from helpline.staff.login_throttle.service import LoginAttempt
from helpline.staff.models import Staff
from helpline.staff.password_links import service as password_links
from helpline.web.remote_address import network_prefix
from tests import factories
from tests.cast import ASHA, MEERA, RAVI
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

NOBODY = "nobody@helpline.example"


def type_in(browser: Client, email: str, password: str, address: str = "10.0.0.9") -> TestResponse:
    """Types it at the door, from a network address."""
    browser.environ_base["REMOTE_ADDR"] = address
    return browser.submit(browser.get("/login"), "/login", email=email, password=password)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_password_is_hashed_anew_while_others_write(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses at once to write in a transaction that has read what is no longer so."""
    factories.staff(ASHA)
    app.extensions["security"].pwd_context.update(argon2__time_cost=2)
    looks_at_password = LoginForm.validate

    def and_another_writes(form: LoginForm, **options: Any) -> bool:
        is_right = looks_at_password(form, **options)
        with closing(sqlite3.connect(str(db.engine.url.database))) as other, other:
            other.execute("INSERT INTO role (name, description) VALUES ('a', 'b')")
        return is_right

    monkeypatch.setattr(LoginForm, "validate", and_another_writes)
    before = db.session.scalar(sa.select(Staff.password))
    assert type_in(client, ASHA.email, ASHA.password).status_code == 302
    db.session.rollback()
    after = db.session.scalar(sa.select(Staff.password))
    assert after != before
    assert ",t=2," in str(after)


def test_who_guesses_waits_longer_and_longer_and_the_same_for_unknown_names(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    told = {}
    for email in (ASHA.email, NOBODY):
        answers = [type_in(client, email, f"guess {n}") for n in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        told[email] = [Page(answer.text).text for answer in answers]
    assert told[ASHA.email] == told[NOBODY]
    assert "Wait 1 second" in told[NOBODY][-1]
    # The right password is not looked at before its turn either.
    assert type_in(client, ASHA.email, ASHA.password).status_code == 429
    waited = []
    for n in range(8):
        at.later(seconds=2**n)
        waited.append(type_in(client, ASHA.email, "guess").status_code)
    assert waited == [422] * 8
    assert "Wait 5 minutes" in type_in(client, ASHA.email, "guess").text
    at.later(minutes=5)
    assert type_in(client, ASHA.email, ASHA.password).status_code == 302

    entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "sign_in_failed"))
    subjects = [entry.subject for entry in entries]
    assert subjects.count("staff:unknown") == 5
    assert len(set(subjects)) == 2
    kept = " ".join(db.session.scalars(sa.select(LoginAttempts.key)))
    assert "asha" not in kept and "10.0.0.9" not in kept


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_unknown_name_takes_as_long_as_a_known_one(
    app: Flask, client: Client, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    work: list[str] = []
    argon2 = app.extensions["security"].pwd_context.handler("argon2")

    def counted(name: str) -> None:
        real = getattr(argon2, name)
        monkeypatch.setattr(
            argon2, name, lambda *told, **more: work.append(name) or real(*told, **more)
        )

    counted("hash")
    counted("verify")
    for email, expected in ((ASHA.email, "verify"), (NOBODY, "hash")):
        work.clear()
        type_in(client, email, "guess")
        assert work == [expected], "one round of argon2 each"


def test_a_browser_that_is_known_is_not_held_up_by_who_guesses(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    asha = factories.staff(ASHA).id
    own = client
    assert type_in(own, ASHA.email, ASHA.password, "192.0.2.7").status_code == 302
    own.submit(own.get("/you"), "/logout")
    robots = new_client()
    answers = [
        type_in(robots, ASHA.email, "guess", f"2001:db8:{n:x}::1").status_code for n in range(40)
    ]
    assert answers.count(422) == 20, "guesses at one name are bounded whatever the addresses"
    notice = db.session.scalars(sa.select(Notice)).one()
    assert (notice.kind, notice.subject) == (NoticeKind.GUESSING, f"staff:{asha}")
    # From the browser she always uses she comes in at once, though she mistyped twice.
    assert type_in(own, ASHA.email, "mistyped", "203.0.113.5").status_code == 422
    assert type_in(own, ASHA.email, "mistyped", "203.0.113.5").status_code == 422
    assert type_in(own, ASHA.email, ASHA.password, "203.0.113.5").status_code == 302
    # A new browser waits its turn; a link from an admin makes it a known one.
    new = new_client()
    assert type_in(new, ASHA.email, ASHA.password, "203.0.113.6").status_code == 429
    token = password_links.create(asha, admin_id=None, now=clock.now())
    page = new.get(f"/new-password/{token}")
    assert new.submit(page, new="short").status_code == 422
    done = new.submit(page, new="four words nobody guesses", follow=True)
    assert "Password changed" in done.text
    assert type_in(new, ASHA.email, "four words nobody guesses", "203.0.113.6").status_code == 302
    assert new_client().get(f"/new-password/{token}").status_code == 410, "it works once"
    assert own.get("/you").location.startswith("/login"), "signed out everywhere else"
    # What makes a browser known helps its owner alone.
    own.submit(own.get("/login"), "/login", email=ASHA.email, password=ASHA.password)
    assert type_in(own, RAVI.email, "guess", "203.0.113.5").status_code == 422


def test_many_tries_at_once_are_many_tries(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    turn = LoginAttempt(ASHA.email, ("10.0.0.9",))
    deeds = [
        partial(tries.begin_attempt, turn, now=clock.now())
    ] * 8  # as many as there are connections
    waits = at_once(app, deeds)
    assert sum(not wait for wait in waits) == 5


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_clock_that_was_put_back_keeps_nobody_waiting(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(ASHA)
    assert type_in(client, ASHA.email, ASHA.password).status_code == 302
    at("2026-11-23 11:00")
    assert type_in(new_client(), ASHA.email, ASHA.password).status_code == 302


def test_an_address_is_a_house_and_old_tries_are_forgotten(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    for n in range(6):
        answer = type_in(client, ASHA.email, "guess", f"2001:db8:1:2::{n + 1:x}")
    assert answer.status_code == 429, "an IPv6 network is one house, whatever its rooms"
    assert type_in(client, ASHA.email, "guess", "2001:db8:1:3::1").status_code == 422
    assert (
        network_prefix("::ffff:192.0.2.7")
        == network_prefix("192.0.2.7")
        != network_prefix("::ffff:192.0.2.8")
    )
    assert network_prefix("fe80::1%eth0") == network_prefix("fe80::2") == "fe80::/64"
    assert network_prefix("somewhere") == network_prefix(None) == "unknown"
    at.later(hours=25)
    assert type_in(client, ASHA.email, ASHA.password, "2001:db8:1:2::1").status_code == 302
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LoginAttempts)) == 4, (
        "the account, and the three networks"
    )


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_new_password_ends_every_other_session(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    other = new_client()
    client.sign_in(ASHA)
    other.sign_in(ASHA)
    before = client.get_cookie("session")
    form = client.get("/you/password")
    for now, new, status in (
        ("wrong", "kettle moss lantern", 422),
        (ASHA.password, "short", 422),
        (ASHA.password, "password12345", 422),
        (ASHA.password, "ashaasha1234", 422),
        (ASHA.password, "kettle moss lantern", 303),
    ):
        answer = client.submit(form, "/you/password", password=now, new=new)
        assert answer.status_code == status, new
        assert "kettle" not in answer.text
    assert client.get("/you").status_code == 200
    assert other.get("/you").status_code == 302
    third = new_client()
    assert before
    third.set_cookie("session", before.value)
    assert third.get("/you").status_code == 302
    assert type_in(new_client(), ASHA.email, ASHA.password).status_code == 422
    assert type_in(new_client(), ASHA.email, "kettle moss lantern").status_code == 302


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_address_written_in_other_ways_is_the_same_account_to_guessers(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    ways = [
        ASHA.email,
        ASHA.email.upper(),
        "asha@helpline\uff0eexample",
        "asha@\uff48elpline.example",
        "asha@help\uff4cine.example",
    ]
    guesses = [type_in(client, each, "guess").status_code for each in ways]
    assert guesses == [422] * len(ways)
    assert type_in(client, "asha@helplin\uff45.example", "guess").status_code == 429
    at.later(minutes=1)
    assert type_in(client, ways[2], ASHA.password).status_code == 302


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_password_with_accents_or_a_nukta_lets_in_whichever_way_it_is_typed(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    composed, apart = (
        "caf\u00e9 \u0958alam on the table",
        "cafe\u0301 \u0915\u093calam on the table",
    )
    admin = factories.staff(MEERA)
    address = "zoya@helpline.example"
    token = inviting.invite(address, ["advisor"], ["en"], admin_id=admin.id, now=clock.now())
    invited = client.get(f"/invitation/{token}")
    answer = client.submit(invited, name="Zoya", password=composed, again=composed)
    assert answer.status_code == 303
    assert type_in(client, address, composed).status_code == 302
    at.later(minutes=20)
    for typed in (composed, apart):
        form = form_of(client.get("/you/confirm"), "/confirm")
        assert client.submit(form, password=typed).status_code == 303
    new = "\u00fcber den Wolken 77"
    form = form_of(client.get("/you/password"), "/you/password")
    assert client.submit(form, password=apart, new=new).status_code == 303
    client.post("/logout", data=form_of(client.get("/you"), "/logout").fields)
    assert type_in(client, address, "u\u0308ber den Wolken 77").status_code == 302


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_link_for_a_new_password_is_void_once_its_maker_is_no_admin_or_its_owner_left(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    meera, other = factories.staff(MEERA).id, factories.staff(RAVI, roles=("admin",))
    asha, other_id, version = factories.staff(ASHA), other.id, other.version
    asha_id, asha_version = asha.id, asha.version
    db.session.rollback()
    token = password_links.create(asha_id, admin_id=other_id, now=clock.now())
    assert client.get(f"/new-password/{token}").status_code == 200
    advisor = members.Profile("Ravi", ("advisor",), ("en",), None)
    deactivation.change_profile(
        other_id, advisor, expected_version=version, admin_id=meera, now=clock.now()
    )
    assert client.get(f"/new-password/{token}").status_code == 410
    token = password_links.create(asha_id, admin_id=meera, now=clock.now())
    deactivation.deactivate(asha_id, expected_version=asha_version, admin_id=meera, now=clock.now())
    deactivation.reactivate(
        asha_id, expected_version=asha_version + 1, admin_id=meera, now=clock.now()
    )
    assert client.get(f"/new-password/{token}").status_code == 410
    token = password_links.create(asha_id, admin_id=meera, now=clock.now())
    at.later(hours=25)
    assert client.get(f"/new-password/{token}").status_code == 410
