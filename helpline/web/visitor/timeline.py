"""The visitor's timeline: a few steps in their words, made from the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpline.callbacks.models import CallbackEvent
from helpline.callbacks.queries import MOVES
from helpline.domain.lifecycle import Event, Status
from helpline.reports.look import Request
from helpline.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    words: str
    at: datetime | None
    done: bool
    current: bool


def timeline_of(request: Request, events: Sequence[CallbackEvent], shown: Status) -> list[Step]:
    """The steps that lie behind, the one at hand, and the one to come."""
    missed = {
        Event.RETRY: _("We rang you, without reaching you"),
        Event.TRY_NOW: _("You asked us to try again now"),
    }
    steps = [Step(_begun(request), request.requested_at, True, False)]
    steps += [
        Step(missed[event.event], event.at, True, False)
        for event in events
        if event.event in missed
    ]
    moves = [event for event in events if event.event in MOVES]
    if moves:
        by_us = moves[-1].actor != "visitor"
        words = (
            _("We had to change the time. We are sorry") if by_us else _("You chose another time")
        )
        steps.append(Step(words, moves[-1].at, True, False))
    steps += _now(request, shown)
    return steps


def _begun(request: Request) -> str:
    if request.follow_up_of:
        return _("We agreed on another call")
    return _("You asked us to try again") if request.again_of else _("You asked for a call")


def _now(request: Request, shown: Status) -> list[Step]:
    ended = request.ended_at
    to_come = Step(_("We ring you"), None, False, False)
    match shown:
        case Status.WAITING:
            return [Step(_("Waiting for your turn"), None, False, True), to_come]
        case Status.CLAIMED:
            return [
                Step(_("An advisor has your request"), request.claimed_at, False, True),
                to_come,
            ]
        case Status.CALLING:
            return [
                Step(_("An advisor has your request"), request.claimed_at, True, False),
                Step(_("We are ringing you"), None, False, True),
            ]
        case Status.REACHED:
            return [Step(_("We spoke with you"), ended, True, True)]
        case Status.UNREACHED:
            return [Step(_("We could not reach you"), ended, True, True)]
        case Status.CANCELLED:
            return [Step(_("You cancelled"), ended, True, True)]
        case _:
            return [Step(_("This request is too old now"), ended, True, True)]
