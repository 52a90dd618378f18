"""Which advisors' phones ring for a callback, under automatic dispatch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FreeAdvisor:
    """An available advisor, and since when they have been idle."""

    id: int
    languages: Collection[str]
    idle_since: datetime


def advisors_to_call(
    free: Sequence[FreeAdvisor],
    *,
    language: str | None,
    asked: Collection[int],
    at_once: int,
    only: int | None = None,
) -> tuple[int, ...]:
    """Return the ids of the advisors to call now, longest idle first.

    Args:
        free: all available advisors.
        language: one they must speak; None for any.
        asked: ids of advisors who were already offered this callback.
        at_once: how many phones may ring at once.
        only: the one advisor that the visitor asked for, whatever they speak.
    """
    fitting = (
        advisor
        for advisor in free
        if advisor.id not in asked
        and (only is None or advisor.id == only)
        and (language is None or only is not None or language in advisor.languages)
    )
    longest_idle = sorted(fitting, key=lambda advisor: (advisor.idle_since, advisor.id))
    return tuple(advisor.id for advisor in longest_idle[:at_once])
