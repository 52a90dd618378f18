"""The worker: from a press on Call, due at once, until the carrier is asked to dial."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import median

import psutil
import requests
import sqlalchemy as sa

from bench.database import add_advisors, add_callbacks, durable
from bench.plan import Plan, say
from bench.services import WORKER, Program, environment, running, simulated_phones
from bench.table import Row
from config import Settings
from helpline import clock
from helpline.callbacks import claims
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.factory import create_app
from helpline.reports.gauges import read_gauges
from helpline.staff.models import Staff
from tests import factories
from tests.cast import ASHA, KAVITA
from tests.journeys.live_services import free_port, prepare, until
from tests.support.carriers import phones_url
from tests.support.settings import settings_for_tests

_PATIENCE_SECONDS = 300
_BETWEEN_PRESSES = (1.05, 2.05)
_OPEN_AT = 1795411800  # Monday 23 November 2026, 11:00 in India


def to_dialled(plan: Plan) -> Sequence[Row]:
    """Rows a second, and how long after the press the carrier is asked, by so many advisors."""
    rows = []
    for advisors in (10, 100) if plan.rounds == 1 else (10, 100, 1_000):
        with durable() as server, tempfile.TemporaryDirectory() as folder:
            settings = settings_for_worker(server.fresh(), Path(folder))
            prepare(settings)
            app = create_app(settings)
            with app.app_context(), worker_running(settings):
                ids = _with_a_callback_each(advisors)
                delays, rate = _press_and_wait(ids)
                db.session.remove()
                db.engine.dispose()
        say(f"{advisors} advisors: {rate:,.0f} rows/s, {1000 * median(delays):,.0f} ms")
        words = f"from due to dialled, {advisors:,} advisors who press at once"
        rows += [
            Row(f"{words}, median", 1000 * median(delays), unit="ms"),
            Row(f"{words}, longest", 1000 * max(delays), unit="ms"),
            Row(f"outbox rows, {advisors:,} advisors", rate, unit="/s"),
        ]
    return rows


def one_press(plan: Plan) -> Sequence[Row]:
    """From a press on Call until the carrier is asked, one at a time, at the default settings."""
    presses = 5 if plan.rounds == 1 else 15
    rows = []
    with durable() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, url in (
            ("PostgreSQL", server.fresh()),
            ("SQLite", f"sqlite:///{folder}/helpline.sqlite3"),
        ):
            settings = settings_for_worker(url, folder / kind, calls_per_second=1)
            prepare(settings)
            with create_app(settings).app_context(), worker_running(settings):
                delays = delays_of_presses(settings, presses)
                db.session.remove()
                db.engine.dispose()
            what = f"{kind}, press Call until the carrier is asked, one advisor"
            rows += [
                Row(f"{what}, median", median(delays), unit="ms", at_most=100),
                Row(f"{what}, longest", max(delays), unit="ms"),
            ]
    return rows


def delays_of_presses(settings: Settings, count: int, *, first: int = 0) -> Sequence[float]:
    """Milliseconds from each press, at any moment of the worker's round, to its call there.

    Args:
        first: the number of the first advisor; each presses once.
    """
    numbers = range(first, first + count)
    advisors = [
        replace(ASHA, email=f"advisor{n}@helpline.example", phone=f"+91981299{n:04}")
        for n in numbers
    ]
    held = {
        factories.staff(advisor).id: factories.claimed(
            advisor, replace(KAVITA, phone=f"+91987651{n:04}")
        ).id
        for n, advisor in zip(numbers, advisors, strict=True)
    }
    pressed = {}
    for advisor_id, callback_id in held.items():
        # The account starts a call a second.
        time.sleep(random.uniform(*_BETWEEN_PRESSES))
        phone = db.session.get_one(Staff, advisor_id).phone
        pressed[phone] = clock.now()
        calls.start_call(callback_id, advisor_id, now=pressed[phone])

    def at_carrier() -> Mapping[str, datetime]:
        answer = requests.get(f"{phones_url(settings)}/sim/calls", timeout=10).json()
        first = {each["to"]: each["statuses"][0]["at"] for each in answer["calls"]}
        return {phone: datetime.fromisoformat(first[phone]) for phone in pressed if phone in first}

    until(lambda: len(at_carrier()) == count, "the carrier has every call", _PATIENCE_SECONDS)
    delays = [1000 * (at - pressed[phone]).total_seconds() for phone, at in at_carrier().items()]
    say(f"{', '.join(f'{each:,.0f}' for each in sorted(delays))} ms")
    return delays


def memory(plan: Plan) -> Sequence[Row]:
    """What a worker holds after very many ticks, beside what it held at a tenth of the time."""
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        settings = settings_for_worker(server.fresh(), Path(folder), tick_seconds=0.05)
        prepare(settings)
        held = []
        with create_app(settings).app_context(), worker_running(settings) as worker:
            for _ in range(10):
                time.sleep(plan.requests / 10_000)
                held.append(psutil.Process(worker).memory_info().rss / 2**20)
                say(f"{held[-1]:.0f} MB")
            db.session.remove()
            db.engine.dispose()
    words = f"memory of a worker after {plan.requests // 1000:,} s at 20 rounds a second"
    return [Row(f"{words}, against a tenth", held[-1], held[0], "MB", at_most=1.05)]


def settings_for_worker(url: str, folder: Path, **changes: float) -> Settings:
    return settings_for_tests(
        folder / "instance",
        url,
        twilio_base_url=f"http://127.0.0.1:{free_port()}",
        clock_offset_seconds=_OPEN_AT - time.time(),
        **changes,
    )


@contextmanager
def worker_running(settings: Settings) -> Iterator[int]:
    """The simulated phones and a worker; the id of the worker's process."""
    commands = simulated_phones(settings), WORKER
    programs = [Program(command, environment(settings)) for command in commands]
    with running(programs):
        until(_beats, "the worker is heard of", _PATIENCE_SECONDS)
        yield programs[1].pid


def _beats() -> bool:
    db.session.rollback()
    return read_gauges(db.session(), clock.now()).workers > 0


def _with_a_callback_each(count: int) -> Sequence[int]:
    """Create advisors, each with a current callback and a phone."""
    with db.engine.begin() as connection:
        add_advisors(connection, count)
        add_callbacks(connection, count)
    phone = "+919812300001"
    ids = db.session.scalars(sa.select(Staff.id).where(Staff.name.like("Advisor %"))).all()
    db.session.execute(sa.update(Staff).where(Staff.id.in_(ids)).values(phone=phone))
    db.session.commit()
    for advisor in ids:
        claims.claim_next(advisor, now=clock.now())
    return ids


def _press_and_wait(ids: Sequence[int]) -> tuple[Sequence[float], float]:
    """How long each press waited until the carrier was asked; and how many were asked a second,
    from the first to the last."""
    for advisor in ids:
        held = claims.claim_next(advisor, now=clock.now())
        calls.start_call(held, advisor, now=clock.now())
    asked = sa.select(sa.func.count(Attempt.id)).where(Attempt.placing_at.is_not(None))

    def all_asked() -> bool:
        db.session.rollback()
        return db.session.scalar(asked) == len(ids)

    until(all_asked, "the carrier is asked for every call", _PATIENCE_SECONDS)
    made = db.session.execute(sa.select(Attempt.created_at, Attempt.placing_at)).all()
    first, last = min(each.placing_at for each in made), max(each.placing_at for each in made)
    delays = [(each.placing_at - each.created_at).total_seconds() for each in made]
    return delays, len(made) / max(0.001, (last - first).total_seconds())
