"""Many calls at once with every fault on, workers killed all the while; then the rules are asked.

Web, workers, simulated phones and PostgreSQL are real processes; the advisors are threads of this
one, which act through the service's verbs. Run it with `make chaos-calls`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench import chaos_people, chaos_report
from bench.chaos_people import Crowd
from bench.chaos_report import Outcome
from bench.chaos_services import ChaosHouse, Killer, open_house, settings_of, stopped_by_signals
from bench.cores import cores
from config import ROOT
from helpline import clock
from helpline.db import db, transaction
from helpline.domain.lifecycle import ENDED, Status
from helpline.factory import create_app
from helpline.hours import queries
from helpline.hours import service as hours
from helpline.policy import queries as policy_queries
from helpline.policy.change import change_policy
from tests.support.database import PostgresDatabases

EXAMPLES = """\
examples:
  make chaos-calls
  python -m bench.chaos_calls --calls 50 --seconds 30
  python -m bench.chaos_calls --seed 7           another choice of faults and behaviours
  python -m bench.chaos_calls --write            also writes the table to bench/CALLS.md

It ends with 1 when anything is broken, and says what.
"""
PAGE = ROOT / "bench" / "CALLS.md"
CHANCES = {
    "http_429": 0.01,
    "http_500": 0.01,
    "http_503": 0.005,
    "cut_before": 0.01,
    "cut_after": 0.02,
    "timeout": 0.005,
    "error": 0.02,
    "child_error": 0.02,
    "dial_refused": 0.01,
    "stuck_ringing": 0.01,
    "webhook_drop": 0.05,
    "webhook_double": 0.08,
    "webhook_delay": 0.05,
    "webhook_shuffle": 0.08,
    "webhook_bad_signature": 0.04,
    "twiml_double": 0.08,
}
_DRAIN_SECONDS = 50
_LAST_WEBHOOKS_SECONDS = 4
_AFTER_CLOSING_SECONDS = 3
_TELL_EVERY_SECONDS = 5
_STALL_SECONDS = 4


@dataclass(frozen=True)
class Plan:
    """What is run.

    Args:
        seconds: for how long at most, until the helpline closes.
        kill_every: a worker is killed after so many seconds, then the other.
        most_kills: so often at most; None for all the time.
    """

    calls: int = 500
    advisors: int = 50
    seconds: float = 115
    seed: int = 1
    kill_every: float = 5
    most_kills: int | None = None


def run(plan: Plan, folder: Path, database_url: str) -> Outcome:
    """Everything, on a migrated and empty database; what it came to."""
    began = time.monotonic()
    settings = settings_of(folder, database_url, plan.seconds)
    app = create_app(settings)
    clock.set_ahead(settings.clock_offset_seconds, speed=settings.clock_speed)
    with app.app_context():
        hours.create_first_hours(settings.default_time_zone, now=clock.now())
        with transaction() as session:
            change_policy(
                session,
                expected_version=policy_queries.current(session).version,
                max_attempts=2,
                retry_pauses_minutes=[1],
                claim_minutes=1,
                wrap_up_minutes=1,
            )
    outcome = Outcome(plan.calls, plan.seed)
    try:
        with open_house(folder, settings, plan.seed) as house:
            _play(plan, app, house, outcome, began)
    except BaseException:
        log = folder / "processes.log"
        _say(log.read_text()[-4000:] if log.exists() else "")
        raise
    finally:
        clock.set_ahead(0)
        with app.app_context():
            db.engine.dispose()
    outcome.seconds = time.monotonic() - began
    return outcome


def _play(plan: Plan, app: Flask, house: ChaosHouse, outcome: Outcome, began: float) -> None:
    dice, phones = random.Random(plan.seed), house.phones
    advisors = chaos_people.hire(app, phones, plan.advisors, dice)
    phones.tell("PUT", "/faults", {"random": {"seed": plan.seed, "probabilities": CHANCES}})
    killer = Killer(house.workers, plan.kill_every, plan.most_kills)
    tokens = chaos_people.all_ask(app, phones, plan.calls, dice)
    crowd = Crowd(app, advisors, tokens, plan.seed, phones)
    stalls_after = plan.seconds / 3
    stall = threading.Timer(stalls_after, house.stall_carrier, (_STALL_SECONDS,))
    _say(f"{plan.calls} callbacks requested, {plan.advisors} advisors start")
    killer.start()
    crowd.start()
    stall.start()
    try:
        _watch(app, house, killer, began)
        killer.stop()
        outcome.faults = phones.get("/faults")["happened"]
        phones.tell("DELETE", "/faults")
        crowd.take_no_more()
        _say("faults off, finishing current callbacks")
        chaos_people.until_settled(app, _DRAIN_SECONDS)
        time.sleep(_LAST_WEBHOOKS_SECONDS)
    finally:
        stall.cancel()
        stall.join()
        killer.stop()
        crowd.stop()
    outcome.called_in = crowd.called_in
    outcome.killed = sum(each.killed for each in house.workers)
    outcome.cancelled = crowd.cancelled
    troubles = [*crowd.troubles, *killer.troubles, *house.ended_by_themselves()]
    chaos_report.look(app, phones, tokens, outcome, troubles)


def _watch(app: Flask, house: ChaosHouse, killer: Killer, began: float) -> None:
    """Until every callback has ended, or a few seconds after the helpline has closed."""
    with app.app_context():
        closes = queries.effective_hours(db.session(), clock.now()).closes_at(clock.now())
        assert closes is not None, "closed from the beginning: --seconds is too short"
    last_told = 0.0
    while (clock.now() - closes).total_seconds() < _AFTER_CLOSING_SECONDS:
        found = chaos_people.still_going(app, clock.now())
        going = sum(found.get(each, 0) for each in Status if each not in ENDED)
        if time.monotonic() - last_told > _TELL_EVERY_SECONDS or not going:
            last_told = time.monotonic()
            ended = sum(found.get(each, 0) for each in ENDED)
            _say(
                f"{time.monotonic() - began:5.0f} s  ended {ended}, calling "
                f"{found.get(Status.CALLING, 0)}, claimed {found.get(Status.CLAIMED, 0)}, due "
                f"{found['due']}, later {found.get(Status.WAITING, 0) - found['due']}, workers "
                f"killed {sum(each.killed for each in house.workers)}"
            )
        if not going:
            return
        time.sleep(1)


def _say(line: str) -> None:
    print(line, flush=True)


def _version(database_url: str) -> str:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        said = str(connection.scalar(sa.text("SHOW server_version")))
    engine.dispose()
    return said.partition(" ")[0]


def read_plan(arguments: Sequence[str] | None) -> tuple[Plan, bool]:
    """What was asked for on the command line, and whether to write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.chaos_calls",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--calls", type=int, default=Plan.calls, help="number of callbacks at once (%(default)s)")
    add("--advisors", type=int, default=Plan.advisors, help="number of advisors (%(default)s)")
    add("--seconds", type=float, default=Plan.seconds,
        help="seconds until the helpline closes (%(default)s)")  # fmt: skip
    add("--seed", type=int, default=Plan.seed, help="seed for faults and people (%(default)s)")
    add("--write", action="store_true", help="write the table to bench/CALLS.md")
    given = parser.parse_args(arguments)
    if given.calls < 1 or given.advisors < 1 or given.seconds < 1:
        parser.error("--calls, --advisors and --seconds are 1 or more")
    return Plan(given.calls, given.advisors, given.seconds, given.seed), given.write


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, prints the table, and says with its exit code whether all held."""
    plan, write = read_plan(arguments)
    _say(f"{plan.calls} calls, {cores()} cores, seed {plan.seed}")
    databases = None
    try:
        with stopped_by_signals(), tempfile.TemporaryDirectory(prefix="chaos-") as folder:
            databases = PostgresDatabases()
            url = databases.fresh()
            outcome = run(plan, Path(folder), url)
            if write:
                PAGE.write_text(chaos_report.as_page(outcome, _version(url)))
    except KeyboardInterrupt:
        _say("stopped, all processes ended")
        return 130
    finally:
        if databases is not None:
            databases.stop()
    _say("\n" + chaos_report.as_text(outcome))
    for each in outcome.broken:
        _say(f"BROKEN: {each}")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
