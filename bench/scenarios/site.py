"""What every scenario starts: web, two workers, simulated phones and a database of its own; and how
it is asked for and ended on the command line.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.services import (
    WORKER,
    Program,
    environment,
    running,
    simulated_phones,
    stopped_by_signals,
    web,
)
from config import ROOT, Settings
from tests.journeys.live_services import Phones, free_port
from tests.support.carriers import TWILIO, account, phones_url
from tests.support.database import PostgresDatabases
from tests.support.settings import settings_for_tests

RESULTS = ROOT / "bench" / "scenarios"
INDIA = ZoneInfo("Asia/Kolkata")
TIME_SCALE = 20
SHORT_WAITS: dict[str, Any] = {
    "carrier_timeout_seconds": 3,
    "silent_after_seconds": 5,
    "lost_after_seconds": 10,
    "longest_call_minutes": 5,
    "press_one_seconds": 30,
}
"""Settings for a network whose time passes TIME_SCALE times as fast."""


def scenario_settings(
    folder: Path, database_url: str, *, carrier: str = TWILIO, **changes: Any
) -> Settings:
    """Settings of a site on free ports, with its instance in this folder and its account at a
    carrier.
    """
    return settings_for_tests(
        folder / "instance",
        database_url,
        public_url=f"http://127.0.0.1:{free_port()}",
        **(account(carrier, f"http://127.0.0.1:{free_port()}") | changes),
    )


def clock_offset(wall_time: str, before: timedelta = timedelta(0)) -> float:
    """How far a clock is ahead that shows this time in India, or one before it."""
    shown = datetime.fromisoformat(wall_time).replace(tzinfo=INDIA) - before
    return shown.timestamp() - time.time()


@dataclass
class Site:
    """What runs."""

    settings: Settings
    phones: Phones
    web: Program
    workers: list[Program]
    network: Program
    log: Path

    @property
    def url(self) -> str:
        """The address for visitors."""
        return self.settings.public_url

    def stop_network(self, stopped: bool) -> None:
        """Freeze the carrier, or let it go on."""
        self.network.send(signal.SIGSTOP if stopped else signal.SIGCONT)

    def stall_network(self, seconds: float) -> None:
        """Let the carrier answer nothing for so long: what was asked for stays unsure, and nothing
        can be looked up.
        """
        self.stop_network(True)
        try:
            time.sleep(seconds)
        finally:
            self.stop_network(False)

    def ended_by_themselves(self) -> list[str]:
        """Which of the processes are no more, though nobody ended them."""
        processes = [each.process for each in (self.web, self.network, *self.workers)]
        return [
            f"a process ended by itself with {process.returncode}: {process.args!r}"
            for process in processes
            if process and process.poll() is not None
        ]


@contextmanager
def open_site(
    folder: Path,
    settings: Settings,
    *,
    seed: int = 0,
    time_scale: float = TIME_SCALE,
    ready: str = "readyz",
    variables: dict[str, str] | None = None,
) -> Iterator[Site]:
    """Everything up, and ended in any case. What the programs said is shown where this fails.

    Args:
        seed: for faults of the network.
        time_scale: how fast ringing and talking pass in it.
        ready: what answers when the web is up. A clock that runs fast makes every worker look gone.
        variables: of the programs' environment.
    """
    log = folder / "processes.log"
    with log.open("ab") as output:
        commands = (
            web(settings.public_url, "--graceful-timeout", "5"),
            WORKER,
            WORKER,
            simulated_phones(settings, time_scale, seed),
        )
        variables = environment(settings) | (variables or {})
        programs = [Program(command, variables, output) for command in commands]
        up = f"{settings.public_url}/{ready}", f"{phones_url(settings)}/sim/phones"
        try:
            with running(programs, *up):
                served, *workers, network = programs
                phones = Phones(phones_url(settings))
                yield Site(settings, phones, served, workers, network, log)
        except BaseException:
            say(log.read_text()[-4000:])
            raise


@contextmanager
def empty_database() -> Iterator[tuple[PostgresDatabases, str, Path]]:
    """A PostgreSQL server, the address of a migrated, empty database on it, and a folder."""
    databases = PostgresDatabases()
    try:
        with tempfile.TemporaryDirectory(prefix="scenario-") as folder:
            yield databases, databases.fresh(), Path(folder)
    finally:
        databases.stop()


def command_line(name: str, words: str | None, epilog: str) -> argparse.ArgumentParser:
    """The options of a scenario, among them --write."""
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.scenarios.{name}",
        description=words,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="write the results to their page")
    return parser


def played(scenario: Callable[[], Sequence[str]]) -> int:
    """Play a scenario, say what is broken, and return the exit status: 1 where anything is, 130
    where it was stopped.
    """
    try:
        with stopped_by_signals():
            broken = scenario()
    except KeyboardInterrupt:
        say("stopped, all processes ended")
        return 130
    for each in broken:
        say(f"BROKEN: {each}")
    return 1 if broken else 0


def say(line: str) -> None:
    """Print how far it is."""
    print(line, flush=True)
