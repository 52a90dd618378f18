"""Many calls at once with every fault on, workers killed all the while; then the rules are asked.

Web, workers, simulated phones and PostgreSQL are real processes; the advisors are threads of this
one, which act through the service's verbs. Run it with `make chaos-calls`.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.cores import cores
from bench.scenarios import chaos_people, chaos_report
from bench.scenarios.chaos_people import Crowd
from bench.scenarios.chaos_report import Outcome
from bench.scenarios.people import still_going, until_settled
from bench.scenarios.site import (
    RESULTS,
    SHORT_WAITS,
    Site,
    clock_offset,
    command_line,
    empty_database,
    open_site,
    played,
    say,
    scenario_settings,
)
from bench.services import Program
from helpline import clock
from helpline.db import db, transaction
from helpline.domain.lifecycle import ENDED, Status
from helpline.factory import create_app
from helpline.hours import queries
from helpline.hours import service as hours
from helpline.policy import queries as policy_queries
from helpline.policy.change import change_policy
from tests.support.carriers import PLIVO, TWILIO

EXAMPLES = """\
examples:
  make chaos-calls
  make chaos-calls ARGS="--calls 50 --seconds 30"
  make chaos-calls ARGS="--seed 7"         another choice of faults and behaviours
  make chaos-calls ARGS="--carrier plivo"  the same with the other carrier
  make chaos-calls ARGS=--write            also writes the table to CALLS.md beside this

It ends with 1 when anything is broken, and says what.
"""
PAGE = RESULTS / "CALLS.md"
CLOSES_AT = "2026-11-23 18:00"
START_TAKES_SECONDS = 20
CHANCES = {
    "http_429": 0.01,
    "http_500": 0.01,
    "http_503": 0.005,
    "http_500_made": 0.01,
    "no_id": 0.01,
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
        carrier: at which the helpline has its account.
        kill_every: a worker is killed after so many seconds, then the other.
        most_kills: so often at most; None for all the time.
    """

    calls: int = 500
    advisors: int = 50
    seconds: float = 115
    seed: int = 1
    kill_every: float = 5
    carrier: str = TWILIO
    most_kills: int | None = None


@dataclass
class Killer:
    """Kills one worker after the other, and starts it again."""

    workers: list[Program]
    every_seconds: float
    most: int | None = None
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop killing; the last worker killed is running again on return."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _go(self) -> None:
        turn = 0
        while (self.most is None or turn < self.most) and not self._stopped.wait(
            self.every_seconds
        ):
            worker = self.workers[turn % len(self.workers)]
            try:
                worker.kill()
            except AssertionError as problem:
                self.troubles.append(str(problem))
            worker.start()
            turn += 1


def run(plan: Plan, folder: Path, database_url: str) -> Outcome:
    """Everything, on a migrated and empty database; what it came to."""
    began = time.monotonic()
    opens_for = timedelta(seconds=plan.seconds + START_TAKES_SECONDS)
    settings = scenario_settings(
        folder,
        database_url,
        carrier=plan.carrier,
        clock_offset_seconds=clock_offset(CLOSES_AT, before=opens_for),
        tick_seconds=0.2,
        **SHORT_WAITS,
    )
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
        with open_site(folder, settings, seed=plan.seed) as site:
            _play(plan, app, site, outcome, began)
    finally:
        clock.set_ahead(0)
        with app.app_context():
            db.engine.dispose()
    outcome.seconds = time.monotonic() - began
    return outcome


def _play(plan: Plan, app: Flask, site: Site, outcome: Outcome, began: float) -> None:
    dice, phones = random.Random(plan.seed), site.phones
    advisors = chaos_people.hire_with_phones(app, phones, plan.advisors, dice)
    phones.tell("PUT", "/faults", {"random": {"seed": plan.seed, "probabilities": CHANCES}})
    killer = Killer(site.workers, plan.kill_every, plan.most_kills)
    tokens = chaos_people.all_ask(app, phones, plan.calls, dice)
    crowd = Crowd(app, advisors, tokens, plan.seed, phones)
    stalls_after = plan.seconds / 3
    stall = threading.Timer(stalls_after, site.stall_network, (_STALL_SECONDS,))
    say(f"{plan.calls} callbacks requested, {plan.advisors} advisors start")
    killer.start()
    crowd.start()
    stall.start()
    try:
        _watch(app, site, killer, began)
        killer.stop()
        outcome.faults = phones.get("/faults")["happened"]
        phones.tell("DELETE", "/faults")
        crowd.take_no_more()
        say("faults off, finishing current callbacks")
        until_settled(app, _DRAIN_SECONDS)
        time.sleep(_LAST_WEBHOOKS_SECONDS)
    finally:
        stall.cancel()
        stall.join()
        killer.stop()
        crowd.stop()
    outcome.called_in = crowd.called_in
    outcome.killed = sum(each.killed for each in site.workers)
    outcome.cancelled = crowd.cancelled
    troubles = [*crowd.troubles, *killer.troubles, *site.ended_by_themselves()]
    chaos_report.look(app, phones, tokens, outcome, troubles)


def _watch(app: Flask, site: Site, killer: Killer, began: float) -> None:
    """Until every callback has ended, or a few seconds after the helpline has closed."""
    with app.app_context():
        closes = queries.effective_hours(db.session(), clock.now()).closes_at(clock.now())
        assert closes is not None, "closed from the beginning: --seconds is too short"
    last_told = 0.0
    while (clock.now() - closes).total_seconds() < _AFTER_CLOSING_SECONDS:
        found = still_going(app, clock.now())
        going = sum(found.get(each, 0) for each in Status if each not in ENDED)
        if time.monotonic() - last_told > _TELL_EVERY_SECONDS or not going:
            last_told = time.monotonic()
            ended = sum(found.get(each, 0) for each in ENDED)
            say(
                f"{time.monotonic() - began:5.0f} s  ended {ended}, calling "
                f"{found.get(Status.CALLING, 0)}, claimed {found.get(Status.CLAIMED, 0)}, due "
                f"{found['due']}, later {found.get(Status.WAITING, 0) - found['due']}, workers "
                f"killed {sum(each.killed for each in site.workers)}"
            )
        if not going:
            return
        time.sleep(1)


def _version(database_url: str) -> str:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        said = str(connection.scalar(sa.text("SHOW server_version")))
    engine.dispose()
    return said.partition(" ")[0]


def read_plan(arguments: Sequence[str] | None) -> tuple[Plan, bool]:
    """What was asked for on the command line, and whether to write the page."""
    parser = command_line("chaos_calls", __doc__, EXAMPLES)
    add = parser.add_argument
    add("--calls", type=int, default=Plan.calls, help="number of callbacks at once (%(default)s)")
    add("--advisors", type=int, default=Plan.advisors, help="number of advisors (%(default)s)")
    add("--seconds", type=float, default=Plan.seconds,
        help="seconds until the helpline closes (%(default)s)")  # fmt: skip
    add("--seed", type=int, default=Plan.seed, help="seed for faults and people (%(default)s)")
    add("--carrier", default=Plan.carrier, choices=(TWILIO, PLIVO),
        help="carrier of the account (%(default)s)")  # fmt: skip
    given = parser.parse_args(arguments)
    if given.calls < 1 or given.advisors < 1 or given.seconds < 1:
        parser.error("--calls, --advisors and --seconds are 1 or more")
    plan = Plan(given.calls, given.advisors, given.seconds, given.seed, carrier=given.carrier)
    return plan, given.write


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, prints the table, and says with its exit code whether all held."""
    plan, write = read_plan(arguments)
    say(f"{plan.calls} calls, {plan.carrier}, {cores()} cores, seed {plan.seed}")

    def scenario() -> Sequence[str]:
        with empty_database() as (_server, url, folder):
            outcome = run(plan, folder, url)
            if write:
                PAGE.write_text(chaos_report.as_page(outcome, _version(url)))
        say("\n" + chaos_report.as_text(outcome))
        return outcome.broken

    return played(scenario)


if __name__ == "__main__":
    sys.exit(main())
