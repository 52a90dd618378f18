"""A desk polls, and is sent what it does not have on its screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Semaphore

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from config import Settings
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.factory import create_app
from helpline.staff.models import Presence, Staff
from helpline.staff.sessions.models import StaffSession
from helpline.web import db_bulkhead
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


def poll(browser: Client, tag: str | None = None) -> TestResponse:
    """The desk asks by itself, and names what it has."""
    named = {"If-None-Match": tag} if tag else {}
    return browser.get("/desk/queue", headers={"HX-Request": "true", **named})


def shown(browser: Client) -> str:
    """The tag of what comes on the screen."""
    came = poll(browser)
    assert came.status_code == 200
    return str(came.headers["ETag"])


@contextmanager
def changed(model: type[Staff | StaffSession], **values: object) -> Iterator[None]:
    """With these values in all rows, and as before after that."""
    kept = db.session.execute(sa.select(model.id, *(getattr(model, each) for each in values))).all()
    db.session.execute(sa.update(model).values(**values))
    db.session.commit()
    yield
    for row_id, *before in kept:
        there = dict(zip(values, before, strict=True))
        db.session.execute(sa.update(model).where(model.id == row_id).values(**there))
    db.session.commit()


def test_what_is_on_the_screen_is_not_sent_again(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    tag = shown(client)

    same = poll(client, tag)
    assert (same.status_code, same.data) == (304, b"")
    assert (same.headers["ETag"], same.headers["Cache-Control"]) == (tag, "no-store")
    assert poll(client, f'W/{tag}, "other"').status_code == 304
    assert "Set-Cookie" not in same.headers

    factories.callback(ARJUN)
    other = poll(client, tag)
    assert other.status_code == 200
    assert "as soon as possible" in other.text
    assert poll(client, other.headers["ETag"]).status_code == 304
    at.later(minutes=3)
    assert "3 minutes" in poll(client, other.headers["ETag"]).text


def test_each_is_told_of_their_own_queue(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    asha = factories.staff(ASHA)
    factories.staff(RAVI)
    wants = factories.callback(KAVITA)
    db.session.execute(
        sa.update(Callback)
        .where(Callback.id == wants.id)
        .values(wanted_advisor=asha.id, wanted_until=clock.now() + timedelta(minutes=20))
    )
    db.session.commit()
    his = new_client()
    client.sign_in(ASHA)
    his.sign_in(RAVI)
    tags = shown(client), shown(his)
    assert tags[0] != tags[1]
    assert [poll(each, tag).status_code for each in (client, his) for tag in tags] == [
        304,
        200,
        200,
        304,
    ]


def test_who_may_not_have_it_is_told_by_the_gate(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    asha = factories.staff(ASHA)
    client.sign_in(ASHA)
    tag = shown(client)
    past = clock.now() - timedelta(days=400)
    for model, values in (
        (StaffSession, {"proven_at": None}),
        (StaffSession, {"ends_at": past}),
        (StaffSession, {"last_used_at": past}),
        (StaffSession, {"key_hash": "of another key"}),
        (Staff, {"active": False}),
        (Staff, {"fs_uniquifier": "of somebody else"}),
    ):
        with changed(model, **values):
            assert poll(client, tag).status_code == 401, values
        assert poll(client, tag).status_code == 304

    kept = client.get_cookie("session")
    assert kept is not None
    for cookie in ("", "nothing", kept.value[:-1], kept.value + "A", kept.value[3:]):
        client.set_cookie("session", cookie)
        assert poll(client, tag).status_code == 401
    client.set_cookie("session", kept.value)
    assert poll(client, tag).status_code == 304

    there = db.session.get_one(Staff, asha.id)
    there.roles = []
    db.session.commit()
    assert poll(client, tag).status_code == 403


def test_the_desk_is_heard_of_and_the_session_not_used(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    tag = shown(client)
    began = db.session.scalars(sa.select(StaffSession.last_used_at)).one()
    for _ in range(4):
        at.later(minutes=2)
        assert poll(client, tag).status_code == 304
        assert db.session.scalars(sa.select(Presence.last_seen_at)).one() == clock.now()
    assert db.session.scalars(sa.select(StaffSession.last_used_at)).one() == began
    opened = client.get("/desk/queue", headers={"If-None-Match": tag})
    assert opened.status_code == 304
    assert db.session.scalars(sa.select(StaffSession.last_used_at)).one() == clock.now()


def answered() -> float:
    """How many queues were counted that had not changed."""
    labels = {"endpoint": "advisor.queue_fragment", "status": "3xx"}
    return REGISTRY.get_sample_value("helpline_page_seconds_count", labels) or 0.0


def test_it_is_counted_with_the_others(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    tag = shown(client)

    poll(client, tag)
    before = answered()
    for _ in range(3):
        poll(client, tag)
    assert answered() == before + 3


def test_without_a_database_the_view_says_so(
    client: Client, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    tag = shown(client)

    def gone(*_args: object, **_told: object) -> None:
        raise sa.exc.OperationalError("SELECT", None, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr("helpline.queue.queries.fetch_rows", gone)
        patched.setattr("helpline.staff.sessions.queries.fetch_first", gone)
        down = poll(client, tag)
    assert down.status_code == 503
    assert poll(client, tag).status_code == 304


@pytest.mark.parametrize(("places", "status"), [(0, 503), (1, 304)])
def test_it_takes_a_place_at_the_database_as_any_request_does(
    client: Client, settings: Settings, at: Clock, places: int, status: int
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    tag, kept = shown(client), client.get_cookie("session")
    assert kept is not None
    full = create_app(settings)
    db_bulkhead.PLACES.install(full, Semaphore(places))
    full.test_client_class = Client
    with full.app_context():
        browser = full.test_client()
        browser.set_cookie("session", kept.value)
        assert isinstance(browser, Client)
        if places:
            assert poll(browser).status_code == 200  # In words there, from here on.
        for _ in range(3):
            assert poll(browser, tag).status_code == status
        db.engine.dispose()
