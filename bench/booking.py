"""Booking a slot, beside pgbench with the very statements that it makes."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.database import NOW, as_put, durable, opened, pgbench
from bench.plan import Plan, in_turn
from bench.table import Row
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback, CallbackEvent, Slot, SlotLanguage
from helpline.db import db
from helpline.domain.phone_numbers import PhoneNumber
from helpline.policy.models import ServicePolicy
from tests.support.sql_recorder import listening

_FIRST_SLOT = NOW + timedelta(hours=23)
_SLOTS = 14
_numbers = itertools.count(6_000_000_000)


def against_pgbench(plan: Plan) -> Sequence[Row]:
    """Bookings a second by one client, each of another number, spread over the slots of a day."""
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        url = server.fresh()
        with opened(url, Path(folder)) as app, app.app_context():
            db.session.execute(sa.insert(ServicePolicy).values(id=1, slot_capacity=10_000_000))
            db.session.commit()
            for _ in range(_SLOTS):
                _book()
            script = _script()
            ours, theirs = in_turn(
                plan.rounds,
                lambda: _rate(plan.seconds),
                lambda: _theirs(url, script, plan.seconds),
            )
    return [Row("book a slot, 1 client", ours, theirs, "/s", at_least=0.5)]


def _book() -> None:
    number = next(_numbers)
    wish = callbacks.CallbackRequest(
        phone=PhoneNumber(f"+91{number}"),
        slot_at=_FIRST_SLOT + timedelta(minutes=30 * (number % _SLOTS)),
    )
    callbacks.request_callback(wish, request_key=f"bench-{number}", now=NOW)


def _rate(seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        _book()
        db.session.remove()
        count += 1
    return count / (time.perf_counter() - began)


def _theirs(url: str, script: str, seconds: float) -> float:
    """Measure bookings a second by pgbench, each checked afterwards like our own."""
    before = _booked()
    rate = pgbench(url, script, clients=1, seconds=seconds)
    after = _booked()
    made = {one - other for one, other in zip(after, before, strict=True)}
    if len(made) != 1 or made.pop() < rate * seconds / 2:
        raise RuntimeError(f"pgbench did not book as we do: {before}, then {after}")
    return rate


def _booked() -> Sequence[int]:
    """How many callbacks there are, steps in their histories, places taken, and of a language."""
    counts = (
        sa.select(sa.func.count(Callback.id)),
        sa.select(sa.func.count(CallbackEvent.id)),
        sa.select(sa.func.sum(Slot.booked)),
        sa.select(sa.func.sum(SlotLanguage.booked)),
    )
    found = db.session.execute(sa.select(*(each.scalar_subquery() for each in counts))).one()
    db.session.remove()
    return tuple(found)


def _script() -> str:
    """The statements of one booking for pgbench: what is another each time is made up there."""
    with listening(db.engine) as said:
        _book()
    made = db.session.scalars(sa.select(Callback).order_by(Callback.id.desc()).limit(1)).one()
    slot = f"(timestamptz '{_FIRST_SLOT.isoformat()}' + :slot * interval '30 minutes')"
    changes = {
        f"'{made.token_hash}'": "repeat(md5('t' || :n), 2)",
        f"'{made.phone_hash}'": "repeat(md5('p' || :n), 2)",
        f"'{made.slot_at}'": slot,
    }
    lines = [
        "\\set n random(1, 9000000000000000000)",
        f"\\set slot random(0, {_SLOTS - 1})",
        "BEGIN;",
    ]
    for statement in as_put(db.engine, said):
        put = statement
        for before, after in changes.items():
            put = put.replace(before, after)
        lines.append(f"{put};")
    return "\n".join([*lines, "COMMIT;"]) + "\n"
