"""A start of `helpline run`, what it holds at rest, and how long a command takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import psutil  # type: ignore[import-untyped]

from bench.plan import Plan
from bench.services import Program, running
from bench.table import Row
from config import EXAMPLE_ACCOUNT_SID, EXAMPLE_NUMBER, ROOT
from tests.journeys.live_services import clean_environment, free_port

_SETTLED_SECONDS = 20
_NOT_OURS = ("phonesim", "demosite")
"""Programs of the demo that are no part of the service."""
_ACCOUNT = {
    "HELPLINE_ENVIRONMENT": "development",
    "HELPLINE_TWILIO_ACCOUNT_SID": EXAMPLE_ACCOUNT_SID,
    "HELPLINE_TWILIO_AUTH_TOKEN": "t" * 32,
    "HELPLINE_TWILIO_BASE_URL": "http://127.0.0.1:9",
    "HELPLINE_CALLER_ID": EXAMPLE_NUMBER,
    "HELPLINE_TEXTS_ENABLED": "true",
}
"""Of a carrier that does not answer: its client takes memory too."""
_COMMAND = (sys.executable, "-m", "flask", "--app", "app:create_app", "helpline", "check-keys")


def to_first_page(plan: Plan) -> Sequence[Row]:
    """Seconds until the first page answers, with a new deployment and with one that is there."""
    first, again = [], []
    for _ in range(plan.rounds):
        with tempfile.TemporaryDirectory() as folder:
            first.append(_start(folder))
            again.append(_start(folder))
    words = "`make run` to the first page, "
    return [
        Row(f"{words}the first time", median(each[0] for each in first), unit="s"),
        Row(f"{words}after that", median(each[0] for each in again), unit="s", at_most=2),
        Row(
            f"{words}after that, CPU time of all its processes",
            median(each[1] for each in again),
            unit="s",
            at_most=4,
        ),
    ]


def at_rest(_plan: Plan) -> Sequence[Row]:
    """Memory of web (2 processes), worker and supervisor of `helpline run`, and with --small."""
    return [
        Row("memory at rest of web, worker and supervisor (PSS)", _held(), unit="MB", at_most=250),
        Row(
            "memory at rest of `helpline run --small` (PSS)",
            _held("--small"),
            unit="MB",
            at_most=160,
        ),
    ]


def _held(mode: str = "--demo") -> float:
    with tempfile.TemporaryDirectory() as folder, _running(folder, mode) as process:
        time.sleep(_SETTLED_SECONDS)
        return sum(each.memory_full_info().pss for each in _service(process)) / 2**20


def command(plan: Plan) -> Sequence[Row]:
    """Seconds of a command, by the clock and of CPU time."""
    with tempfile.TemporaryDirectory() as folder:
        _start(folder)
        variables = {**clean_environment(), "HELPLINE_INSTANCE_DIR": folder}
        variables |= {"HELPLINE_ENVIRONMENT": "development"}
        figures = [_command(variables) for _ in range(2 * plan.rounds)]
    words = "`flask helpline check-keys`"
    return [
        Row(words, median(each[0] for each in figures), unit="s", at_most=1),
        Row(f"{words}, CPU time", median(each[1] for each in figures), unit="s", at_most=1),
    ]


def _command(variables: dict[str, str]) -> tuple[float, float]:
    began = time.perf_counter()
    process = psutil.Popen(_COMMAND, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
    used = 0.0
    while process.poll() is None:
        try:
            used = sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            break
        time.sleep(0.01)
    process.wait()
    return time.perf_counter() - began, used


def _start(folder: str) -> tuple[float, float]:
    began = time.perf_counter()
    with _running(folder) as process:
        seconds = time.perf_counter() - began
        family = [process, *process.children(recursive=True)]
        return seconds, sum(sum(each.cpu_times()[:2]) for each in family)


@contextmanager
def _running(folder: str, mode: str = "--demo") -> Iterator[psutil.Process]:
    ports = {name: str(free_port()) for name in ("--port", "--phones-port", "--site-port")}
    options = [part for item in ports.items() for part in item]
    url = f"http://127.0.0.1:{ports['--port']}/"
    variables = {**clean_environment(), "HELPLINE_INSTANCE_DIR": folder}
    if mode != "--demo":
        variables |= _ACCOUNT
    program = Program((sys.executable, "app.py", "run", mode, *options), variables)
    with running([program], url, grace_seconds=20):
        yield psutil.Process(program.pid)


def _service(process: psutil.Process) -> Iterator[psutil.Process]:
    for each in (process, *process.children(recursive=True)):
        if not set(_NOT_OURS) & set(each.cmdline()):
            yield each
