"""From `make run` to the first page."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import median

from bench.plan import Plan
from bench.services import Program, running
from bench.table import Row
from tests.journeys.live_services import clean_environment, free_port


def to_first_page(plan: Plan) -> Sequence[Row]:
    """Seconds until the first page answers, with a new deployment and with one that is there."""
    first, again = [], []
    for _ in range(plan.rounds):
        with tempfile.TemporaryDirectory() as folder:
            first.append(_seconds(folder))
            again.append(_seconds(folder))
    return [
        Row("`make run` to the first page, the first time", median(first), unit="s"),
        Row("`make run` to the first page, after that", median(again), unit="s"),
    ]


def _seconds(folder: str) -> float:
    ports = {name: str(free_port()) for name in ("--port", "--phones-port", "--site-port")}
    options = [part for item in ports.items() for part in item]
    url = f"http://127.0.0.1:{ports['--port']}/"
    began = time.perf_counter()
    command = (sys.executable, "app.py", "run", "--demo", *options)
    variables = {**clean_environment(), "HELPLINE_INSTANCE_DIR": folder}
    with running([Program(command, variables)], url, grace_seconds=20):
        return time.perf_counter() - began
