"""What an advisor does for every callback: press Call, and record what came of it.

Beside it procrastinate, where BENCH_PROCRASTINATE names a Python that has it: its worker fetches a
job and finishes it, each in a transaction of its own as with us.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from flask import Flask

from bench.cores import cores, keep_to_core
from bench.database import NOW, add_advisors, add_callbacks, durable, opened, swept
from bench.plan import Plan, say
from bench.processes import processes
from bench.table import Row
from helpline.callbacks import claims
from helpline.calls import attempts
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.retries import Disposition
from helpline.staff.models import Staff
from tests.journeys.live_services import clean_environment
from tests.support.database import PostgresDatabases
from tests.support.sql_recorder import listening

WORKERS = (1, 8)
_CALLBACKS = 400
"""Measured in each round, shared among the workers."""
_WARM_UP = 20
"""Callbacks of each worker before it is measured."""
_DEFER = """
import sys, procrastinate
connector = procrastinate.SyncPsycopgConnector(conninfo=sys.argv[1])
app = procrastinate.App(connector=connector)
app.task(name="call")(print)
with app.open():
    app.schema_manager.apply_schema()
    app.tasks["call"].batch_defer(*({"callback": each} for each in range(int(sys.argv[2]))))
"""
_WORK = """
import asyncio, sys, time, procrastinate
from procrastinate.jobs import Status

async def main(address, warm_up):
    connector = procrastinate.PsycopgConnector(conninfo=address, min_size=1, max_size=1)
    async with procrastinate.App(connector=connector).open_async() as app:
        jobs = app.job_manager
        worker = await jobs.register_worker()
        async def work(count):
            began = time.perf_counter()
            for _ in range(count):
                job = await jobs.fetch_job(None, worker)
                await jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)
            print(time.perf_counter() - began, flush=True)
        await work(warm_up)
        for count in map(int, sys.stdin):
            await work(count)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""
_Held = Sequence[tuple[int, int]]


def call_and_disposition(plan: Plan) -> Sequence[Row]:
    """Statements of starting a call and recording its disposition, and their rate beside
    procrastinate's fetch and finish of a job, by so many processes."""
    rows: list[Row] = []
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        for workers in WORKERS:
            url = server.fresh()
            count = plan.rounds * _CALLBACKS + workers * _WARM_UP + 1
            with opened(url, Path(folder) / str(workers)) as app, app.app_context():
                held = _claimed(url, count)
                if not rows:
                    used = _statements(held[-1:])
                    words = "start a call and record its disposition"
                    rows.append(Row(f"{words}, statements", used, at_most=10))
                with (
                    processes(_seconds, url, Path(folder), workers) as ours,
                    _their_workers(server, workers, count) as theirs,
                ):
                    our_rate, their_rate = _rates(plan.rounds, held, ours, theirs)
            beside = "" if their_rate is None else ", beside procrastinate's fetch and finish"
            words = f"start and disposition, {workers} worker{'s' * (workers > 1)}{beside}"
            say(f"{words}: {our_rate:,.0f}/s against {their_rate or 0:,.0f}/s")
            bound = None if their_rate is None else 0.8
            rows.append(Row(words, our_rate, their_rate, "/s", at_least=bound))
    return rows


def _rates(
    rounds: int, held: _Held, ours: Sequence[Pipe], theirs: Sequence[subprocess.Popen[str]] | None
) -> tuple[float, float | None]:
    """Return the medians of our rate and theirs, measured in turn."""
    warm_up = len(ours) * _WARM_UP
    _our_rate(ours, held[:warm_up])
    our_rates, their_rates = [], []
    for turn in range(rounds):
        if theirs is not None:
            their_rates.append(_their_rate(theirs, _CALLBACKS))
        first = warm_up + turn * _CALLBACKS
        our_rates.append(_our_rate(ours, held[first : first + _CALLBACKS]))
    return median(our_rates), median(their_rates) if their_rates else None


def _claimed(url: str, count: int) -> _Held:
    """Create advisors with a phone and a current callback; return the ids of both."""
    with db.engine.begin() as connection:
        add_advisors(connection, count)
        add_callbacks(connection, count)
    advisors = db.session.scalars(sa.select(Staff.id)).all()
    db.session.execute(sa.update(Staff).values(phone="+919812300001"))
    db.session.commit()
    held = []
    for advisor in advisors:
        callback = claims.claim_next(advisor, now=NOW)
        assert callback is not None
        held.append((callback, advisor))
    db.session.remove()
    swept(url)
    return held


def _statements(held: _Held) -> int:
    used = 0
    for action in _ACTIONS.values():
        with listening(db.engine) as statements:
            _measured(action, held)
        used += len(statements)
        _end_calls()
    return used


def _our_rate(workers: Sequence[Pipe], held: _Held) -> float:
    """Callbacks a second; that the calls are reported to have ended in between is not measured."""
    shares = [held[place :: len(workers)] for place in range(len(workers))]
    seconds = 0.0
    for action in _ACTIONS:
        for worker, share in zip(workers, shares, strict=True):
            worker.send((action, share))
        seconds += max(worker.recv() for worker in workers)
        _end_calls()
    return len(held) / seconds


def _seconds(app: Flask, action: str, held: _Held) -> float:
    with app.app_context():
        return _measured(_ACTIONS[action], held)


def _measured(action: Callable[[int, int], None], held: _Held) -> float:
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


_ACTIONS = {"start": _start, "record": _record}


def _end_calls() -> None:
    """Let the carrier report the end of every call; not measured."""
    live = sa.select(Attempt.id).where(Attempt.ended_at.is_(None))
    for attempt in db.session.scalars(live).all():
        with transaction() as session:
            row = session.get_one(Attempt, attempt)
            attempts.end_attempt(session, row, AttemptResult.TALKED, rang=True, now=NOW)
    db.session.remove()


@contextmanager
def _their_workers(
    server: PostgresDatabases, count: int, jobs: int
) -> Iterator[Sequence[subprocess.Popen[str]] | None]:
    """Procrastinate's workers on a database of their own with so many jobs; None without it."""
    python = os.environ.get("BENCH_PROCRASTINATE")
    if python is None:
        yield None
        return
    address = sa.make_url(server.empty()).set(drivername="postgresql")
    plain = address.render_as_string(hide_password=False)
    environment = clean_environment()
    subprocess.run([python, "-c", _DEFER, plain, str(jobs)], env=environment, check=True)
    with ExitStack() as ended:
        workers = []
        for place in range(count):
            command = [python, "-c", _WORK, plain, str(_WARM_UP)]
            pipe = subprocess.PIPE
            worker = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
            ended.enter_context(worker)
            ended.callback(worker.terminate)
            keep_to_core(place % cores(), worker.pid)
            workers.append(worker)
        for worker in workers:
            _seconds_of(worker)
        yield workers


def _their_rate(workers: Sequence[subprocess.Popen[str]], jobs: int) -> float:
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{jobs // len(workers)}\n")
        worker.stdin.flush()
    return jobs / max(_seconds_of(worker) for worker in workers)


def _seconds_of(worker: subprocess.Popen[str]) -> float:
    assert worker.stdout is not None
    return float(worker.stdout.readline())
