"""A request always comes to a written end: nobody on shift, nobody answering, everyone busy."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks import queries as callbacks
from helpline.calls import service as calls
from helpline.calls.dispatch import rounds
from helpline.db import db, transaction
from helpline.domain.lifecycle import Event, Status
from helpline.messaging.carrier_jobs import CarrierContext
from helpline.policy.models import Dispatch
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA
from tests.dispatch.fixtures import (
    all_well,
    asked,
    at_desk,
    decide,
    deeds,
    fresh,
    live_offer,
    notices,
    stays,
    tells,
    work,
)
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven."""
    at("2026-11-23 09:00")
    factories.opening_hours(("10:00", "18:00"))
    at("2026-11-23 11:00")
    decide(hand_deadline_minutes=15)


def look() -> None:
    """The worker looks who waits too long."""
    while rounds.alert_waiting(now=clock.now()):
        pass
    db.session.rollback()


def test_with_nobody_on_shift_somebody_is_told_and_the_place_is_kept(
    at: Clock, client: Client
) -> None:
    token = factories.link(KAVITA)
    wanted = factories.by_token(token)
    due_at = wanted.due_at
    look()
    assert "longer than we hoped" not in client.get(f"/request/{token}").text
    at.later(minutes=14)
    look()
    assert notices() == []
    at.later(minutes=2)
    look()
    assert notices() == [("nobody_on_shift", "queue")]
    assert (fresh(wanted).status, fresh(wanted).due_at) == (Status.WAITING, due_at)
    page = client.get(f"/request/{token}").text
    assert "longer than we hoped" in page
    assert "No advisor is available right now" in page and "you are next" not in page
    all_well()


def test_with_everyone_busy_somebody_is_told(at: Clock) -> None:
    at_desk(ASHA)
    factories.claimed(ASHA, ARJUN)
    factories.callback(KAVITA)
    look()
    at.later(minutes=14)
    claims.extend_lease(_held(), factories.staff(ASHA).id, now=clock.now())
    stays(ASHA)
    at.later(minutes=1)
    stays(ASHA)
    look()
    assert notices() == [("everyone_busy", "queue")]


def test_with_nobody_answering_somebody_is_told_and_everybody_is_asked_again(
    at: Clock, telephone: CarrierContext, client: Client
) -> None:
    (asha,) = at_desk(ASHA)
    wanted = factories.callback(KAVITA)
    look()
    work(telephone)
    tells(client, live_offer(ASHA), "no-answer")
    at.later(minutes=15)
    stays(ASHA)
    work(telephone)
    assert asked(wanted) == [asha]
    look()
    assert notices() == [("nobody_answered", f"callback:{wanted.id}")]
    work(telephone)
    assert asked(wanted) == [asha, asha]
    all_well()


def test_where_advisors_take_callbacks_themselves_and_none_does(at: Clock) -> None:
    decide(dispatch=Dispatch.PULL)
    wanted = factories.callback(KAVITA)
    look()
    at.later(minutes=15)
    at_desk(ASHA)
    look()
    assert notices() == [("nobody_took", f"callback:{wanted.id}")]


def test_nobody_is_late_overnight(at: Clock) -> None:
    at("2026-11-23 17:58")
    factories.callback(KAVITA)
    look()
    at("2026-11-24 10:00")
    look()
    assert notices() == []
    at.later(minutes=15)
    look()
    assert notices() == [("nobody_on_shift", "queue")]


def test_what_was_taken_and_given_back_begins_anew_only_when_it_was_seen(at: Clock) -> None:
    wanted = factories.claimed(ASHA, KAVITA)
    look()
    at.later(minutes=20)
    claims.release(wanted.id, factories.staff(ASHA).id, now=clock.now())
    look()
    assert notices() == []


def test_the_same_notice_is_counted_not_repeated_and_can_be_dismissed(
    at: Clock, client: Client
) -> None:
    factories.callback(KAVITA)
    factories.callback(ARJUN)
    look()
    at.later(minutes=15)
    look()
    assert notices() == [("nobody_on_shift", "queue")]
    factories.staff(MEERA)
    client.sign_in(MEERA)
    home = client.get("/admin/")
    assert "no advisor is available" in home.text and "2 times" in home.text
    client.submit(home, "/1/dismiss")
    assert "no advisor is available" not in client.get("/admin/").text
    assert len(deeds("notice_dismissed")) == 1


def test_an_advisor_cannot_keep_a_callback_for_ever(at: Clock) -> None:
    wanted = factories.claimed(ASHA, KAVITA)
    due_at, asha = wanted.due_at, factories.staff(ASHA).id
    for _ in range(3):
        at.later(minutes=4)
        claims.extend_lease(wanted.id, asha, now=clock.now())
    claim_ends_at = fresh(wanted).claim_ends_at
    assert claim_ends_at is not None and claim_ends_at - clock.now() == _minutes(3)
    assert not claims.release_one_overdue_claim(now=clock.now())
    at.later(minutes=3)
    assert claims.release_one_overdue_claim(now=clock.now())
    wanted = fresh(wanted)
    assert (wanted.status, wanted.due_at, wanted.claimed_by) == (Status.WAITING, due_at, None)
    assert callbacks.events_of(db.session(), wanted.id)[-1].event == Event.LEASE_RAN_OUT
    assert notices() == [("hand_overdue", f"callback:{wanted.id}")]
    all_well()


def test_the_pages_words_tell_a_stranger_nothing_of_an_earlier_request(
    at: Clock, client: Client
) -> None:
    first, second = factories.link(LEELA), factories.link(LEELA)
    at.later(minutes=16)
    pages = [client.get(f"/request/{token}").text for token in (first, second)]
    assert all("longer than we hoped" in page for page in pages)


def _held() -> int:
    held = queue.current_callback(db.session(), factories.staff(ASHA).id)
    assert held is not None
    return held.id


def _minutes(count: int) -> object:
    from datetime import timedelta

    return timedelta(minutes=count)


def test_a_round_that_begins_just_now_makes_nobody_pass_over_the_callback(
    app: Flask, second_app: Flask
) -> None:
    """The new round points at the callback; whoever claims must neither wait for it nor take the
    next one instead."""
    asha = factories.staff(ASHA)
    first = factories.callback(KAVITA)
    factories.callback(LEELA)
    if db.engine.dialect.name == "sqlite":
        assert claims.claim_next(asha.id, now=clock.now()) == first.id
        return
    with second_app.app_context(), transaction() as beginning:
        rounds._sync_rounds(beginning, clock.now())
        with app.app_context():
            assert claims.claim_next(asha.id, now=clock.now()) == first.id
            calls.start_call(first.id, asha.id, now=clock.now())
