"""Sends 100,000 made-up requests to every form, operation of the API and webhook, in one process.

    make fuzz                                 100,000 inputs, half on SQLite, half on PostgreSQL
    make fuzz ARGS="--inputs 2000 --seed 7"   fewer, others
    make fuzz ARGS="--kind postgresql"        on one database only

Each thousand uses a new application, so that damage by one request does not hide the next; its seed
is printed, and repeats the same requests. The exit status is 1 when any request ended in a 500.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from helpline.db import db
from helpline.factory import create_app
from tests.fuzz.play import Played, play
from tests.fuzz.targets import OPEN, world_of
from tests.support import app_cache
from tests.support.clock import Clock
from tests.support.database import Databases, PostgresDatabases, SqliteDatabases, quick_folder
from tests.support.settings import settings_for_tests
from tests.support.web import Client

EACH = 1000


def main() -> int:
    """Plays, and says what came of it."""
    asked = _asked()
    logging.disable(logging.WARNING)
    kinds = ["sqlite", "postgresql"] if asked.kind == "both" else [asked.kind]
    whole, began = Played(), time.monotonic()
    rounds = max(1, asked.inputs // EACH)
    each = min(EACH, asked.inputs)
    with tempfile.TemporaryDirectory(prefix="helpline-fuzz-", dir=quick_folder()) as folder:
        stores = {kind: _store(kind, Path(folder)) for kind in kinds}
        try:
            for number in range(rounds):
                kind = kinds[number % len(kinds)]
                _round(stores[kind], Path(folder), each, asked.seed + number, whole)
                passed = time.monotonic() - began
                print(
                    f"{whole.requests:7} of {rounds * each}  {passed:6.0f} s  seed "
                    f"{asked.seed + number} on {kind}  failures: {len(whole.failures)}",
                    flush=True,
                )
        finally:
            for store in stores.values():
                if isinstance(store, PostgresDatabases):
                    store.stop()
    for told in whole.failures.values():
        print(f"\n{told}")
    print(f"\nresponses: {dict(sorted(whole.answers.items()))}")
    print(f"URLs: {len(whole.tried)}, each requested at least {min(whole.tried.values())} times")
    print(f"{whole.requests} requests, {len(whole.failures)} endpoints that return 500")
    return int(bool(whole.failures))


def _round(store: Databases, folder: Path, examples: int, number: int, whole: Played) -> None:
    url = store.fresh()
    app_cache.prepare(db)
    app = create_app(settings_for_tests(folder / "instance", url, texts_enabled=True))
    app.testing = True
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = app_cache.COMPILED
    app.extensions["security"].pwd_context.update(
        argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1
    )
    clock = Clock()
    clock(OPEN)
    try:
        with app.app_context():
            world = world_of(app, app.test_client(), app.test_client())
            whole.take(play(world, examples=examples, number=number))
            db.session.rollback()
    finally:
        clock.stop()
        app_cache.give_back(db, app)
        store.drop(url)


def _store(kind: str, folder: Path) -> Databases:
    if kind == "postgresql":
        return PostgresDatabases()
    where = folder / "sqlite"
    where.mkdir()
    return SqliteDatabases(where)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.scenarios.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="number of requests")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first thousand requests")
    parser.add_argument("--kind", choices=("both", "sqlite", "postgresql"), default="both")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
