"""One thing after another breaks under a steady load, and visitors must not be the ones who lose.

A real site (gunicorn with two processes, two workers, simulated phones; PostgreSQL with a
synchronous standby, once SQLite) under a steady load: visitors book through the form, advisors
claim and call, and the main page and the crisis page are requested ten times a second. Run it
with `make chaos`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.cores import cores
from bench.scenarios import faults_report
from bench.scenarios.checks import record_of
from bench.scenarios.faults_people import Accepted, Load, longest_gap, status_answers, waited_for
from bench.scenarios.faults_report import Row
from bench.scenarios.faults_site import SHARED_COUNTS, BreakableSite, open_breakable_site
from bench.scenarios.site import RESULTS, command_line, played, say
from config import Settings
from helpline.db import db
from helpline.factory import create_app
from helpline.privacy.encryption import link_hash
from tests.journeys.live_services import until
from tests.stateful import rules
from tests.stateful.rules import World
from tests.support.database import quick_folder

EXAMPLES = """\
examples:
  make chaos
  make chaos ARGS="--only failover --only slow"
  make chaos ARGS="--seconds 5"            each fault lasts so long
  make chaos ARGS=--write                  also writes the table to FAULTS.md beside this

It ends with 1 when a request was lost, a rule broken, or the crisis page did not answer.
"""
PAGE = RESULTS / "FAULTS.md"
CRISIS_WITHIN_SECONDS = 3.0
"""Longer than that the crisis page may never be away, on a machine that does all of this."""
_BEFORE_SECONDS = 3
_PATIENCE_SECONDS = 90
_AFTER_SECONDS = 2
_RECOVERS_WITHIN_SECONDS = 90
_SLOW_SECONDS = 0.05
_JUMP_SECONDS = 3600
_DEAD_PRIMARY_SECONDS = 3


@dataclass(frozen=True)
class Fault:
    """Something that breaks.

    Args:
        name: on the command line.
        title: in the table.
        words: what exactly is done.
        site: which kind of site it needs; those of one kind share one, in this order.
        breaks, mends: what is done at the beginning and at the end.
        seconds: how long it lasts, where that is not for the command line to say.
    """

    name: str
    title: str
    words: str
    site: str
    breaks: Callable[[BreakableSite], None]
    mends: Callable[[BreakableSite], None] = lambda _site: None
    seconds: float | None = None


SITES: dict[str, dict[str, bool]] = {
    "pair": {},
    "line": {"line": True},
    "file": {"sqlite": True},
    "clock": {"jumping_clock": True},
    "redis": {"silent_redis": True},
}


FAULTS = (
    Fault(
        "worker",
        "a worker is killed",
        "SIGKILL to one of two workers; another is started when the fault ends.",
        "pair",
        lambda site: site.workers[0].kill(),
        lambda site: site.workers[0].start(),
    ),
    Fault(
        "web",
        "a web process is killed",
        "SIGKILL to one of the two processes of gunicorn, which starts another by itself.",
        "pair",
        BreakableSite.kill_web_process,
    ),
    Fault(
        "restart",
        "PostgreSQL is restarted",
        "A fast shutdown of the primary (SIGINT: every connection is cut), and a start.",
        "pair",
        lambda site: site.servers.restart_primary(),
    ),
    Fault(
        "carrier",
        "the carrier is silent",
        "SIGSTOP to the simulated phone network for 30 s: it takes connections and says nothing.",
        "pair",
        lambda site: site.stop_network(True),
        lambda site: site.stop_network(False),
        seconds=30,
    ),
    Fault(
        "failover",
        "the primary is killed, the standby promoted",
        "SIGKILL to all of the primary (synchronous replication); after 3 s the standby is "
        "promoted.",
        "pair",
        lambda site: site.servers.kill_primary(),
        lambda site: site.servers.promote(),
        seconds=_DEAD_PRIMARY_SECONDS,
    ),
    Fault(
        "slow",
        "the database is slow",
        "Every message to and from PostgreSQL takes 50 ms, so each statement 100 ms and more.",
        "line",
        lambda site: site.delay_database(_SLOW_SECONDS),
        lambda site: site.delay_database(0),
    ),
    Fault(
        "silent",
        "the database is silent",
        "The line to the primary goes dead without a word, in the middle of everything; what was "
        "on its way arrives when it comes back.",
        "line",
        lambda site: site.wire.go_dead(),
        lambda site: site.wire.come_back(),
    ),
    Fault(
        "disk",
        "the disk is full (SQLite)",
        "The disk of the instance folder (the database and its log) is filled to the last byte, "
        "and emptied.",
        "file",
        BreakableSite.fill_disk,
        BreakableSite.free_disk,
    ),
    Fault(
        "forward",
        "the clock jumps an hour ahead",
        "Of web, workers and phones at once, while they run.",
        "clock",
        lambda site: site.set_clock(_JUMP_SECONDS),
    ),
    Fault(
        "back",
        "the clock jumps an hour back",
        "Of web, workers and phones at once, while they run.",
        "clock",
        lambda site: site.set_clock(0),
    ),
    Fault(
        "redis",
        "Redis is gone",
        "The Redis in which machines count together takes connections and says nothing, from the "
        "start to the end.",
        "redis",
        lambda _site: None,
    ),
)


def run(fault_names: Sequence[str], seconds: float, seed: int) -> list[Row]:
    """Each of these faults in turn; a row for each."""
    rows = []
    for kind, how in SITES.items():
        chosen = [each for each in FAULTS if each.site == kind and each.name in fault_names]
        rows += [Row(each.title, why_not=_not_run(each)) for each in chosen if _not_run(each)]
        if can := [each for each in chosen if not _not_run(each)]:
            rows += _on_one_site(can, how, seconds, seed)
    return rows


def _on_one_site(
    faults: Sequence[Fault], how: dict[str, bool], seconds: float, seed: int
) -> list[Row]:
    say(f"starting services for {', '.join(each.name for each in faults)}")
    with tempfile.TemporaryDirectory(prefix="faults-", dir=quick_folder()) as name:
        folder = Path(name)
        with open_breakable_site(folder, **how) as site:
            load = Load(site, seed)
            load.start()
            until(lambda: load.talks, "the first talk is over", _PATIENCE_SECONDS)
            app = create_app(site.settings)
            try:
                return [_play(each, site, app, load, seconds) for each in faults]
            finally:
                load.stop()
                with app.app_context():
                    db.engine.dispose()


def _play(fault: Fault, site: BreakableSite, app: Flask, load: Load, seconds: float) -> Row:
    time.sleep(_BEFORE_SECONDS)
    begins, before, talks = time.monotonic(), len(load.accepted), load.talks
    refused = len(load.refused)
    say(f"{fault.name}: fault injected after {before} accepted requests")
    broke = time.monotonic()
    fault.breaks(site)
    time.sleep(fault.seconds or seconds)
    mended = time.monotonic()
    fault.mends(site)
    recovered = _recovered(site, load, mended)
    time.sleep(_AFTER_SECONDS)
    ends = time.monotonic()
    crisis = waited_for(load.crisis, begins, ends)
    accepted, told = load.accepted[before:], load.refused[refused:]
    lost, broken = _look(fault, site, app, load.accepted)
    row = Row(
        title=fault.title,
        words=_words(fault, site),
        lasted=mended - broke,
        accepted=len(accepted),
        talks=load.talks - talks,
        refused=len(told),
        lost=lost,
        main_away=longest_gap(load.main, begins, ends),
        crisis_asked=len(crisis),
        crisis_failed=sum(not each.good for each in crisis),
        crisis_away=longest_gap(load.crisis, begins, ends),
        broken=tuple(broken),
        recovered=recovered,
    )
    say(
        f"{fault.name}: {row.accepted} accepted, {row.refused} asked to retry, {row.lost} lost; "
        f"main page down {row.main_away:.1f} s, crisis page {row.crisis_away:.1f} s; "
        f"recovered after {'never' if recovered is None else f'{recovered:.1f} s'}"
    )
    say(f"    desks: {dict(load.deeds)}")
    for said in sorted({each.problem for each in told}):
        say(f"    {sum(each.problem == said for each in told)} times: {said}")
    return row


def _recovered(site: BreakableSite, load: Load, mended: float) -> float | None:
    """How long until both pages answer, another request was taken, and the site calls itself ready;
    None where that did not come."""
    taken = len(load.accepted)
    while time.monotonic() - mended < _RECOVERS_WITHIN_SECONDS:
        both = all(
            any(each.good and each.began > mended for each in pages[-50:])
            for pages in load.pages.values()
        )
        if both and len(load.accepted) > taken and site.is_ready():
            return time.monotonic() - mended
        time.sleep(0.1)
    return None


def _look(
    fault: Fault, site: BreakableSite, app: Flask, taken: Sequence[Accepted]
) -> tuple[int, list[str]]:
    """How many of the requests that were answered with success are lost, and the broken rules."""
    taken = list(taken)
    tokens = [each.path.rpartition("/")[2] for each in taken]
    world = World(asked=[link_hash(token) for token in tokens])
    wrong: list[str] = []
    if fault.site != "clock":  # Where the carrier's clock jumps its record says nothing of times.
        world, wrong = record_of(app, site.phones, tokens)
    with app.app_context():
        session = db.session()
        session.connection(execution_options={"isolation_level": _ONE_MOMENT[db.engine.name]})
        broken = rules.broken_rules(session, world)
        kept = set(session.scalars(sa.text("SELECT token_hash FROM callback")))
        session.rollback()
    gone = {each for each in tokens if link_hash(each) not in kept}
    gone |= {
        token
        for each, token in zip(taken, tokens, strict=True)
        if not status_answers(site, each.path)
    }
    return len(gone), [*wrong, *broken]


_ONE_MOMENT = {"postgresql": "REPEATABLE READ", "sqlite": "SERIALIZABLE"}


def _words(fault: Fault, site: BreakableSite) -> str:
    if fault.site == "clock" and site.clock_file is None:
        return (
            "Of the workers alone, which are started anew with another setting: this machine has "
            "no compiler for bench/scenarios/jumping_clock.c."
        )
    if fault.site == "clock":
        return f"{fault.words} By bench/scenarios/jumping_clock.c."
    if fault.site == "file" and not site.small_disk:
        return (
            "No file of the web processes and workers may grow (RLIMIT_FSIZE): no disk could be "
            "mounted here."
        )
    return fault.words


def _not_run(fault: Fault) -> str:
    """Why this fault cannot be played here; empty where it can."""
    if fault.site == "redis" and SHARED_COUNTS not in Settings.model_fields:
        return "nothing of this service asks a Redis"
    return ""


def read_plan(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    names = [each.name for each in FAULTS]
    listed = "".join(f"  {each.name:<10}{each.title}\n" for each in FAULTS)
    parser = command_line("faults", __doc__, f"faults:\n{listed}\n{EXAMPLES}")
    add = parser.add_argument
    add("--only", action="append", choices=names, metavar="NAME",
        help="run only this fault; may be repeated")  # fmt: skip
    add("--seconds", type=float, default=10, help="duration of each fault in seconds (%(default)s)")
    add("--seed", type=int, default=1, help="seed for the visitors (%(default)s)")
    given = parser.parse_args(arguments)
    if given.seconds <= 0:
        parser.error("--seconds is more than 0")
    given.only = given.only or names
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, prints the table, and says with its exit code whether all held."""
    plan = read_plan(arguments)
    say(f"{len(plan.only)} faults, {cores()} cores, seed {plan.seed}")

    def scenario() -> Sequence[str]:
        rows = run(plan.only, plan.seconds, plan.seed)
        say(f"\n{faults_report.as_table(rows)}\n")
        if plan.write:
            PAGE.write_text(faults_report.as_page(rows, CRISIS_WITHIN_SECONDS))
        return [trouble for row in rows for trouble in row.troubles(CRISIS_WITHIN_SECONDS)]

    return played(scenario)


if __name__ == "__main__":
    sys.exit(main())
