"""How long a benchmark may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.table import Row


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of measuring.

    Args:
        seconds: of each measurement.
        rounds: how often ours and the reference are measured, in turn.
        finished: closed callbacks where many are needed.
        requests: requests to a web process while its memory is watched.
    """

    seconds: float = 8
    rounds: int = 3
    finished: int = 1_000_000
    requests: int = 100_000


Bench = Callable[[Plan], Sequence[Row]]


def in_turn(
    rounds: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[float, float]:
    """Measures both in turn, so that what else the machine does meets both; each one's median."""
    figures = [(theirs(), ours()) for _ in range(rounds)]
    return median(each[1] for each in figures), median(each[0] for each in figures)


def say(words: str) -> None:
    """How far it is."""
    print(f"  {words}", flush=True)
