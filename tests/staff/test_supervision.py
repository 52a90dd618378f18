"""The live floor: who is on what, and what supervisors do with callbacks, kindly and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.calls import attempts
from helpline.calls import service as calls
from helpline.calls.errors import CallInProgress, NoSuchColleague
from helpline.calls.supervision import queries
from helpline.calls.supervision import service as floor
from helpline.calls.supervision.models import SupervisorAction, SupervisorEvent
from helpline.calls.supervision.queries import Activity
from helpline.calls.supervision.service import Order
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.lifecycle import Status
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.privacy.models import AuditEntry
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA, RAVI, VIKRAM, Member
from tests.invariants.together import at_once
from tests.staff import fixtures
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

LATE = Member("Late", "late@helpline.example", "late is on shift", ("advisor",), ("en",))
ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def _noon(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    factories.staff(VIKRAM)


def do(
    callback: Callback, deed: SupervisorAction, *, seen: int | None, to: int | None = None
) -> None:
    floor.carry_out(
        callback.id,
        Order(deed, seen, "He asked for it.", to),
        supervisor_id=factories.staff(VIKRAM).id,
        now=clock.now(),
    )


def fresh(callback: Callback) -> Callback:
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


def first_in_queue() -> int:
    db.session.rollback()
    return queue.waiting_list(db.session(), clock.now())[0].id


def test_each_advisor_is_shown_with_what_they_are_on_and_since_when(app: Flask, at: Clock) -> None:
    people = {
        name: factories.staff(RAVI, name=name, email=f"{name}@helpline.example")
        for name in ("available", "away", "claimed", "calling", "wrap", "gone", "never")
    }
    accounts.record_desk_seen(people["gone"].id, now=clock.now())
    at.later(minutes=5)
    for name in ("available", "away", "claimed", "calling", "wrap"):
        accounts.record_desk_seen(people[name].id, now=clock.now())
    accounts.set_presence(people["away"].id, PresenceState.AWAY, now=clock.now())
    held = {}
    for name, visitor in (("claimed", KAVITA), ("calling", ARJUN), ("wrap", LEELA)):
        factories.callback(visitor)
        held[name] = claims.claim_next(people[name].id, now=clock.now())
    at.later(minutes=1)
    for name in ("calling", "wrap"):
        calls.start_own_phone_call(held[name], people[name].id, now=clock.now(), longest_minutes=60)
    at.later(seconds=20)
    with transaction() as session:
        live = attempts.live_of(session, held["wrap"])
        assert live is not None
        attempts.end_attempt(session, live, AttemptResult.TALKED, rang=True, now=clock.now())
    found = {each.name: each for each in queries.advisors(db.session(), clock.now())}
    assert {name: each.doing for name, each in found.items()} == {
        "available": Activity.AVAILABLE,
        "away": Activity.AWAY,
        "claimed": Activity.CLAIMED,
        "calling": Activity.TALKING,
        "wrap": Activity.WRAP_UP,
        "gone": Activity.OFFLINE,
        "never": Activity.OFFLINE,
    }
    waited = {
        name: each.since and (clock.now() - each.since).seconds for name, each in found.items()
    }
    assert (waited["claimed"], waited["calling"], waited["wrap"]) == (80, 20, 0)
    assert (waited["gone"], waited["never"]) == (380, None)
    assert found["claimed"].callback_id == held["claimed"]
    assert {name for name, each in found.items() if each.desk_lost_at} == set()
    at.later(seconds=30)
    accounts.record_desk_seen(people["wrap"].id, now=clock.now())
    lost = [each for each in queries.advisors(db.session(), clock.now()) if each.desk_lost_at]
    assert {each.name for each in lost} == {"claimed", "calling"}
    assert {clock.now() - each.desk_lost_at for each in lost if each.desk_lost_at} == {
        timedelta(seconds=110)
    }


@ONCE
def test_a_supervisor_gives_takes_back_and_puts_first(app: Flask, at: Clock) -> None:
    asha, ravi = factories.staff(ASHA), factories.staff(RAVI)
    held = factories.claimed(ASHA, KAVITA)
    at.later(minutes=1)
    other, third = factories.callback(ARJUN), factories.callback(IMRAN)

    do(held, SupervisorAction.GIVE, seen=asha.id, to=ravi.id)
    held = fresh(held)
    assert (held.status, held.claimed_by, held.wanted_advisor) == (Status.WAITING, None, ravi.id)
    assert claims.claim_next(asha.id, now=clock.now()) != held.id, "it is kept for Ravi"
    assert claims.claim_next(ravi.id, now=clock.now()) == held.id
    do(held, SupervisorAction.TAKE_BACK, seen=ravi.id)
    assert fresh(held).claimed_by is None
    do(third, SupervisorAction.FIRST, seen=None)
    assert first_in_queue() == third.id
    do(third, SupervisorAction.LAST, seen=None)
    assert first_in_queue() != third.id
    do(third, SupervisorAction.USUAL, seen=None)
    at.later(minutes=30)
    do(third, SupervisorAction.GIVE, seen=None, to=ravi.id)
    assert fresh(third).wanted_advisor == ravi.id
    with pytest.raises(NoSuchColleague):
        do(third, SupervisorAction.GIVE, seen=None, to=factories.staff(VIKRAM).id)
    assert broken_rules(db.session()) == []
    assert other.id


@ONCE
def test_what_happened_meanwhile_is_respected(app: Flask) -> None:
    asha, ravi = factories.staff(ASHA), factories.staff(RAVI)
    token = factories.link(KAVITA)
    waiting = factories.by_token(token)
    assert claims.claim_next(asha.id, now=clock.now()) == waiting.id
    with pytest.raises(StateChanged):
        do(waiting, SupervisorAction.GIVE, seen=None, to=ravi.id)
    calls.start_own_phone_call(waiting.id, asha.id, now=clock.now(), longest_minutes=60)
    for deed in (SupervisorAction.GIVE, SupervisorAction.TAKE_BACK):
        with pytest.raises(CallInProgress):
            do(waiting, deed, seen=asha.id, to=ravi.id)
    callbacks.cancel(token, now=clock.now())
    with pytest.raises(StateChanged):
        do(waiting, SupervisorAction.FIRST, seen=asha.id)
    assert db.session.scalars(sa.select(SupervisorEvent)).all() == []


def test_supervisor_and_advisor_at_once_leave_it_in_one_place(app: Flask) -> None:
    asha, ravi = factories.staff(ASHA), factories.staff(RAVI)
    held = factories.claimed(ASHA)
    deeds = [
        partial(
            do_by_id, held.id, SupervisorAction.TAKE_BACK, asha.id, None, factories.staff(VIKRAM).id
        ),
        partial(
            do_by_id, held.id, SupervisorAction.GIVE, asha.id, ravi.id, factories.staff(VIKRAM).id
        ),
        partial(claims.release, held.id, asha.id, now=clock.now()),
    ]
    found = at_once(app, deeds)
    assert sum(each is None for each in found) == 1
    assert sum(isinstance(each, StateChanged) for each in found) == 2
    assert fresh(held).status == Status.WAITING
    assert broken_rules(db.session()) == []


def do_by_id(callback_id: int, deed: SupervisorAction, seen: int, to: int | None, by: int) -> None:
    floor.carry_out(callback_id, Order(deed, seen, "Why", to), supervisor_id=by, now=clock.now())


@ONCE
def test_the_floor_without_javascript(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    asha, ravi = factories.staff(ASHA), factories.staff(RAVI)
    desk, other = new_client(), new_client()
    for each, member in ((desk, ASHA), (other, RAVI)):
        each.sign_in(member)
        each.get("/desk/")
    held = factories.claimed(ASHA, KAVITA)
    at.later(minutes=2)
    waiting = factories.callback(ARJUN)
    client.sign_in(VIKRAM)
    page = client.get("/floor/")
    words = Page(page.text).text
    assert "Callback claimed for 2 minutes" in words
    assert "on shift" not in words
    assert "desk not connected since today at 12:00 PM" in words
    fixtures.shift(ASHA, "11:00", "14:00")
    fixtures.shift(LATE)
    words = Page(client.get("/floor/").text).text
    assert words.count("on shift until 2:00 PM") == 1
    assert words.count("on shift until 6:00 PM, but offline") == 1
    assert f"Callback {waiting.id}" in words
    for secret in (KAVITA.name, ARJUN.name, KAVITA.phone[-5:], ARJUN.phone[-5:], KAVITA.note):
        assert secret not in page.text
        assert secret not in client.get("/floor/live").text
        assert secret not in client.get(f"/floor/callbacks/{held.id}").text

    address = f"/floor/callbacks/{held.id}"
    act = client.get(address)
    for wrong, field in (
        ({"reason": "x"}, "deed"),
        ({"deed": "give", "reason": "x"}, "to"),
        ({"deed": "take_back"}, "reason"),
    ):
        answer = client.submit(act, address, **wrong)
        assert answer.status_code == 422
        assert Page(answer.text).links("#")[1:] == [f"#{field}"]
    given = client.submit(
        act, address, deed="give", to=ravi.id, reason="Asha has to leave early.", follow=True
    )
    assert "Change saved. The advisors affected see it" in given.text
    told = desk.get("/desk/hand").text
    assert "Vikram assigned your callback to Ravi. Reason: Asha has to leave early." in told
    assert "Vikram assigned a callback to you." in other.get("/desk/hand").text
    again = client.submit(act, address, deed="take_back", reason="Twice")
    assert again.status_code == 409
    assert "Someone else changed this callback first" in again.text
    assert "Vikram assigned it to Ravi" in Page(client.get(address).text).text

    took = other.submit(other.get("/desk/"), "/desk/next", follow=True)
    assert KAVITA.phone[-5:] in took.text
    assert "Asha has to leave early." in took.text, "the reason comes with it"
    assert "Vikram assigned a callback to you." not in other.get("/desk/hand").text
    [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "floor_give"))
    assert entry.detail["before"] == {"with": asha.id}
    assert entry.detail["after"] == {"for": ravi.id}
    assert "leave" not in str(entry.detail)
    assert client.get("/floor/callbacks/999").status_code == 404
    factories.staff(MEERA)
    admin = new_client()
    admin.sign_in(MEERA)
    assert admin.get("/floor/").status_code == 200
    assert desk.get("/floor/").status_code == 403


@ONCE
def test_what_supervisors_are_to_know_stands_on_the_floor(app: Flask, client: Client) -> None:
    with transaction() as session:
        staff_notices.notify_staff(session, NoticeKind.EVERYONE_BUSY, "queue", now=clock.now())
    client.sign_in(VIKRAM)
    page = client.get("/floor/")
    assert "every advisor is busy" in page.text
    after = client.submit(page, "dismiss", back="floor", follow=True)
    assert after.request.path == "/floor/"
    assert "every advisor is busy" not in after.text
