"""Several workers, and several threads of one, ask the carrier for calls beside each other."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import attempts
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.messaging.carrier_jobs import Request
from tests import factories
from tests.calls.fixtures import until
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support import carrier_jobs
from tests.support.clock import Clock

TOO_LATE = timedelta(minutes=10)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_call_that_somebody_else_takes_is_left_to_them_and_the_next_is_taken(
    app: Flask, second_app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    first, second = factories.calling(ASHA, KAVITA), factories.calling(RAVI, ARJUN)
    ids = first.id, second.id
    with transaction() as session:
        assert attempts.lock_attempt(session, ids[0]) is not None
        with second_app.app_context():
            taken = carrier_jobs.take_attempt()
            assert isinstance(taken, Request) and taken.job_id == ids[1]
            assert carrier_jobs.take_attempt() is False
    taken = carrier_jobs.take_attempt()
    assert isinstance(taken, Request) and taken.job_id == ids[0]
    assert carrier_jobs.take_attempt() is False
    states = db.session.scalars(sa.select(Attempt.state)).all()
    assert states == [AttemptState.PLACING] * 2


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_whoever_waited_for_an_attempt_sees_it_as_it_is_then(
    app: Flask, second_app: Flask, at: Clock
) -> None:
    """Held by one statement, which began before the other had written."""
    at("2026-11-23 11:00")
    attempt_id = factories.calling(ASHA, KAVITA).id
    seen: list[tuple[str, bool]] = []

    def waits() -> None:
        with second_app.app_context(), transaction() as session:
            held = attempts.lock_attempt(session, attempt_id)
            assert held is not None
            callback = session.get_one(Callback, held.callback_id)
            seen.append((held.state, callback.claim_ends_at is None))

    with transaction() as session:
        held = attempts.lock_attempt(session, attempt_id)
        assert held is not None
        waiting = threading.Thread(target=waits)
        waiting.start()
        until(lambda: _somebody_waits(second_app), "the other waits")
        attempts.end_attempt(session, held, AttemptResult.NOT_PLACED, rang=False, now=clock.now())
    waiting.join(timeout=60)
    assert seen == [(AttemptState.ENDED, False)]


def _somebody_waits(app: Flask) -> bool:
    with app.app_context():
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(db.session.scalar(sa.text(waiting)))
