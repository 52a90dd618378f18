"""Queueing theory with impatient callers, beside published numbers and another way of counting."""

from __future__ import annotations

import pytest

from bench.scenarios.erlang_a import ErlangA
from helpline.domain.staffing import LiveCalls


def by_counting(line: ErlangA) -> tuple[float, float, float]:
    """Who waits, who gives up, and for how long, from the chances of so many being there."""
    a_second, states = line.an_hour / 3600, [1.0]
    for there in range(1, 20 * line.servers + 200):
        served = min(there, line.servers) / line.service_seconds
        left = max(0, there - line.servers) / line.patience_seconds
        states.append(states[-1] * a_second / (served + left))
    chances = [each / sum(states) for each in states]
    queue = sum(max(0, there - line.servers) * each for there, each in enumerate(chances))
    waits = sum(chances[line.servers :])
    return waits, queue / line.patience_seconds / a_second, queue / a_second


def test_the_example_of_garnett_mandelbaum_and_reiman() -> None:
    """Table 1 of "Designing a Call Center with Impatient Customers" (2002): 50 agents, 48 calls a
    minute, one minute each, patience of two: 3.1 % abandon, 3.7 s of waiting, nine in ten within
    12.5 s."""
    line = ErlangA(48 * 60, 60, 120, 50)
    assert line.load == pytest.approx(48)
    assert round(100 * line.gives_up, 1) == 3.1
    assert round(line.wait_seconds, 1) == 3.7
    assert round(line.served_within(12.5) / (1 - line.gives_up), 2) == 0.90


@pytest.mark.parametrize(
    "line",
    [
        ErlangA(48 * 60, 60, 120, 50),
        ErlangA(2600, 265, 1200, 200),
        ErlangA(3000, 265, 1200, 200),
        ErlangA(20, 300, 600, 1),
        ErlangA(60, 300, 60, 4),
    ],
)
def test_it_agrees_with_counting_who_is_there(line: ErlangA) -> None:
    waits, gives_up, wait_seconds = by_counting(line)
    assert line.waits == pytest.approx(waits, rel=1e-6)
    assert line.gives_up == pytest.approx(gives_up, rel=1e-6)
    assert line.wait_seconds == pytest.approx(wait_seconds, rel=1e-6)
    assert line.served_within(0) == pytest.approx(1 - waits)
    assert line.served_within(1e6) == pytest.approx(1 - gives_up, rel=1e-6)


def test_with_endless_patience_it_is_erlang_c() -> None:
    line, endless = ErlangA(2850, 60, 1e9, 50), LiveCalls(2850, 60)
    assert line.waits == pytest.approx(endless.waits(50), rel=1e-3)
    assert line.served_within(20) == pytest.approx(endless.answered_within(50, 20), rel=1e-3)
    assert line.wait_of_served_seconds == pytest.approx(endless.average_wait_seconds(50), rel=1e-3)
