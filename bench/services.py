"""The service's programs as processes, started for a measurement and ended by their own ids."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import requests

from config import ROOT, Settings
from tests.journeys.live_services import clean_environment, end, until
from tests.support.carriers import PHONESIM_TOKENS, phones_url, phonesim_options
from tests.support.settings import environment_of

START_SECONDS = 90
WORKER = (sys.executable, "-m", "flask", "--app", "app:create_app", "helpline", "worker")


def web(
    url: str, *options: str, processes: int = 2, application: str = "app:create_app()"
) -> Sequence[str]:
    """The command that serves an application at this address, as a deployment does."""
    config = str(ROOT / "deploy" / "gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "--config", config, "--log-level", "warning"]
    command += ["--bind", url.partition("//")[2], "--workers", str(processes)]
    return [*command, *options, application]


def simulated_phones(settings: Settings, time_scale: float = 1, seed: int = 0) -> Sequence[str]:
    """The command of the phone network.

    Args:
        time_scale: how fast ringing and talking pass.
        seed: for its random faults.
    """
    options = {
        "--port": phones_url(settings).rpartition(":")[2],
        "--time-scale": time_scale,
        "--clock-offset-seconds": settings.clock_offset_seconds,
        "--clock-speed": settings.clock_speed,
        "--seed": seed,
        "--voice-url": f"{settings.public_url}/webhooks/voice/inbound",
    }
    command = [sys.executable, "-m", "phonesim", *phonesim_options(settings)]
    return command + [str(part) for option in options.items() for part in option]


def environment(settings: Settings) -> dict[str, str]:
    """What the programs of a deployment with these settings are started with."""
    return {
        **clean_environment(),
        **environment_of(settings),
        **PHONESIM_TOKENS,
    }


@dataclass
class Program:
    """A program of the service: its current process, and how often one was killed."""

    command: Sequence[str]
    environment: dict[str, str]
    output: IO[bytes] | int = subprocess.DEVNULL
    process: subprocess.Popen[bytes] | None = None
    killed: int = 0

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start another process."""
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdout=self.output, stderr=self.output
        )

    def kill(self) -> None:
        """SIGKILL: whatever it was doing stays as it is."""
        assert self.process is not None
        assert self.process.poll() is None, "a program ended by itself"
        self.process.kill()
        self.process.wait()
        self.killed += 1

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        assert self.process is not None
        self.process.send_signal(number)


@contextmanager
def running(programs: Sequence[Program], *ready: str, grace_seconds: float = 30) -> Iterator[None]:
    """Start programs, and end them in any case, each process by its own id.

    Args:
        ready: addresses that answer when all is up.
    """
    try:
        for program in programs:
            program.start()
        for url in ready:
            until(partial(answers, url), f"{url} answers", START_SECONDS)
        yield
    finally:
        end([each.process for each in programs if each.process], grace_seconds)


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        return requests.get(url, timeout=5).ok
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
