"""Two who reach for the same thing at once: one has it, nothing is had twice, nobody is stuck."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.claims import QueueEmpty
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback, Slot
from helpline.calls import carrier_events, deactivation
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt
from helpline.db import READ_COMMITTED, db, transaction
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.messaging.carrier_jobs import Request
from helpline.staff import members
from helpline.staff import service as accounts
from helpline.staff.models import Staff
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, RAVI, Visitor
from tests.invariants.together import at_once
from tests.stateful.rules import broken_rules
from tests.support import carrier_jobs
from tests.support.clock import Clock

TOO_LATE = timedelta(minutes=3)
ROUNDS = range(8)


@pytest.fixture(autouse=True)
def _noon(at: Clock) -> None:
    at("2026-11-23 12:00")


def advisors(count: int) -> list[Staff]:
    return [
        factories.staff(email=f"advisor{number}@helpline.example", languages=("en",))
        for number in range(count)
    ]


def visitors(count: int) -> list[Visitor]:
    return [Visitor(f"V{number}", f"+9198765001{number:02}") for number in range(count)]


def holds() -> None:
    assert broken_rules(db.session()) == []


@pytest.mark.parametrize("waiting", [3, 8])
def test_advisors_who_take_at_once_never_get_the_same_callback(app: Flask, waiting: int) -> None:
    for visitor in visitors(waiting):
        factories.callback(visitor)
    ids = [each.id for each in advisors(8)]

    got = at_once(app, [partial(claims.claim_next, each, now=clock.now()) for each in ids])

    claimed = [each for each in got if isinstance(each, int)]
    assert len(claimed) == len(set(claimed)) == waiting
    assert all(isinstance(each, QueueEmpty) for each in got if not isinstance(each, int))
    holds()


def test_an_advisor_who_presses_next_twice_at_once_holds_one(app: Flask) -> None:
    for visitor in visitors(4):
        factories.callback(visitor)
    [asha] = [each.id for each in advisors(1)]

    got = at_once(app, [partial(claims.claim_next, asha, now=clock.now())] * 4)

    assert len(set(got)) == 1
    holds()


def test_the_last_place_of_a_slot_is_booked_once_however_many_want_it(app: Flask) -> None:
    wanted = factories.slot("15:00")

    got = at_once(app, [partial(factories.link, each, slot_at=wanted) for each in visitors(8)])

    assert sum(isinstance(each, str) for each in got) == 2
    assert sum(isinstance(each, SlotUnavailable) for each in got) == 6
    assert db.session.scalars(sa.select(Slot.booked)).all() == [2]
    holds()


def test_one_number_asked_for_by_many_at_once_is_one_open_callback(app: Flask) -> None:
    slots = [None, factories.slot("14:00"), factories.slot("15:00")] * 2

    got = at_once(app, [partial(factories.link, KAVITA, slot_at=slot) for slot in slots])

    assert len(set(got)) == len(slots)
    statuses = Counter(db.session.scalars(sa.select(Callback.status)))
    assert statuses == {Status.WAITING: 1, Status.JOINED: len(slots) - 1}
    holds()


def test_one_form_sent_several_times_at_once_is_one_callback_and_one_link(app: Flask) -> None:
    send = partial(factories.link, KAVITA, request_key="one-and-the-same-form")

    got = at_once(app, [send] * 6)

    assert len(set(got)) == 1
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1
    holds()


def test_a_call_is_taken_for_placing_by_one_worker_only(app: Flask) -> None:
    factories.calling()

    take = carrier_jobs.take_attempt
    got = at_once(app, [take] * 6)

    assert sum(isinstance(each, Request) for each in got) == 1
    holds()


def test_call_pressed_several_times_at_once_is_one_attempt(app: Flask) -> None:
    held, asha = factories.claimed().id, factories.staff(ASHA).id

    at_once(app, [partial(calls.start_call, held, asha, now=clock.now())] * 6)

    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 1
    holds()


def test_moving_one_callback_twice_at_once_holds_one_place(app: Flask) -> None:
    for round_ in ROUNDS:
        visitor = visitors(len(ROUNDS))[round_]
        token = factories.link(visitor, slot_at=factories.slot("14:00"))
        to = [factories.slot("15:00"), factories.slot("16:00"), None]

        at_once(app, [partial(callbacks.reschedule, token, each, now=clock.now()) for each in to])

        holds()
        callbacks.cancel(token, now=clock.now())


def test_callbacks_that_swap_their_slots_do_not_wait_for_each_other_for_ever(app: Flask) -> None:
    two, three = factories.slot("14:00"), factories.slot("15:00")
    one, other = visitors(2)
    tokens = [factories.link(one, slot_at=two), factories.link(other, slot_at=three)]
    for _ in ROUNDS:
        times = [factories.by_token(token).slot_at for token in tokens]
        swapped = zip(tokens, reversed(times), strict=True)

        at_once(app, [partial(callbacks.reschedule, t, to, now=clock.now()) for t, to in swapped])

        holds()


def test_moving_and_cancelling_at_once_leaves_no_place_behind(app: Flask) -> None:
    for visitor in visitors(len(ROUNDS)):
        token = factories.link(visitor, slot_at=factories.slot("14:00"))
        move = partial(callbacks.reschedule, token, factories.slot("15:00"), now=clock.now())

        at_once(app, [move, partial(callbacks.cancel, token, now=clock.now())])

        holds()
        assert factories.by_token(token).status == Status.CANCELLED


def test_cancelling_the_first_and_the_one_behind_it_at_once_cancels_both(app: Flask) -> None:
    for visitor in visitors(len(ROUNDS)):
        tokens = [factories.link(visitor), factories.link(visitor)]

        at_once(app, [partial(callbacks.cancel, token, now=clock.now()) for token in tokens])

        assert {factories.by_token(token).status for token in tokens} == {Status.CANCELLED}
        holds()


def test_a_disposition_stands_though_the_one_behind_is_cancelled_at_once(app: Flask) -> None:
    asha = factories.staff(ASHA).id
    for visitor in visitors(len(ROUNDS)):
        first, behind = factories.link(visitor), factories.link(visitor)
        held = claims.claim_next(asha, now=clock.now())
        calls.start_own_phone_call(held, asha, now=clock.now(), longest_minutes=30)

        said = partial(calls.record_disposition, held, asha, Disposition.REACHED, "")
        at_once(
            app,
            [partial(said, now=clock.now()), partial(callbacks.cancel, behind, now=clock.now())],
        )

        assert factories.by_token(first).status == Status.REACHED
        holds()


def test_a_call_taken_back_while_a_worker_takes_it_is_one_or_the_other(app: Flask) -> None:
    asha = factories.staff(ASHA).id
    for visitor in visitors(len(ROUNDS)):
        attempt = factories.calling(ASHA, visitor)
        stop = partial(calls.stop_call, attempt.callback_id, asha, now=clock.now())
        take = carrier_jobs.take_attempt

        stopped, taken = at_once(app, [stop, take])

        assert isinstance(stopped, StateChanged) == isinstance(taken, Request)
        holds()
        if isinstance(taken, Request):
            carrier_jobs.reject(ATTEMPTS, taken.job_id)
        claims.release(attempt.callback_id, asha, now=clock.now())
        _away(attempt.callback_id)


def test_a_call_that_ends_while_it_is_written_down_ends(app: Flask) -> None:
    for number, visitor in enumerate(visitors(len(ROUNDS))):
        attempt = factories.calling(ASHA, visitor)
        taken = carrier_jobs.take_attempt()
        assert isinstance(taken, Request)
        call = f"CA{number:032}"
        told = partial(
            carrier_events.status_received,
            taken.ref,
            Leg.ADVISOR,
            call,
            CarrierStatus.BUSY,
            sequence=2,
            error_code=None,
            problem=None,
        )

        at_once(
            app,
            [
                partial(ATTEMPTS.accepted, taken.job_id, call, now=clock.now()),
                partial(told, now=clock.now()),
            ],
        )

        holds()
        db.session.refresh(attempt)
        assert attempt.ended_at is not None
        claims.release(attempt.callback_id, factories.staff(ASHA).id, now=clock.now())
        _away(attempt.callback_id)


def _away(callback_id: int) -> None:
    """Out of the way of the next round."""
    db.session.rollback()
    callback = db.session.get_one(Callback, callback_id)
    tomorrow = clock.now() + timedelta(days=1)
    db.session.execute(
        sa.update(Callback).where(Callback.id == callback.id).values(due_at=tomorrow)
    )
    db.session.commit()


def test_a_callback_that_somebody_only_looks_at_is_had_a_moment_later(app: Flask) -> None:
    callback, advisor = factories.callback(), factories.staff(ASHA)
    looks = Event()

    def look() -> None:
        with app.app_context(), transaction() as session:
            session.get_one(Callback, callback.id, with_for_update=True)
            looks.set()
            time.sleep(0.02)

    with ThreadPoolExecutor(1) as worker:
        looking = worker.submit(look)
        assert looks.wait(60)
        assert claims.claim_next(advisor.id, now=clock.now()) == callback.id
        looking.result()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_who_tries_again_keeps_no_connection_meanwhile(app: Flask) -> None:
    """Others of the process need them: to look up a callback that all look at would take all."""
    callback, advisor = factories.callback().id, factories.staff(ASHA).id
    claims.release(claims.claim_next(advisor, now=clock.now()), advisor, now=clock.now())
    db.session.remove()
    lent = []

    def note(_seconds: float) -> None:
        lent.append(db.engine.pool.checkedout())

    locking = sa.select(Callback.id).where(Callback.id == callback).with_for_update()
    with (
        db.engine.connect().execution_options(isolation_level=READ_COMMITTED) as other,
        other.begin(),
    ):
        other.execute(locking)
        with mock.patch.object(claims.time, "sleep", note), pytest.raises(QueueEmpty):
            claims.claim_next(advisor, now=clock.now())
    assert lent == [1, 1, 1], "that of who looks at it, and no other"


@pytest.mark.parametrize("was_there", [False, True])
@pytest.mark.parametrize("has_one", [False, True])
def test_who_presses_next_while_they_are_let_go_gets_nobody_and_stops_nobody(
    app: Flask, has_one: bool, was_there: bool
) -> None:
    """Both lock the advisor's line and what is in their hand, and see who is with us."""
    admin, asha = factories.staff(MEERA).id, factories.staff(ASHA)
    asha_id, version = asha.id, asha.version
    callback = (factories.claimed if has_one else factories.callback)(visitor=KAVITA).id
    other = factories.callback(ARJUN).id
    if was_there:
        accounts.record_desk_seen(asha_id, now=clock.now())
    _know_the_hours()
    on_their_way, leave = Event(), members.deactivate

    def leave_slowly(*told: Any, **options: Any) -> None:
        on_their_way.set()
        time.sleep(0.3)
        leave(*told, **options)
        time.sleep(0.3)

    def let_go() -> None:
        deactivation.deactivate(asha_id, expected_version=version, admin_id=admin, now=clock.now())

    def press_next() -> list[Any]:
        assert on_their_way.wait(60)
        got = []
        for pause in (0.0, 0.4, 0.4):
            time.sleep(pause)
            try:
                got.append(claims.claim_next(asha_id, now=clock.now()))
            except QueueEmpty:
                got.append(None)
        return got

    with mock.patch.object(members, "deactivate", leave_slowly):
        _, got = at_once(app, [let_go, press_next])
    assert got[-1] is None, "they are gone"
    statuses = db.session.execute(sa.select(Callback.id, Callback.status)).all()
    assert dict(map(tuple, statuses)) == {callback: Status.WAITING, other: Status.WAITING}
    holds()


def _know_the_hours() -> None:
    """By a claim of somebody else's, who gives it back."""
    ravi = factories.staff(RAVI).id
    claims.release(claims.claim_next(ravi, now=clock.now()), ravi, now=clock.now())
