"""Taking the next callback: the whole transaction, beside pgbench; and with very many behind us."""

from __future__ import annotations

import math
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median, quantiles
from threading import Thread

import sqlalchemy as sa
from flask import Flask

from bench.cores import cores
from bench.database import (
    NOW,
    add_advisors,
    add_callbacks,
    as_put,
    durable,
    opened,
    pgbench,
    swept,
)
from bench.plan import Plan, in_turn, say
from bench.processes import processes
from bench.table import Row
from helpline.callbacks import claims
from helpline.db import db
from helpline.web.db_bulkhead import CONNECTIONS
from tests.support.sql_recorder import listening

CLIENTS = (1, 8, 32)
_CALLBACKS = 60_000
_UID = re.compile(r"'[0-9a-f]{32}'")


def against_pgbench(plan: Plan) -> Sequence[Row]:
    """Claims a second by 1, 8 and 32 clients, each by an advisor without a current callback, beside
    pgbench with the same statements."""
    rows = []
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        url = server.fresh()
        with opened(url, Path(folder)) as app, _advisors(url):
            script = _script_of_ours(app, url)
            most = _processes(max(CLIENTS))
            with processes(_rate, url, Path(folder), most) as claimers:
                for clients in CLIENTS:
                    ours, theirs = in_turn(
                        plan.rounds,
                        partial(_ours, url, claimers, clients, plan.seconds),
                        partial(_theirs, url, script, clients, plan.seconds),
                    )
                    words = f"claim the next callback, {clients} client{'s' * (clients > 1)}"
                    say(f"{words}: {ours:,.0f}/s against {theirs:,.0f}/s")
                    rows.append(Row(words, ours, theirs, "/s", at_least=0.5))
    return rows


def _script_of_ours(app: Flask, url: str) -> str:
    """The transaction of a claim for pgbench, where each is by another advisor."""
    _refill(url)
    advisor = _CALLBACKS - 1  # The first callback in the queue has the last id.
    with app.app_context():
        with listening(db.engine) as said:
            callback = claims.claim_next(advisor, now=NOW)
        statements = as_put(db.engine, said)
    lines = ["SELECT nextval('bench_advisor') AS advisor \\gset", "BEGIN;"]
    for statement in statements:
        put = statement.replace(f"'staff:{advisor}'", "'staff:1'")
        put = put.replace(f"'callback:{callback}'", "'callback:' || :id")
        put = put.replace(str(advisor), ":advisor").replace(str(callback), ":id")
        put = _UID.sub("replace(gen_random_uuid()::text, '-', '')", put)  # Unique in the audit log.
        lines.append(f"{put} \\gset" if "UPDATE callback" in put else f"{put};")
    return "\n".join([*lines, "COMMIT;"]) + "\n"


@contextmanager
def _advisors(url: str) -> Iterator[None]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        add_advisors(connection, _CALLBACKS)
        connection.execute(sa.text("CREATE SEQUENCE bench_advisor"))
    engine.dispose()
    yield


def _refill(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE callback, callback_event CASCADE"))
        connection.execute(sa.text("ALTER SEQUENCE bench_advisor RESTART"))
        add_callbacks(connection, _CALLBACKS)
    engine.dispose()
    swept(url)


def _theirs(url: str, script: str, clients: int, seconds: float) -> float:
    _refill(url)
    return pgbench(url, script, clients=clients, seconds=seconds)


def _ours(url: str, claimers: Sequence[Pipe], clients: int, seconds: float) -> float:
    _refill(url)
    used = claimers[: min(clients, _processes(clients))]
    share = _CALLBACKS // len(used)
    for place, claimer in enumerate(used):
        threads = clients // len(used) + (place < clients % len(used))
        claimer.send((threads, 1 + place * share, share // threads, seconds))
    return sum(claimer.recv() for claimer in used)


def _processes(clients: int) -> int:
    """One for each core, and more where each client could not have a connection of its own else."""
    return max(cores(), math.ceil(clients / CONNECTIONS))


def _rate(app: Flask, threads: int, first: int, advisors: int, seconds: float) -> float:
    """Claims a second by so many threads, each with advisors of its own."""
    counts = [0] * threads
    until = time.perf_counter() + seconds

    def claim(place: int) -> None:
        advisor = first + place * advisors
        while time.perf_counter() < until:
            with app.app_context():
                claims.claim_next(advisor, now=NOW)
            advisor += 1
            counts[place] += 1

    began = time.perf_counter()
    at_once([lambda p=place: claim(p) for place in range(threads)])  # type: ignore[misc]
    return sum(counts) / (time.perf_counter() - began)


def at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """Each in a thread of its own; back when all are done."""
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def with_many_finished(plan: Plan) -> Sequence[Row]:
    """How long one claim takes with very many callbacks that are over, against a thousand."""
    claims = 60 if plan.rounds == 1 else 400
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        urls = [server.fresh(), server.fresh()]
        for url, finished in zip(urls, (plan.finished, 1_000), strict=True):
            say(f"adding {finished:,} finished callbacks")
            _fill(url, finished, claims * plan.rounds)
        with (
            opened(urls[0], Path(folder) / "many") as many,
            opened(urls[1], Path(folder) / "few") as few,
        ):
            taken: dict[str, list[float]] = {"many": [], "few": []}
            for turn in range(plan.rounds):
                for name, app in (("few", few), ("many", many)):
                    taken[name] += _latencies(app, 1 + turn * claims, claims)
    rows = []
    for words, of in (("median", median), ("99th percentile", _ninety_ninth)):
        ours, theirs = 1000 * of(taken["many"]), 1000 * of(taken["few"])
        told = f"claim with {plan.finished:,} finished against 1,000, {words}"
        rows.append(Row(told, ours, theirs, "ms", at_most=1.2))
    return rows


def _fill(url: str, finished: int, waiting: int) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        add_advisors(connection, waiting + 100)
        add_callbacks(connection, finished, status="reached")
        add_callbacks(connection, waiting + 100)
    engine.dispose()
    swept(url)


def _latencies(app: Flask, first: int, claims: int) -> list[float]:
    found = []
    for advisor in range(first, first + claims):
        began = time.perf_counter()
        with app.app_context():
            claims.claim_next(advisor, now=NOW)
        found.append(time.perf_counter() - began)
    return found


def _ninety_ninth(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[98]
