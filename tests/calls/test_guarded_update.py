"""Changing a row under a guard: what the object says is what the database says."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.calls.models import Attempt, CallEvent, EventKind
from helpline.db import db, guarded_update, insert_or_ignore, transaction
from helpline.domain.call_progress import AttemptState, CarrierStatus, Leg
from tests import factories
from tests.support.clock import Clock


def stored(attempt_id: int) -> tuple[str, str | None, str | None]:
    """What the database says, whatever objects say."""
    db.session.rollback()
    columns = (Attempt.state, Attempt.advisor_call, Attempt.problem)
    return tuple(db.session.execute(sa.select(*columns).where(Attempt.id == attempt_id)).one())


def test_a_row_is_changed_once_and_what_was_set_before_is_written(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt_id = factories.calling().id
    queued, placing = {"state": AttemptState.QUEUED}, AttemptState.PLACING
    with transaction() as session:
        attempt = session.get_one(Attempt, attempt_id)
        attempt.problem = "busy"
        assert guarded_update(session, attempt, queued, state=placing, advisor_call="CA1")
        assert (attempt.state, attempt.advisor_call) == (placing, "CA1")
        assert not session.is_modified(attempt)
        assert not guarded_update(session, attempt, queued, advisor_call="CA2")
        assert not guarded_update(session, attempt, {"advisor_call": None}, advisor_call="CA2")
        assert not guarded_update(session, attempt, {}, Attempt.id < 0, advisor_call="CA2")
        assert attempt.advisor_call == "CA1"
    assert stored(attempt_id) == (placing, "CA1", "busy")


def test_what_others_wrote_meanwhile_is_read_with_the_change(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt_id = factories.calling().id
    with transaction() as session:
        attempt = session.get_one(Attempt, attempt_id)
        session.execute(
            sa.update(Attempt).values(problem="busy"),
            execution_options={"synchronize_session": False},
        )
        assert attempt.problem is None
        assert guarded_update(session, attempt, {}, advisor_call="CA1")
        assert attempt.problem == "busy"


def test_the_like_of_a_row_is_added_once(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    said = {
        "attempt_id": factories.calling().id,
        "call": "CA1",
        "kind": EventKind.STATUS,
        "leg": Leg.ADVISOR,
        "sequence": 1,
        "status": CarrierStatus.RINGING,
        "error_code": None,
        "received_at": clock.now(),
    }
    with transaction() as session:
        assert insert_or_ignore(session, CallEvent, **said)
        assert not insert_or_ignore(session, CallEvent, **said)
    assert db.session.scalar(sa.select(sa.func.count(CallEvent.id))) == 1
