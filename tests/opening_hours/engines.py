"""Two engines that read OpenStreetMap's opening_hours: one in Python, one in JavaScript."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
with_javascript = pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules" / "opening_hours").is_dir(),
    reason="needs node, and opening_hours: npm ci --prefix tests/opening_hours",
)
_STATES = {"open": "1", "closed": "0", "unknown": "?"}


def in_python(value: str, first: date, days: int, step: int) -> str | None:
    """The state every so many minutes; None where the value cannot be read."""
    try:
        hours = OpeningHours(value)
    except ParserError:
        return None
    begins = datetime.combine(first, time())
    moments = (begins + timedelta(minutes=each) for each in range(0, days * 1440, step))
    return "".join(_STATES[str(hours.state(each)[0])] for each in moments)


def in_javascript(values: Sequence[str], first: date, days: int, step: int) -> list[str | None]:
    """The same for each value."""
    assert NODE is not None
    found = subprocess.run(
        [NODE, "read.mjs"],
        cwd=FOLDER,
        input=json.dumps([[value, first.isoformat(), days, step] for value in values]),
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    states: list[str | None] = json.loads(found.stdout)
    return states
