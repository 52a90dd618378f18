"""From `make run` to the first page."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import median

import requests

from bench.plan import Plan
from bench.table import Row
from config import ROOT
from tests.journeys.live_services import clean_environment, end, free_port, until

_PATIENCE_SECONDS = 120


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
    process = subprocess.Popen(
        [sys.executable, "app.py", "run", "--demo", *options],
        cwd=ROOT,
        env={**clean_environment(), "HELPLINE_INSTANCE_DIR": folder, "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(url), "the first page answers", _PATIENCE_SECONDS)
        return time.perf_counter() - began
    finally:
        end([process], grace_seconds=20)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
