"""What `make simulate` does with thousands of callbacks, with a few: no rule is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.scenarios.national_day import run
from bench.scenarios.national_plan import Plan
from bench.scenarios.national_report import as_text

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_fifty_ask_in_half_an_hour_of_a_clock_that_runs_fast_and_no_rule_is_broken(
    database_url: str, tmp_path: Path
) -> None:
    plan = Plan(50, advisors=10, speed=200, open_hours=0.5, desks=1, lead_seconds=30, seed=4)

    day = run(plan, tmp_path, database_url)

    assert day.broken == []
    assert sum(day.callbacks.values()) == 50
    assert day.callbacks["reached"] > 0
    assert day.counts["visitors talked"] > 0
    assert "service level" in as_text(day)
