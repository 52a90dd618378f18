"""Every route, as everybody, by every method; and whose callback is whose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Response

from helpline import clock
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from helpline.staff.sessions import service as sessions
from helpline.web import access, errors
from helpline.web.access import ADMIN, ANYONE, AUTH_PAGES, AWAITING_TWO_FACTOR, CARRIER, NOBODY
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA, RAVI, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page
from tests.web.routes import address_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
UNASKED = {ANYONE, CARRIER, AUTH_PAGES}
"""Who is signed in is not asked there: a visitor and an admin are tried."""
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def expected(declared: frozenset[str], roles: frozenset[str] | None, method: str) -> set[int]:
    """What the gate answers.

    Args:
        declared: who may enter.
        roles: of who asks; None: nobody is signed in; empty: halfway in.
    """
    if declared == {CARRIER}:
        return {403}  # Without the carrier's signature.
    if declared & {ANYONE, AUTH_PAGES}:
        return {200}
    if declared == {NOBODY}:
        return {404}
    if roles is None or (not roles and AWAITING_TWO_FACTOR not in declared):
        return {302} if method in ("GET", "HEAD") else {401}
    if declared & {AWAITING_TWO_FACTOR, access.STAFF} or declared & roles:
        return {200}
    return {403}


def with_bare_views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the gate nothing happens: what is tried here is the gate."""
    for endpoint, view in app.view_functions.items():

        def inside(**_values: Any) -> str:
            return "in"

        inside.audience = access.audience_of(endpoint)  # type: ignore[attr-defined]
        app.view_functions[endpoint] = inside if inside.audience else view  # type: ignore[attr-defined]
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    monkeypatch.setattr(errors, "error_page", lambda code, *_more: Response(status=code))


def test_every_route_as_everybody_by_every_method(
    app: Flask,
    new_client: Callable[[], Client],
    at: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at("2026-11-23 11:00")
    people: dict[frozenset[str] | None, Client] = {None: new_client()}
    for member in (ASHA, VIKRAM, MEERA):
        factories.staff(member)
        people[frozenset(member.roles)] = new_client()
        people[frozenset(member.roles)].sign_in(member)
    halfway = people[frozenset()] = new_client()
    begin = sessions.start

    def begin_halfway(*args: Any, **told: Any) -> str:
        return begin(*args, **told | {"needs_second_factor": True})

    monkeypatch.setattr(sessions, "start", begin_halfway)
    halfway.post("/login", data=halfway_form(halfway))
    with_bare_views(app, monkeypatch)
    tried = 0
    wrong = []
    for rule in app.url_map.iter_rules():
        declared = access.audience_of(rule.endpoint)
        assert declared, f"{rule.endpoint} does not say who may enter"
        address, allowed = address_of(rule), rule.methods or set()
        siblings = {
            method
            for other in app.url_map.iter_rules()
            if other.rule == rule.rule
            for method in other.methods or ()
        }
        for method in METHODS:
            if method in siblings and method not in allowed:
                continue  # Another view answers this method here, in its own turn.
            for roles, browser in people.items():
                plain = method not in siblings or method == "HEAD" or declared & UNASKED
                if plain and roles not in (None, frozenset({ADMIN})):
                    continue
                answer = browser.open(address, method=method)
                wanted = expected(declared, roles, method) if method in allowed else {405, 308}
                tried += 1
                if answer.status_code not in wanted:
                    wrong.append((method, rule.rule, roles, answer.status_code, wanted))
    assert wrong == []
    assert tried > 600


def halfway_form(browser: Client) -> dict[str, str]:
    """What is typed at the door by somebody whose second step is still to come."""
    token = Page(browser.get("/login").text).the("input", name="csrf_token").attrs["value"]
    return {"csrf_token": token, "email": ASHA.email, "password": ASHA.password}


def test_an_advisor_has_their_own_callback_and_no_other(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA, KAVITA)
    asha, other, supervisor = client, new_client(), new_client()
    for browser, member in ((asha, ASHA), (other, RAVI), (supervisor, VIKRAM)):
        factories.staff(member)
        browser.sign_in(member)
    before = {column.name: getattr(held, column.key) for column in sa.inspect(type(held)).columns}
    token = Page(other.get("/desk/").text).all("input", name="csrf_token")[0].attrs["value"]
    routes = [rule for rule in app.url_map.iter_rules() if "<int:callback_id>" in rule.rule]
    of_the_desk = [rule for rule in routes if rule.rule.startswith("/desk/")]
    assert len(of_the_desk) >= 10
    for rule in of_the_desk:
        address = address_of(rule, callback_id=held.id)
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        answer = other.open(
            address,
            method=method,
            data={"csrf_token": token, "disposition": "reached", "to": factories.staff(RAVI).id},
        )
        assert answer.status_code in (302, 303, 404, 409, 422), rule.rule
        assert "98765" not in answer.text and "Kavita" not in answer.text, rule.rule
    db.session.expire_all()
    assert {name: getattr(held, name) for name in before} == before, "nothing was done to it"

    def seen() -> int:
        return (
            db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.deed == "number_shown"))
            or 0
        )

    # In full only while it is held, and each sight is on record.
    number = "98765 00001"
    for browser, address, shows in (
        (asha, "/desk/", True),
        (asha, "/desk/queue", False),
        (asha, "/desk/hand", False),
        (asha, "/desk/past", False),
        (other, "/desk/", False),
        (supervisor, "/floor/", False),
        (supervisor, f"/floor/callbacks/{held.id}", False),
    ):
        count = seen()
        shown = number in browser.get(address).text
        assert shown is shows, address
        assert seen() - count == int(shows), address
    count = seen()
    sent_back = asha.submit(asha.get("/desk/"), "/own-phone", follow=True)
    assert number in sent_back.text
    assert seen() - count == 2
    count = seen()
    wrong = asha.submit(asha.get("/desk/"), "/disposition", notes="Slept badly.")
    assert (wrong.status_code, number in wrong.text) == (422, True)
    assert seen() - count == 2

    calls.record_disposition(
        held.id, factories.staff(ASHA).id, Disposition.REACHED, "Slept badly.", now=clock.now()
    )
    assert number not in asha.get("/desk/").text
    past = Page(asha.get("/desk/past").text).text
    assert "Slept badly." in past and "Reached" in past
    assert "Kavita" not in past and "98765" not in past
    assert "Slept badly." not in other.get("/desk/past").text
    assert supervisor.get("/desk/past").status_code == 403
