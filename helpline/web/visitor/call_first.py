"""Numbers at the top of the page for visitors who mention danger, suicide or violence: our call may
come too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

from helpline import clock
from helpline.directory.crisis.published_directory import CRISIS_LINE, CrisisLine
from helpline.domain.intake_answers import Urgent
from helpline.web.request_context import directory
from helpline.web.visitor_context import chosen_region

_DOMESTIC_ABUSE = "domestic_abuse"


@dataclass(frozen=True, slots=True)
class NumbersToCallFirst:
    """Numbers to call instead of waiting for our call.

    Args:
        danger: emergency numbers; two where the first is not certain to be answered.
        talk: crisis lines that are open now.
        is_talk_first: whether crisis lines come before emergency numbers.
    """

    danger: tuple[CrisisLine, ...]
    talk: tuple[CrisisLine, ...]
    is_talk_first: bool


@overload
def numbers_to_call_first(urgent: Urgent) -> NumbersToCallFirst: ...
@overload
def numbers_to_call_first(urgent: None) -> None: ...
@overload
def numbers_to_call_first(urgent: Urgent | None) -> NumbersToCallFirst | None: ...
def numbers_to_call_first(urgent: Urgent | None) -> NumbersToCallFirst | None:
    """Return the numbers to show first; None if it is not urgent. Needs no database."""
    if urgent is None:
        return None
    region = chosen_region()
    lines = directory().at(region, clock.now()).open_now
    talk = [next((line for line in lines if line.kind == CRISIS_LINE and line.tel), None)]
    if urgent == Urgent.VIOLENCE:
        abuse = next((line for line in lines if line.kind == _DOMESTIC_ABUSE and line.tel), None)
        talk.insert(0, abuse)
    crisis_lines = tuple(line for line in talk if line is not None)
    return NumbersToCallFirst(
        danger=_emergency_lines(region, urgent),
        talk=crisis_lines,
        is_talk_first=urgent == Urgent.SUICIDE and bool(crisis_lines),
    )


def _emergency_lines(region: str, urgent: Urgent) -> tuple[CrisisLine, ...]:
    """Where the police have a number of their own, it is the one for violence."""
    police = directory().police(region) if urgent == Urgent.VIOLENCE else None
    if police is not None:
        return (police,)
    first, second = directory().emergency(region), directory().second_emergency(region)
    return (first,) if second is None else (first, second)
