"""The visitor's timeline, made from the callback's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpline.callbacks.models import CallbackEvent
from helpline.callbacks.queries import RESCHEDULES
from helpline.domain.lifecycle import Event
from helpline.domain.visitor_state import VisitorState as State
from helpline.reports.page_data import CallbackView
from helpline.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the timeline."""

    words: str
    at: datetime | None
    done: bool
    current: bool


def timeline(request: CallbackView, events: Sequence[CallbackEvent], state: State) -> list[Step]:
    """Return the past steps, the current one and the next."""
    missed = {
        Event.RETRY: _("We called you and did not reach you"),
        Event.CALL_BACK: _("Our call was cut off"),
        Event.HOLD: _("We called you"),
        Event.TRY_NOW: _("You asked us to call again now"),
    }
    steps = [Step(_request_text(request), request.requested_at, True, False)]
    steps += [
        Step(missed[event.event], event.at, True, False)
        for event in events
        if event.event in missed
    ]
    moves = [event for event in events if event.event in RESCHEDULES]
    if moves:
        by_us = moves[-1].actor != "visitor"
        text = (
            _("We had to change the time. We are sorry") if by_us else _("You chose another time")
        )
        steps.append(Step(text, moves[-1].at, True, False))
    steps += _current_steps(request, state)
    return steps


def _request_text(request: CallbackView) -> str:
    if request.follow_up_of:
        return _("We agreed on another call")
    return _("You asked us to call again") if request.again_of else _("You asked for a call")


def _current_steps(request: CallbackView, state: State) -> list[Step]:
    ended = request.ended_at
    to_come = Step(_("We will call you"), None, False, False)
    claimed = Step(_("An advisor has your request"), request.claimed_at, True, False)
    match state:
        case State.CLAIMED:
            return [replace(claimed, done=False, current=True), to_come]
        case State.CONNECTING:
            return [claimed, Step(_("We are about to call you"), None, False, True)]
        case State.CALLING | State.CALLING_OWN_PHONE:
            return [claimed, Step(_("We are calling you"), None, False, True)]
        case State.TALKING:
            return [claimed, Step(_("You are on a call with us"), None, False, True)]
        case State.CALL_ENDED:
            return [claimed, Step(_("The call has ended"), None, False, True)]
        case State.NOT_ANSWERED:
            return [claimed, Step(_("We called you and did not reach you"), None, False, True)]
        case State.ON_HOLD:
            return [Step(_("We wait for you to choose a time"), None, False, True)]
        case State.REACHED | State.DO_NOT_CALL:
            return [Step(_("We spoke with you"), ended, True, True)]
        case State.CUT_OFF:
            return [Step(_("Our call was cut off"), ended, True, True)]
        case State.CLOSED:
            return [Step(_("This request is closed"), ended, True, True)]
        case State.UNREACHED | State.WRONG_NUMBER:
            return [Step(_("We could not reach you"), ended, True, True)]
        case State.CANCELLED:
            return [Step(_("Your request is cancelled"), ended, True, True)]
        case State.EXPIRED:
            return [Step(_("This request is out of date"), ended, True, True)]
        case _:
            return [Step(_("Waiting for your turn"), None, False, True), to_come]
