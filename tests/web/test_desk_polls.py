"""A desk polls, and is sent what it does not have on its screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Semaphore
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from config import Settings
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.calls.inbound.models import Asked, InboundCall
from helpline.calls.models import Attempt, Offer, OfferState
from helpline.calls.supervision.models import SupervisorAction, SupervisorEvent
from helpline.db import READ_COMMITTED, db
from helpline.domain.call_progress import AttemptResult, AttemptState, Screening
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.factory import create_app
from helpline.messaging.models import OutboundSms
from helpline.staff import service as accounts
from helpline.staff.models import Presence, Staff
from helpline.staff.sessions.models import StaffSession
from helpline.telephony.models import RefusedRegion
from helpline.telephony.problems import Problem, SmsProblem
from helpline.web import db_bulkhead
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI, VIKRAM
from tests.support.clock import Clock
from tests.support.sql_recorder import listening
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
    assert "no set time" in other.text
    assert poll(client, other.headers["ETag"]).status_code == 304
    at.later(minutes=3)
    assert "3 min" in poll(client, other.headers["ETag"]).text


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
        patched.setattr(sa.orm.Session, "execute", gone)
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


STATUS_LINE = "/desk/hand"
GROWING = {"callback", "attempt", "inbound_call", "offer", "floor_deed", "text_out"}
PING = ";"
"""Of the pool, before it lends a connection to PostgreSQL."""


def line_tag(browser: Client, tag: str = "") -> str:
    """The tag of the status line, which is sent where it differs from this one."""
    headers = {"HX-Request": "true", "If-None-Match": tag}
    came = browser.get(STATUS_LINE, headers=headers)
    assert came.status_code == (304 if came.headers["ETag"] == tag else 200)
    return str(came.headers["ETag"])


def add(row: Any) -> None:
    db.session.add(row)
    db.session.commit()


def update(model: Any, **values: Any) -> None:
    db.session.execute(sa.update(model).values(**values))
    db.session.commit()


def inbound(asha: int) -> None:
    now = clock.now()
    add(
        InboundCall(
            sid="CA1",
            region="IN",
            asked=Asked.LANGUAGE,
            began_at=now,
            heard_at=now,
            advisor_id=asha,
        )
    )


def offer(asha: int) -> None:
    now = clock.now()
    [callback_id] = db.session.scalars(sa.select(Callback.id))
    add(
        Offer(
            ref="offer",
            callback_id=callback_id,
            advisor_id=asha,
            state=OfferState.QUEUED,
            created_at=now,
            heard_at=now,
        )
    )


def action(asha: int) -> None:
    vikram = factories.staff(VIKRAM).id
    [callback_id] = db.session.scalars(sa.select(Callback.id))
    add(
        SupervisorEvent(
            callback_id=callback_id,
            deed=SupervisorAction.FIRST,
            at=clock.now(),
            by_staff=vikram,
            from_staff=asha,
            reason="They called us.",
        )
    )


def failed_text(asha: int) -> None:
    now = clock.now()
    [callback_id] = db.session.scalars(sa.select(Callback.id))
    add(
        OutboundSms(
            ref="text",
            callback_id=callback_id,
            kind=SmsKind.CRISIS,
            once="",
            status=SmsStatus.UNDELIVERED,
            problem=SmsProblem.UNREACHABLE,
            created_at=now,
            good_until=now,
            sent_by=asha,
        )
    )


def presence(asha: int) -> None:
    accounts.record_desk_seen(asha, now=clock.now())
    update(Presence, away_by_misses=True)


def refused(_asha: int) -> None:
    add(RefusedRegion(region="IN", code=13227, refused_at=clock.now()))


def start_call(asha: int) -> None:
    [callback_id] = db.session.scalars(sa.select(Callback.id))
    calls.start_call(callback_id, asha, now=clock.now())


CHANGES: list[tuple[str, Callable[[int], None]]] = [
    ("a call is asked for", start_call),
    ("it is being placed", lambda _: update(Attempt, state=AttemptState.PLACING)),
    ("her phone rings", lambda _: update(Attempt, state=AttemptState.ADVISOR_RINGING)),
    ("their phone rings", lambda _: update(Attempt, state=AttemptState.VISITOR_RINGING)),
    ("they are screened", lambda _: update(Attempt, screening=Screening.DETECTION)),
    ("they talk", lambda _: update(Attempt, state=AttemptState.TALKING)),
    ("a problem", lambda _: update(Attempt, problem=Problem.BUSY)),
    (
        "it ended",
        lambda _: update(Attempt, ended_at=clock.now(), result=AttemptResult.NO_ANSWER),
    ),
    ("the lease", lambda _: update(Callback, claim_ends_at=clock.now() + timedelta(minutes=9))),
    ("its region is refused", refused),
    ("that was earlier", lambda _: update(RefusedRegion, refused_at=clock.now() - timedelta(3))),
    ("an inbound call", inbound),
    ("her phone answers", lambda _: update(InboundCall, advisor_call="CA2")),
    ("connected", lambda _: update(InboundCall, talked_at=clock.now())),
    ("the inbound call ended", lambda _: update(InboundCall, ended_at=clock.now())),
    ("an offer", offer),
    ("it rings", lambda _: update(Offer, state=OfferState.RINGING)),
    ("it is answered", lambda _: update(Offer, state=OfferState.ANSWERED)),
    ("it ended", lambda _: update(Offer, ended_at=clock.now())),
    ("set to break", presence),
    ("a supervisor", action),
    ("another reason", lambda _: update(SupervisorEvent, reason="Their line drops.")),
    ("another name", lambda _: update(Staff, name="Somebody Else")),
    ("a text failed", failed_text),
    ("for another reason", lambda _: update(OutboundSms, problem=SmsProblem.STOPPED)),
    ("they closed", lambda _: factories.opening_hours(("08:00", "09:00"))),
    ("they opened", lambda _: factories.opening_hours(("08:00", "19:00"))),
    ("released", lambda _: update(Callback, status=Status.WAITING, claimed_by=None)),
]


@pytest.mark.settings(
    twilio_account_sid="AC" + "0" * 32, twilio_auth_token="token", caller_id="+911140000001"
)
def test_every_change_of_the_status_line_is_sent_with_the_next_poll(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    asha = factories.claimed(ASHA, KAVITA).claimed_by
    assert asha is not None
    client.sign_in(ASHA)
    tag = line_tag(client)
    for what, change in CHANGES:
        change(asha)
        if "they closed" in what or "they opened" in what:  # In wrap-up it makes no difference.
            continue
        assert line_tag(client, tag) != tag, what
        tag = line_tag(client)
        assert line_tag(client, tag) == tag


def test_time_alone_changes_the_status_line_too(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA, KAVITA)
    client.sign_in(ASHA)
    tag = line_tag(client)
    assert held.claim_ends_at is not None
    at.later(seconds=(held.claim_ends_at - clock.now()).total_seconds() - 119)
    assert line_tag(client, tag) != tag, "the claim ends soon"
    tag = line_tag(client)
    factories.opening_hours(("08:00", "09:00"))
    assert line_tag(client, tag) != tag, "the helpline has closed"


@pytest.mark.parametrize("path", ["/desk/queue", STATUS_LINE])
def test_an_unchanged_desk_is_told_so_after_one_query(client: Client, at: Clock, path: str) -> None:
    at("2026-11-23 11:00")
    factories.claimed(ASHA, KAVITA)
    factories.callback(ARJUN)
    client.sign_in(ASHA)
    tag = client.get(path, headers={"HX-Request": "true"}).headers["ETag"]
    with listening(db.engine) as said:
        same = client.get(path, headers={"HX-Request": "true", "If-None-Match": tag})
    assert same.status_code == 304
    assert [text.split()[0] for text, _params in said if text != PING] == ["SELECT"]


@pytest.mark.parametrize("path", ["/desk/queue", STATUS_LINE])
def test_a_poll_scans_no_table_that_grows(client: Client, at: Clock, path: str) -> None:
    at("2026-11-23 11:00")
    factories.claimed(ASHA, KAVITA)
    client.sign_in(ASHA)
    client.get("/desk/queue")  # The desk is heard of.
    with listening(db.engine) as said:
        client.get(path)
    db.session.rollback()
    connection = db.session.connection(execution_options={"isolation_level": READ_COMMITTED})
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    statements = [(text, params) for text, params in said if text.startswith("SELECT")]
    assert statements
    for text, params in statements:
        rows = connection.exec_driver_sql(f"EXPLAIN {text}", params)
        scanned = re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in rows))
        assert not set(scanned) & GROWING, scanned
