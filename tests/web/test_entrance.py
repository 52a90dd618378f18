"""Who may enter: every view declares its audience, staff sign in, forms of staff carry a secret."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import Rule

from helpline.db import db
from helpline.web import access
from helpline.web.access import (
    ADMIN,
    ADVISOR,
    ANYONE,
    AUTH_PAGES,
    AWAITING_TWO_FACTOR,
    CARRIER,
    NOBODY,
    SUPERVISOR,
)
from tests import factories
from tests.cast import ASHA, MEERA, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page
from tests.web.routes import address_of

STAFF = {ADVISOR, SUPERVISOR, ADMIN}
KNOWN = {
    ANYONE,
    CARRIER,
    AUTH_PAGES,
    AWAITING_TWO_FACTOR,
    NOBODY,
    access.ANY_SITE,
    access.STAFF,
    *STAFF,
}
OPEN_TO_SIGN_IN = {"security.login", "security.logout", "static"}


def audience_of(app: Flask, rule: Rule) -> frozenset[str]:
    """Who may enter."""
    return access.audience_of(rule.endpoint)


def staff_rules(app: Flask) -> list[Rule]:
    """Every address for staff."""
    return [rule for rule in app.url_map.iter_rules() if audience_of(app, rule) & STAFF]


def test_every_view_declares_its_audience(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        declared = audience_of(app, rule)
        assert declared, f"{rule.endpoint} does not say who may enter"
        assert declared <= {
            ANYONE,
            CARRIER,
            AUTH_PAGES,
            AWAITING_TWO_FACTOR,
            NOBODY,
            access.ANY_SITE,
            access.STAFF,
            *STAFF,
        }
    assert len(staff_rules(app)) >= 12


def test_of_the_sign_in_library_only_the_door_is_open(app: Flask, client: Client) -> None:
    views = {rule.endpoint for rule in app.url_map.iter_rules() if "security." in rule.endpoint}
    assert {"security.login", "security.logout"} <= views
    for rule in app.url_map.iter_rules():
        if rule.endpoint in views - OPEN_TO_SIGN_IN and "GET" in (rule.methods or ()):
            assert client.get(address_of(rule)).status_code in (302, 404)


def test_who_is_not_signed_in_is_sent_to_the_door(app: Flask, client: Client) -> None:
    for rule in staff_rules(app):
        address = address_of(rule)
        if "GET" in (rule.methods or ()):
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer.location.startswith("/login?next=")
            fragment = client.get(address, headers={"HX-Request": "true"})
            assert fragment.status_code == 401
        else:
            assert client.post(address).status_code in (400, 401)


def test_the_wrong_role_is_told_so(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    factories.staff(VIKRAM)
    factories.staff(MEERA)
    advisor, supervisor, admin = client, new_client(), new_client()
    advisor.sign_in(ASHA)
    supervisor.sign_in(VIKRAM)
    admin.sign_in(MEERA)
    browsers = ((advisor, ADVISOR), (supervisor, SUPERVISOR), (admin, ADMIN))
    for rule in staff_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        who = audience_of(app, rule)
        for browser, role in browsers:
            answer = browser.get(address_of(rule))
            if role in who:
                assert answer.status_code in (200, 302, 303, 404), rule.rule
            else:
                assert answer.status_code == 403, rule.rule
                page = Page(answer.text)
                assert "This page is for staff only" in page.text
                assert "tel:14416" in page.links("tel:")


def test_a_form_of_staff_without_its_secret_is_refused(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA, roles=("advisor", "supervisor", "admin"))
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    for rule in staff_rules(app):
        if "POST" not in (rule.methods or ()):
            continue
        for sent in ({}, {"csrf_token": "made-up"}):
            answer = client.post(address_of(rule), data=sent)
            assert answer.status_code == 400, rule.rule
            assert "We could not read that" in answer.text
    assert db.session.get_one(type(held), held.id).status == "claimed"


def test_staff_come_in_to_their_own_rooms_and_go_out_again(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    factories.staff(MEERA)
    factories.staff(VIKRAM)
    for browser, member, room in (
        (client, ASHA, "/desk/"),
        (new_client(), VIKRAM, "/floor/"),
        (new_client(), MEERA, "/admin/"),
    ):
        page = browser.sign_in_to_page(member)
        assert page.request.path == room
        assert member.name in Page(page.text).text
        assert browser.submit(page, "/logout").status_code == 302
        assert browser.get(room).status_code == 302


def test_a_wrong_password_says_nothing_of_who_is_known(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    pages = []
    for email in (ASHA.email, "nobody@helpline.example"):
        answer = client.submit(client.get("/login"), "/login", email=email, password="wrong one")
        assert answer.status_code == 422
        page = Page(answer.text)
        pages.append(page.text)
        assert page.the("input", type="email").attrs["value"] == email
        assert page.the("div", cls="error-summary").text
    assert pages[0] == pages[1]
    assert client.get("/desk/").status_code == 302


def test_signing_in_leads_to_no_other_site(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    door = client.get("/login?next=https://evil.example/desk")
    answer = client.submit(door, "/login", email=ASHA.email, password=ASHA.password)
    assert "evil.example" not in (answer.location or "")
