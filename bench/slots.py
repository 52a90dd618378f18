"""Sixty days of slots, as the main page offers them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench.database import NOW, durable, opened
from bench.plan import Plan
from bench.table import Row
from helpline.callbacks import queries, slot_booking
from helpline.db import db
from helpline.policy.models import ServicePolicy
from helpline.reports.page_data import load_front_page
from tests.support.sql_recorder import listening


def sixty_days(plan: Plan) -> Sequence[Row]:
    """The times of sixty days, as the front page asks for them: queries, and time."""
    with (
        durable() as server,
        tempfile.TemporaryDirectory() as folder,
        opened(server.fresh(), Path(folder)) as app,
        app.app_context(),
    ):
        db.session.execute(sa.insert(ServicePolicy).values(id=1, slot_days_ahead=60))
        db.session.commit()
        with listening(db.engine) as said:
            _offered()
        counted = len(said)
        taken = [_offered() for _ in range(100 * plan.rounds)]
    return [
        Row("60 days of slots, queries", counted, at_most=3),
        Row(
            "60 days of slots, the hours and the rules too, median",
            median(taken),
            unit="ms",
            at_most=5,
        ),
    ]


def _offered() -> float:
    began = time.perf_counter()
    session = db.session()
    seen = load_front_page(session, NOW, region="IN")
    hours = seen.hours.plan.without_past(NOW).opening_hours()
    taken = slot_booking.bookings_from_text(seen.booked)
    offered = queries.offered_slots_from(session, hours, NOW, seen.rules, taken)
    milliseconds = 1000 * (time.perf_counter() - began)
    session.rollback()
    assert len(offered) > 900
    return milliseconds
