"""What `make chaos-calls` does with hundreds, with a few: faults on, a worker killed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.scenarios.chaos_calls import Plan, main, read_plan, run

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_twenty_calls_with_every_fault_on_and_a_worker_killed_break_no_rule(
    database_url: str, tmp_path: Path
) -> None:
    plan = Plan(calls=20, advisors=8, seconds=10, seed=3, kill_every=4, most_kills=1)

    outcome = run(plan, tmp_path, database_url)

    assert outcome.broken == []
    assert outcome.killed == 1
    assert sum(outcome.callbacks.values()) == 20
    assert sum(outcome.faults.values()) > 0
    assert outcome.legs["visitors' phones"] > 0


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "--seed 7" in capsys.readouterr().out
    assert read_plan(["--calls", "50", "--seed", "9"]) == (Plan(calls=50, seed=9), False)
