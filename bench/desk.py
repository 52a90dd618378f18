"""What an advisor does for every callback: press Call, and record what came of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from bench.database import NOW, add_advisors, add_callbacks, durable, opened, swept
from bench.plan import Plan, say
from bench.table import Row
from helpline.callbacks import claims
from helpline.calls import attempts
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.retries import Disposition
from helpline.staff.models import Staff
from tests.support.sql_recorder import listening

_CALLBACKS_A_SECOND = 60
"""So many are made for each second of measuring."""


def call_and_disposition(plan: Plan) -> Sequence[Row]:
    """Statements and rate of starting a call and recording its disposition, by one client."""
    count = round(plan.seconds * _CALLBACKS_A_SECOND)
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        url = server.fresh()
        with opened(url, Path(folder)) as app, app.app_context():
            held = _claimed(url, count)
            with listening(db.engine) as statements:
                _measured(_start, held[:1])
            used = len(statements)
            start_seconds = _measured(_start, held[1:])
            _end_calls()
            with listening(db.engine) as statements:
                _measured(_record, held[:1])
            used += len(statements)
            record_seconds = _measured(_record, held[1:])
    rate = (count - 1) / (start_seconds + record_seconds)
    say(f"{used} statements, {rate:,.0f}/s")
    return [
        Row("start a call and record its disposition, statements", used, at_most=10),
        Row("start a call and record its disposition, 1 client", rate, unit="/s"),
    ]


def _claimed(url: str, count: int) -> Sequence[tuple[int, int]]:
    """Create advisors with a phone and a current callback; return the ids of both."""
    with db.engine.begin() as connection:
        add_advisors(connection, count)
        add_callbacks(connection, count)
    advisors = db.session.scalars(sa.select(Staff.id)).all()
    db.session.execute(sa.update(Staff).values(phone="+919812300001"))
    db.session.commit()
    held = [(claims.claim_next(advisor, now=NOW), advisor) for advisor in advisors]
    db.session.remove()
    swept(url)
    return held


def _measured(action: Callable[[int, int], None], held: Sequence[tuple[int, int]]) -> float:
    """Do this to each; return how many seconds that took."""
    began = time.perf_counter()
    for callback_id, advisor in held:
        action(callback_id, advisor)
        db.session.remove()
    return time.perf_counter() - began


def _start(callback_id: int, advisor: int) -> None:
    calls.start_call(callback_id, advisor, now=NOW)


def _record(callback_id: int, advisor: int) -> None:
    calls.record_disposition(callback_id, advisor, Disposition.REACHED, "", now=NOW)


def _end_calls() -> None:
    """Let the carrier report the end of every call; not measured."""
    for attempt in db.session.scalars(sa.select(Attempt.id)).all():
        with transaction() as session:
            row = session.get_one(Attempt, attempt)
            attempts.end_attempt(session, row, AttemptResult.TALKED, rang=True, now=NOW)
    db.session.remove()
