"""The list of outcomes that advisors choose from: labels, order and required fields.

What an outcome means is fixed (``Disposition``); an admin decides how it is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from helpline.domain.errors import DomainError
from helpline.domain.retries import FOLLOW_UP_ALLOWED, TRY_AGAIN, Disposition

MAX_LABEL_LENGTH = 40


class Required(StrEnum):
    """What must be filled in before an outcome is saved."""

    NOTES = "notes"
    RISK_NOTE = "risk_note"
    REFERRAL = "referral"


class Ending(StrEnum):
    """The ways a call can end. Advisors need an outcome for each."""

    REACHED = "reached"
    MISSED = "missed"
    WRONG_NUMBER = "wrong_number"
    UNSAFE = "unsafe"
    DO_NOT_CALL = "do_not_call"


OUTCOMES_OF = {
    Ending.REACHED: FOLLOW_UP_ALLOWED,
    Ending.MISSED: TRY_AGAIN,
    Ending.WRONG_NUMBER: {Disposition.WRONG_NUMBER},
    Ending.UNSAFE: {Disposition.UNSAFE},
    Ending.DO_NOT_CALL: {Disposition.DO_NOT_CALL},
}


class EndingsMissing(DomainError):
    """No outcome is shown for some ways a call can end."""

    def __init__(self, endings: Sequence[Ending]) -> None:
        super().__init__(", ".join(endings))
        self.endings = endings


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as it is offered.

    Args:
        labels: by language; a language without one has the usual label.
        shown: whether advisors can choose it.
    """

    disposition: Disposition
    labels: Mapping[str, str] = field(default_factory=dict)
    shown: bool = True
    required: frozenset[Required] = frozenset()

    def __post_init__(self) -> None:
        """What was done in an emergency is always written down."""
        if self.disposition == Disposition.EMERGENCY:
            object.__setattr__(self, "required", self.required | {Required.NOTES})

    def as_dict(self) -> dict[str, Any]:
        return {
            "disposition": self.disposition,
            "labels": dict(self.labels),
            "shown": self.shown,
            "required": sorted(self.required),
        }


DEFAULT_OUTCOMES = tuple(Outcome(disposition) for disposition in Disposition)


def check_outcomes(outcomes: Iterable[Outcome]) -> None:
    """Check that advisors can record every way a call can end.

    Raises:
        EndingsMissing: names those that they cannot.
    """
    shown = {outcome.disposition for outcome in outcomes if outcome.shown}
    missing = [ending for ending, any_of in OUTCOMES_OF.items() if not shown & any_of]
    if missing:
        raise EndingsMissing(missing)


def outcomes_from(stored: Iterable[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """Return a stored list. Outcomes that it lacks come last, hidden; unknown ones are left out."""
    known = [
        Outcome(
            Disposition(entry["disposition"]),
            entry["labels"],
            entry["shown"],
            frozenset(map(Required, entry["required"])),
        )
        for entry in stored
        if entry["disposition"] in set(Disposition)
    ]
    listed = {outcome.disposition for outcome in known}
    missing = (Outcome(each, shown=False) for each in Disposition if each not in listed)
    return (*known, *missing)
