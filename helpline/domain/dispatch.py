"""Whose phone rings with a callback, where calls are given out by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FreeAdvisor:
    """Somebody who could be rung now, and since when they have had nothing to do."""

    id: int
    languages: Collection[str]
    idle_since: datetime


def whom_to_ring(
    free: Sequence[FreeAdvisor],
    *,
    language: str | None,
    asked: Collection[int],
    at_once: int,
    only: int | None = None,
) -> tuple[int, ...]:
    """Those whose phones ring now, the longest idle first.

    Args:
        free: everybody who could be rung.
        language: one they must speak; None where any will do.
        asked: those who were asked for this callback already and did not take it.
        at_once: how many phones may ring at once.
        only: the one advisor whom the visitor wants, whatever they speak.
    """
    fitting = (
        each
        for each in free
        if each.id not in asked
        and (only is None or each.id == only)
        and (language is None or only is not None or language in each.languages)
    )
    longest_idle = sorted(fitting, key=lambda each: (each.idle_since, each.id))
    return tuple(each.id for each in longest_idle[:at_once])
