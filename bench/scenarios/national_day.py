"""A national day: thousands of requests spread over a day, and hundreds of advisors who call.

PostgreSQL, web under gunicorn (2 processes), two workers and the simulated phones are real
processes, whose clocks all run faster. Advisors have processes of their own and act through the
service's functions; so do most visitors, and the others use the JSON API. At the end the rules are
checked, and the waits are compared with queueing theory. Run it with `make simulate`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.cores import cores
from bench.scenarios import national_people, national_report
from bench.scenarios.national_people import Desks, Visitors
from bench.scenarios.national_plan import (
    MAX_ATTEMPTS,
    NIGHT,
    OPENS,
    RETRY_PAUSES_MINUTES,
    Plan,
    visitors_of,
)
from bench.scenarios.national_report import Day
from bench.scenarios.people import hire, still_going, until_settled
from bench.scenarios.site import (
    RESULTS,
    Site,
    command_line,
    empty_database,
    open_site,
    played,
    say,
    scenario_settings,
)
from config import Settings
from helpline import clock
from helpline.db import db, transaction
from helpline.domain.lifecycle import ENDED, Status
from helpline.domain.opening_hours import Interval, Week
from helpline.factory import create_app
from helpline.hours.models import HoursVersion
from helpline.messaging.models import Heartbeat
from helpline.policy import queries as policy_queries
from helpline.policy.change import change_policy
from tests.journeys.live_services import until

EXAMPLES = """\
examples:
  make simulate                                             within 10 minutes on 2 cores
  make simulate ARGS="--callbacks 12000"                    as many as 2 cores carry in that time
  make simulate ARGS="--speed 30"                           all of them with time to spare
  make simulate ARGS="--callbacks 600 --advisors 40 --open-hours 2"
  make simulate ARGS=--write       also writes NATIONAL_DAY.md beside this, and its picture

It ends with 1 when a rule is broken or theory is missed, and says what.
"""
PAGE = RESULTS / "NATIONAL_DAY.md"
PICTURE = RESULTS / "national-day.svg"
_TELL_EVERY_SECONDS = 5
_PATIENCE_SECONDS = 60
_DRAIN_SECONDS = 60
_LONGEST_MINUTES = 120
_VACUUM_EVERY_SECONDS = 20
_LAST_WEBHOOKS_SECONDS = 3
_NO_LIMIT = "1000000/minute"
_TO_VACUUM = sa.text(
    "SELECT quote_ident(relname) FROM pg_stat_user_tables "
    "WHERE n_dead_tup + n_mod_since_analyze > 100"
)


def run(plan: Plan, folder: Path, database_url: str, database_process: int | None = None) -> Day:
    """Run everything on a migrated, empty database; return the result.

    Args:
        database_process: the id of the database's first process, whose CPU time is reported too.
    """
    began = time.monotonic()
    settings = _settings(plan, folder, database_url)
    app = create_app(settings)
    clock.set_ahead(0, speed=plan.speed)
    day = Day(plan, began=began)
    try:
        advisors = _prepare(app, plan, settings)
        visitors = Visitors(app, plan, settings.public_url, visitors_of(plan))
        visitors.ask_at_night()
        say(f"{time.monotonic() - began:5.0f} s  {len(visitors.tokens)} requests overnight")
        settings = _clock_begins(app, plan, settings)
        with open_site(
            folder, settings, seed=plan.seed, time_scale=plan.speed, ready="healthz"
        ) as site:
            site.phones.patience_seconds = 180
            day.watch("database", [database_process] if database_process else [])
            _play(plan, app, site, visitors, advisors, day)
    finally:
        clock.set_ahead(0)
        with app.app_context():
            db.engine.dispose()
    day.seconds = time.monotonic() - began
    return day


def _settings(plan: Plan, folder: Path, database_url: str) -> Settings:
    """Waits that are long by a clock that runs fast; and nobody is limited, since all come from
    one address and within minutes."""
    limits = {name: _NO_LIMIT for name in Settings.model_fields if name.startswith("limit_")}
    return scenario_settings(
        folder,
        database_url,
        clock_speed=plan.speed,
        tick_seconds=plan.tick_seconds,
        silent_after_seconds=600,
        lost_after_seconds=1800,
        longest_call_minutes=_LONGEST_MINUTES,
        press_one_seconds=60,
        log_level="warning",
        **limits,
    )


def _prepare(app: Flask, plan: Plan, settings: Settings) -> list[int]:
    """Hours, policy and advisors, as they are the evening before; the ids of the advisors."""
    evening = OPENS - NIGHT - timedelta(hours=1)
    week = Week.every_day(Interval.parse(f"{OPENS:%H:%M}", f"{plan.closes:%H:%M}"))
    with app.app_context(), transaction() as session:
        session.add(
            HoursVersion(
                version=1,
                time_zone=settings.default_time_zone,
                week=week.to_data(),
                saved_at=evening,
                saved_by=None,
            )
        )
        change_policy(
            session,
            expected_version=policy_queries.current(session).version,
            slot_minutes=15,
            slot_capacity=max(2, plan.callbacks // 150),
            slot_lead_minutes=30,
            last_start_minutes=1,
            max_attempts=MAX_ATTEMPTS,
            retry_pauses_minutes=list(RETRY_PAUSES_MINUTES),
            claim_minutes=60,
            wrap_up_minutes=60,
            hand_deadline_minutes=240,
        )
    return hire(app, plan.advisors, evening)


def _clock_begins(app: Flask, plan: Plan, settings: Settings) -> Settings:
    """From here on the clock runs, in this process and in those that are given these settings."""
    begins = OPENS - timedelta(seconds=plan.speed) * plan.lead_seconds
    offset = begins.timestamp() - time.time() * plan.speed
    clock.install(app, offset, speed=plan.speed)
    clock.set_ahead(offset, speed=plan.speed)
    return settings.model_copy(update={"clock_offset_seconds": offset})


def _play(
    plan: Plan, app: Flask, site: Site, visitors: Visitors, advisors: list[int], day: Day
) -> None:
    national_people.give_phones(site.phones, visitors_of(plan), plan.advisors)
    desks = Desks(plan, site.settings, advisors)
    desks.start()
    over = threading.Event()
    vacuum = threading.Thread(target=_vacuum, args=(app, over), daemon=True)
    day.watch("web", [site.web.pid])
    day.watch("simulated phones", [site.network.pid])
    day.watch("workers", [each.pid for each in site.workers])
    day.watch("advisors", [each.pid for each in desks.processes if each.pid])
    day.watch("visitors", [os.getpid()])
    try:
        until(lambda: _workers(app) == len(site.workers), "all workers live", _PATIENCE_SECONDS)
        seated = desks.all_seated(_PATIENCE_SECONDS)
        left = OPENS - clock.now()
        if not seated or left < timedelta(0):
            raise RuntimeError("not ready at opening: give more --lead-seconds")
        clock.wait(left)
        say(f"{time.monotonic() - day.began:5.0f} s  open")
        day.opens()
        vacuum.start()
        visitors.start()
        _watch(plan, app, visitors, day)
        desks.take_no_more()
        until_settled(app, _DRAIN_SECONDS + 60 * _LONGEST_MINUTES / plan.speed)
        day.closes()
        time.sleep(_LAST_WEBHOOKS_SECONDS)
    finally:
        over.set()
        visitors.stop()
        troubles = desks.stop()
    say(f"{time.monotonic() - day.began:5.0f} s  closed, checking the rules")
    troubles += [*visitors.troubles, *site.ended_by_themselves()]
    national_report.look(app, site.phones, visitors, day, troubles)


def _workers(app: Flask) -> int:
    """How many have given a sign of life."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(Heartbeat.worker))) or 0


def _vacuum(app: Flask, over: threading.Event) -> None:
    """What autovacuum does on a server that is not one for tests."""
    with app.app_context():
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        while not over.wait(_VACUUM_EVERY_SECONDS):
            with engine.connect() as connection:
                tables = ", ".join(connection.scalars(_TO_VACUUM))
                if tables:
                    connection.execute(sa.text(f"VACUUM (ANALYZE) {tables}"))


def _watch(plan: Plan, app: Flask, visitors: Visitors, day: Day) -> None:
    """Until the helpline has closed, or everybody has been seen to."""
    last_told, last_ended = time.monotonic(), 0
    while (now := clock.now()) < plan.closes:
        time.sleep(0.5)
        if (passed := time.monotonic() - last_told) < _TELL_EVERY_SECONDS:
            continue
        found = still_going(app, now)
        ended = sum(found.get(each, 0) for each in ENDED)
        in_hand = found.get(Status.CALLING, 0) + found.get(Status.CLAIMED, 0)
        say(
            f"{time.monotonic() - day.began:5.0f} s  {now.astimezone(OPENS.tzinfo):%H:%M}  "
            f"requests {len(visitors.tokens)}, due {found['due']}, claimed {in_hand}, later "
            f"{found.get(Status.WAITING, 0) - found['due']}, ended {ended} "
            f"({(ended - last_ended) / passed:.0f} a second), {day.busy()}"
        )
        last_told, last_ended = time.monotonic(), ended


def read_plan(arguments: Sequence[str] | None) -> tuple[Plan, bool]:
    """What was asked for on the command line, and whether to write the page."""
    parser = command_line("national_day", __doc__, EXAMPLES)
    add, usual = parser.add_argument, Plan()
    add(
        "--callbacks",
        type=int,
        default=usual.callbacks,
        help="number of callback requests (%(default)s)",
    )
    add("--advisors", type=int, default=usual.advisors, help="number of advisors (%(default)s)")
    add("--speed", type=float, default=usual.speed,
        help="simulated seconds per real second (%(default)s)")  # fmt: skip
    add(
        "--open-hours",
        type=float,
        default=usual.open_hours,
        help="length of the opening hours (%(default)s)",
    )
    add("--by-http", type=float, default=usual.by_http,
        help="share of visitors who use the JSON API (%(default)s)")  # fmt: skip
    add("--desks", type=int, default=usual.desks, help="number of advisor processes (%(default)s)")
    add("--delay", type=float, default=usual.delay,
        help="overhead per call, in real seconds (%(default)s)")  # fmt: skip
    add("--lead-seconds", type=float, default=usual.lead_seconds,
        help="real seconds from start to opening (%(default)s)")  # fmt: skip
    add("--tick-seconds", type=float, default=usual.tick_seconds,
        help="interval between worker runs (%(default)s)")  # fmt: skip
    add("--seed", type=int, default=usual.seed, help="seed for people and phones (%(default)s)")
    given = vars(parser.parse_args(arguments))
    write = given.pop("write")
    if min(given["callbacks"], given["advisors"], given["desks"]) < 1:
        parser.error("--callbacks, --advisors and --desks are 1 or more")
    return Plan(**given), write


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, prints the tables, and says with its exit code whether all held."""
    plan, write = read_plan(arguments)
    say(f"{plan.callbacks} callbacks, {plan.advisors} advisors, {cores()} cores")

    def scenario() -> Sequence[str]:
        with empty_database() as (server, url, folder):
            day = run(plan, folder, url, server.process)
        say("\n" + national_report.as_text(day))
        if write:
            PAGE.write_text(national_report.as_page(day))
            PICTURE.write_text(national_report.as_picture(day))
        return [*day.broken, *day.missed]

    return played(scenario)


if __name__ == "__main__":
    sys.exit(main())
