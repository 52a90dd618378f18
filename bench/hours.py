"""Sixty days of slots, and the hours engine beside opening-hours-py, which is written in Rust."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import opening_hours
import sqlalchemy as sa

from bench.database import NOW, durable, opened
from bench.plan import Plan
from bench.table import Row
from helpline.callbacks import queries, slot_booking
from helpline.db import db
from helpline.domain.opening_hours import Interval, OpeningHours, Week
from helpline.policy.models import ServicePolicy
from helpline.reports.page_data import load_front_page
from tests.support.sql_recorder import listening

_INSTANTS = 10_000
_SAME_HOURS = "Mo-Fr 10:00-13:00,14:00-18:00; Sa 09:30-12:15"


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
    booked, seen = load_front_page(session, NOW, region="IN")
    hours = seen.hours.plan.without_past(NOW).opening_hours()
    taken = slot_booking.bookings_from_text(booked)
    offered = queries.offered_slots_from(session, hours, NOW, seen.rules, taken)
    milliseconds = 1000 * (time.perf_counter() - began)
    session.rollback()
    assert len(offered) > 900
    return milliseconds


def against_rust(plan: Plan) -> Sequence[Row]:
    """Whether we are open at each of 10,000 instants of a year, beside the Rust engine."""
    lunch = Interval.parse("10:00", "13:00"), Interval.parse("14:00", "18:00")
    week = Week((*([lunch] * 5), (Interval.parse("09:30", "12:15"),), ()))
    ours = OpeningHours.weekly("Asia/Kolkata", week)
    theirs = opening_hours.OpeningHours(_SAME_HOURS, timezone=ours.zone)
    dice = random.Random(1)
    instants = [
        NOW.astimezone(ours.zone) + timedelta(minutes=dice.randrange(525_600))
        for _ in range(_INSTANTS)
    ]
    figures = [(_rate(ours, instants), _rate(theirs, instants)) for _ in range(plan.rounds)]
    same = sum(ours.is_open(each) == theirs.is_open(each) for each in instants)
    return [
        Row("is it open, for 10,000 instants", *map(median, zip(*figures, strict=True)), unit="/s"),
        Row("the same answers, of 10,000", same, _INSTANTS, at_least=1),
    ]


def _rate(hours: OpeningHours | opening_hours.OpeningHours, instants: Sequence[datetime]) -> float:
    began = time.perf_counter()
    for each in instants:
        hours.is_open(each)
    return len(instants) / (time.perf_counter() - began)
