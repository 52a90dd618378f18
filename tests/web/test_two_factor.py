"""The second step: set up at the first sign-in, asked for at each, good once, and got back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from helpline import clock
from helpline.db import db
from helpline.domain.two_factor import is_required
from helpline.privacy.models import AuditEntry
from helpline.staff.sessions.models import StaffSession
from helpline.staff.two_factor import service as steps
from helpline.staff.two_factor.errors import InvalidCode
from helpline.staff.two_factor.models import CodeApp, RecoveryCode
from tests import factories
from tests.cast import ASHA, MEERA, VIKRAM, Member
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page


def code_now(secret: str) -> str:
    """What the app shows."""
    told: str = TOTP(key=secret, format="base32").generate(time=clock.now().timestamp()).token
    return told


def secret_of(page: TestResponse) -> str:
    """The key that stands beside the picture."""
    return Page(page.text).the("code").text.replace("-", "").replace(" ", "")


def with_app(browser: Client, member: Member) -> tuple[str, list[str]]:
    """Signs in for the first time, and sets an app up; its secret, and the recovery codes."""
    page = browser.sign_in_to_page(member)
    assert page.request.path == "/second-step/set-up"
    secret = secret_of(page)
    done = browser.submit(page, "/second-step/app", code=code_now(secret))
    assert done.status_code == 200, "the recovery codes are shown"
    return secret, [each.text for each in Page(done.text).all("code")]


def step(browser: Client, member: Member, code: str) -> TestResponse:
    """Signs in with the password, then this code."""
    page = browser.sign_in_to_page(member)
    assert page.request.path == "/second-step"
    return browser.submit(page, "/second-step", code=code)


def test_who_needs_one() -> None:
    assert is_required("all", ["advisor"])
    assert not is_required("admins", ["advisor"])
    assert is_required("admins", ["advisor", "supervisor"])
    assert is_required("admins", ["admin"])
    assert not is_required("off", ["admin"])


@pytest.mark.settings(second_factor="all")
def test_from_the_first_sign_in_to_a_lost_phone(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    meera = factories.staff(MEERA)
    # Before it is set up, nothing else opens.
    client.sign_in(MEERA)
    for shut in ("/admin/", "/admin/hours", "/you", "/staff", "/floor/"):
        assert client.get(shut).location.startswith("/second-step?next=")
    assert client.get("/admin/", headers={"HX-Request": "true"}).status_code == 401
    page = client.get("/second-step/set-up")
    token = Page(page.text).all("input", name="csrf_token")[0].attrs["value"]
    assert client.post("/admin/hours", data={"csrf_token": token}).status_code == 401
    assert client.submit(page, "/second-step/app", code="000000").status_code == 422
    client.submit(page, "/logout")

    secret, recovery = with_app(client, MEERA)
    assert len(recovery) == 10
    assert client.get("/admin/").status_code == 200
    raw = db.session.execute(sa.text("SELECT secret FROM code_app")).scalar_one()
    assert secret not in raw, "encrypted at rest"
    hashes = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert not {code.replace("-", "") for code in recovery} & set(hashes)
    assert db.session.scalars(sa.select(StaffSession.app_secret)).all() == [None]

    # The code that set it up is no good again, nor is any of that half minute.
    other = new_client()
    assert step(other, MEERA, code_now(secret)).status_code == 422
    at.later(seconds=30)
    halfway = other.get_cookie("session")
    code = code_now(secret)
    page = other.get("/second-step?next=/admin/hours")
    done = other.submit(page, "/second-step?", code=f"{code[:3]} {code[3:]}")
    assert (done.status_code, done.location) == (303, "/admin/hours")
    signed_in = other.get_cookie("session")
    assert halfway and signed_in and halfway.value != signed_in.value
    third = new_client()
    third.set_cookie("session", halfway.value)
    assert third.get("/second-step").location.startswith("/login"), "the key of halfway is void"
    assert step(third, MEERA, code).status_code == 422, "a code that was watched is no use"

    # The phone is lost: a recovery code, in capitals, and once.
    lost = new_client()
    assert step(lost, MEERA, recovery[3].upper().replace("-", " ")).status_code == 303
    assert "9 codes left" in lost.get("/you").text
    again = new_client()
    assert step(again, MEERA, recovery[3]).status_code == 422

    # All is lost: an admin takes it away, and all sessions with it.
    steps.reset(meera.id, actor="operator", now=clock.now())
    assert lost.get("/admin/").status_code == 302
    assert again.sign_in_to_page(MEERA).request.path == "/second-step/set-up"
    deeds = db.session.scalars(sa.select(AuditEntry.deed)).all()
    assert {"second_step_added", "recovery_code_used", "second_step_reset", "signed_in"} <= {*deeds}
    told = " ".join(str(each.detail) for each in db.session.scalars(sa.select(AuditEntry)))
    assert secret not in told and not any(each in told for each in recovery)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(second_factor="admins")
def test_the_operator_may_spare_advisors_and_nobody_else(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    for member in (ASHA, VIKRAM, MEERA):
        factories.staff(member)
    assert client.sign_in_to_page(ASHA).request.path == "/desk/"
    for member in (VIKRAM, MEERA):
        assert new_client().sign_in_to_page(member).request.path == "/second-step/set-up"
    # Whoever has set one up is asked, also where none is needed; and may take it away again.
    page = client.get("/second-step/set-up")
    secret = secret_of(page)
    client.submit(page, "/second-step/app", code=code_now(secret))
    assert new_client().sign_in_to_page(ASHA).request.path == "/second-step"
    page = client.get("/you")
    for _twice in range(2):
        client.submit(page, "/you/app/remove")
    deeds = db.session.scalars(sa.select(AuditEntry.deed)).all()
    assert deeds.count("second_step_removed") == 1, "nothing was there to be removed again"
    assert new_client().sign_in_to_page(ASHA).request.path == "/desk/"


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(second_factor="all")
def test_halfway_in_nobody_adds_a_key_of_their_own(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    with_app(client, MEERA)
    thief = new_client()
    page = thief.sign_in_to_page(MEERA)
    assert thief.get("/second-step/set-up").location.startswith("/second-step")
    token = Page(page.text).all("input", name="csrf_token")[0].attrs["value"]
    for address in ("/second-step/app", "/second-step/passkeys"):
        answer = thief.post(address, data={"csrf_token": token, "code": "123456", "answer": "{}"})
        assert answer.location == "/second-step"
    for address in ("/you/app/remove", "/you/recovery-codes"):
        assert thief.post(address, data={"csrf_token": token}).status_code == 401
    for answer in ("", "{}", "[]", "null", '{"id":"x"}', "\x00"):
        assert (
            thief.post(
                "/second-step/passkey", data={"csrf_token": token, "answer": answer}
            ).status_code
            == 422
        )
    at.later(minutes=16)
    assert thief.get("/second-step").location.startswith("/login"), "the password lasts not long"


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(second_factor="all")
def test_what_matters_is_asked_again_and_the_last_one_stays(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    with_app(client, MEERA)
    page = client.submit(client.get("/you"), "/you/app/remove", follow=True)
    assert "this is your only method" in page.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CodeApp)) == 1
    at.later(minutes=20)
    asked = client.submit(client.get("/you"), "/you/recovery-codes")
    assert asked.location == "/you/confirm?next=/you"
    asked = client.get(asked.location)
    assert client.submit(asked, "/you/confirm", password="wrong").status_code == 422
    assert client.submit(asked, "/you/confirm", password=MEERA.password).location == "/you"
    fresh = client.submit(client.get("/you"), "/you/recovery-codes")
    assert len(Page(fresh.text).all("code")) == 10


@pytest.mark.settings(second_factor="all")
def test_of_two_who_use_one_code_at_once_one_comes_in(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    meera = factories.staff(MEERA).id
    secret, recovery = with_app(client, MEERA)
    at.later(seconds=31)
    ids = db.session.scalars(sa.select(StaffSession.id)).all()
    for code in (code_now(secret), recovery[0]):
        deed = partial(
            steps.verify_code, ids[0], meera, code, max_age=timedelta(hours=1), now=clock.now()
        )
        came_in, refused = sorted(
            at_once(app, [deed, deed]), key=lambda each: type(each) is not str
        )
        assert isinstance(came_in, str)
        assert isinstance(refused, InvalidCode)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(second_factor="admins")
def test_an_admin_resets_it_for_who_lost_it_and_signs_others_out(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    vikram = factories.staff(VIKRAM).id
    lost = new_client()
    with_app(lost, VIKRAM)
    with_app(client, MEERA)
    page = client.get(f"/admin/staff/{vikram}")
    assert "1 active session." in Page(page.text).text
    at.later(minutes=20)
    from_there = {"Referer": f"http://localhost/admin/staff/{vikram}"}
    token = Page(page.text).all("input", name="csrf_token")[0].attrs["value"]
    reset = f"/admin/staff/{vikram}/second-step/reset"
    asked = client.post(reset, data={"csrf_token": token}, headers=from_there)
    assert asked.location == f"/you/confirm?next=/admin/staff/{vikram}"
    client.submit(client.get(asked.location), "/you/confirm", password=MEERA.password)
    client.submit(client.get(f"/admin/staff/{vikram}"), "/second-step/reset")
    assert lost.get("/floor/").location.startswith("/login")
    assert lost.sign_in_to_page(VIKRAM).request.path == "/second-step/set-up"
    by = db.session.scalars(
        sa.select(AuditEntry.actor).where(AuditEntry.deed == "second_step_reset")
    ).one()
    assert by != f"staff:{vikram}"

    anew = new_client()
    with_app(anew, VIKRAM)
    page = client.submit(client.get(f"/admin/staff/{vikram}"), "/sign-out", follow=True)
    assert "No active sessions." in Page(page.text).text
    assert anew.get("/floor/").location.startswith("/login")
    assert client.post("/admin/staff/999/sign-out", data={"csrf_token": token}).status_code == 404
