"""The processes of a chaos run: web, simulated phones, two workers, and who kills them."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import requests

from config import ROOT, Settings
from tests.cast import CARRIER_TOKEN, HELPLINE
from tests.journeys.live_services import Phones, clean_environment, end, free_port, until
from tests.support.settings import environment_of, settings_for_tests

INDIA = ZoneInfo("Asia/Kolkata")
CLOSES_AT = "2026-11-23 18:00"
TIME_SCALE = 20
START_TAKES_SECONDS = 8
_PATIENCE_SECONDS = 60


def settings_of(folder: Path, database_url: str, open_seconds: float) -> Settings:
    """Settings with short waits. The helpline closes, by its clock, so many seconds after the
    processes are up."""
    closes = datetime.fromisoformat(CLOSES_AT).replace(tzinfo=INDIA)
    now = closes - timedelta(seconds=open_seconds + START_TAKES_SECONDS)
    return settings_for_tests(
        folder / "instance",
        database_url,
        public_url=f"http://127.0.0.1:{free_port()}",
        twilio_base_url=f"http://127.0.0.1:{free_port()}",
        clock_offset_seconds=now.timestamp() - time.time(),
        tick_seconds=0.2,
        carrier_timeout_seconds=3,
        silent_after_seconds=5,
        lost_after_seconds=10,
        longest_call_minutes=5,
        press_one_seconds=30,
    )


@dataclass
class Worker:
    """A worker slot: its current process, and how many it has had."""

    command: list[str]
    environment: dict[str, str]
    output: IO[bytes]
    process: subprocess.Popen[bytes] | None = None
    killed: int = 0

    def start(self) -> None:
        """Begins another process."""
        self.process = _started(self.command, self.environment, self.output)

    def kill(self) -> None:
        """SIGKILL: whatever it was doing stays as it is."""
        assert self.process is not None
        assert self.process.poll() is None, "a worker ended by itself"
        self.process.kill()
        self.process.wait()
        self.killed += 1


@dataclass
class Killer:
    """Kills one worker after the other, and starts it again."""

    workers: list[Worker]
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


@dataclass
class ChaosHouse:
    """What runs."""

    settings: Settings
    phones: Phones
    workers: list[Worker]
    servers: list[subprocess.Popen[bytes]]
    log: Path

    def stall_carrier(self, seconds: float) -> None:
        """The carrier answers nothing for so long: what was asked for stays unsure, and nothing can
        be looked up."""
        carrier = self.servers[-1]
        carrier.send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            carrier.send_signal(signal.SIGCONT)

    def ended_by_themselves(self) -> list[str]:
        """Which of the processes are no more, though nobody ended them."""
        workers = [each.process for each in self.workers if each.process]
        return [
            f"a process ended by itself with {process.returncode}: {process.args!r}"
            for process in (*self.servers, *workers)
            if process.poll() is not None
        ]


@contextmanager
def open_house(
    folder: Path,
    settings: Settings,
    seed: int,
    time_scale: float = TIME_SCALE,
    up: str = "readyz",
) -> Iterator[ChaosHouse]:
    """Everything up, and ended in any case, each process by its own id.

    Args:
        time_scale: how fast ringing and talking pass in the simulated network.
        up: what answers when the web is up. A clock that runs fast makes every worker look gone.
    """
    environment = {
        **clean_environment(),
        **environment_of(settings),
        "PHONESIM_AUTH_TOKEN": CARRIER_TOKEN,
    }
    log = folder / "processes.log"
    servers: list[subprocess.Popen[bytes]] = []
    workers: list[Worker] = []
    with log.open("ab") as output:
        flask = [sys.executable, "-m", "flask", "--app", "app:create_app", "helpline", "worker"]
        try:
            servers += [
                _started(each, environment, output)
                for each in _servers_of(settings, seed, time_scale)
            ]
            for _ in range(2):
                workers.append(Worker(flask, environment, output))
                workers[-1].start()
            phones = Phones(settings.twilio_base_url)
            for address in (f"{settings.public_url}/{up}", f"{phones.url}/sim/phones"):
                until(lambda a=address: _answers(a), f"{address} answers", _PATIENCE_SECONDS)  # type: ignore[misc]
            yield ChaosHouse(settings, phones, workers, servers, log)
        finally:
            end([*servers, *(each.process for each in workers if each.process)])


def _servers_of(settings: Settings, seed: int, time_scale: float) -> list[list[str]]:
    python = sys.executable
    web_port = settings.public_url.rpartition(":")[2]
    phones_port = settings.twilio_base_url.rpartition(":")[2]
    web = [python, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
    web += ["--bind", f"127.0.0.1:{web_port}", "--workers", "2", "--log-level", "warning"]
    phones = [python, "-m", "phonesim", "--port", phones_port, "--number", HELPLINE]
    phones += ["--account-sid", settings.twilio_account_sid, "--time-scale", str(time_scale)]
    phones += ["--clock-offset-seconds", str(settings.clock_offset_seconds), "--seed", str(seed)]
    phones += ["--clock-speed", str(settings.clock_speed)]
    phones += ["--voice-url", f"{settings.public_url}/webhooks/voice/inbound"]
    return [[*web, "app:create_app()"], phones]


def _started(
    command: list[str], environment: dict[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM ends this program as Ctrl-C does: in order."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
