"""Activities and actions as text, for the live view and the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.callbacks.dispatch_pause import Pause
from helpline.callbacks.models import Callback
from helpline.calls.listening.models import ListenerProblem, ListenerState
from helpline.calls.listening.queries import CurrentListener, FailedListener
from helpline.calls.supervision import queries
from helpline.calls.supervision.models import SupervisorAction, SupervisorEvent
from helpline.calls.supervision.queries import Activity
from helpline.staff.queries import staff_name
from helpline.telephony.problems import Problem
from helpline.web.formatting import clock_words
from helpline.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A line of a callback's history."""

    at: datetime
    words: str
    reason: str


def activity_words(activity: Activity) -> str:
    return {
        Activity.OFFERED: _("Phone ringing with a callback"),
        Activity.CLAIMED: _("Callback claimed"),
        Activity.CALLING: _("Calling"),
        Activity.TALKING: _("On a call"),
        Activity.CALL_IN: _("On an inbound call"),
        Activity.WRAP_UP: _("Wrap-up"),
        Activity.AVAILABLE: _("Available"),
        Activity.AWAY: _("On a break"),
        Activity.OFFLINE: _("Offline"),
    }[activity]


def listening_failure_words(failure: FailedListener) -> str:
    if failure.is_call_over:
        return _("The call ended before you could listen.")
    match failure.problem:
        case ListenerProblem.NO_ANSWER:
            return _("You did not answer and press 1. The call goes on without you.")
        case ListenerProblem.NOT_MOVED | ListenerProblem.MOVE_UNSURE:
            return _(
                "The phone company could not let you in. Advisor and visitor talk as before. You "
                "can try again."
            )
        case Problem.SPENT:
            return _("The daily budget is used up, so your phone was not called.")
        case _:
            return _(
                "The phone company did not call your phone. Try again in a minute. If this "
                "continues, tell an admin."
            )


def listener_words(name: str, *, joined: bool) -> str:
    """Return who else is on a call, for the advisor and other supervisors."""
    if joined:
        return _("%(name)s has joined the call.", name=name)
    return _("%(name)s is listening to the call.", name=name)


def listening_progress_words(listener: CurrentListener) -> str:
    """Return how far the supervisor has come."""
    if listener.is_leaving:
        return _("You are leaving the call.")
    if listener.is_joining:
        return _("You are joining. They hear a tone, then you.")
    if listener.problem == ListenerProblem.NOT_JOINED:
        return _("You could not join. They do not hear you. You can try again.")
    match listener.state:
        case ListenerState.QUEUED | ListenerState.PLACING:
            return _("Your phone is about to ring.")
        case ListenerState.RINGING | ListenerState.ANSWERED:
            return _("Answer your phone and press 1.")
        case ListenerState.WAITING:
            return _("You are being connected to the call.")
        case ListenerState.JOINED:
            return _("You have joined. They hear you.")
        case _:
            return _("You are listening. They do not hear you.")


def action_words(session: Session, event: SupervisorEvent) -> ActionLine:
    by = staff_name(session, event.by_staff)
    to = staff_name(session, event.to_staff) if event.to_staff is not None else ""
    advisor = staff_name(session, event.from_staff) if event.from_staff is not None else ""
    texts = {
        SupervisorAction.GIVE: _("%(by)s assigned it to %(to)s", by=by, to=to),
        SupervisorAction.TAKE_BACK: _("%(by)s returned it to the queue", by=by),
        SupervisorAction.FIRST: _("%(by)s pinned it to the front", by=by),
        SupervisorAction.USUAL: _("%(by)s moved it to its normal position", by=by),
        SupervisorAction.LAST: _("%(by)s moved it to the back", by=by),
        SupervisorAction.FINISH: _(
            "%(by)s recorded the outcome of a call by %(from)s", **{"by": by, "from": advisor}
        ),
    }
    return ActionLine(event.at, texts[SupervisorAction(event.deed)], event.reason or "")


def pause_words(pause: Pause) -> str:
    text = _(
        "%(by)s paused dispatch until %(time)s: no callback is given to anyone. Calls in progress "
        "go on.",
        by=pause.by,
        time=clock_words(pause.until),
    )
    return f"{text} {_('Reason: %(reason)s', reason=pause.reason)}" if pause.reason else text


def live_view_words(
    session: Session, advisor_id: int, claimed_at: datetime | None, now: datetime
) -> Iterator[str]:
    """Yield what a supervisor did with this advisor's callbacks, until they have another one.

    Args:
        claimed_at: when the advisor claimed the current callback, if there is one.
    """
    for event in queries.actions_shown_to(session, advisor_id, now):
        if not _is_past(session, event, claimed_at):
            yield _action_text(session, event, advisor_id)


def _is_past(session: Session, event: SupervisorEvent, claimed_at: datetime | None) -> bool:
    """Whether the advisor has another callback since, or someone else claimed this one."""
    if claimed_at is not None and claimed_at > event.at:
        return True
    if event.to_staff is None:
        return False
    callback = session.get_one(Callback, event.callback_id)
    return callback.wanted_advisor != event.to_staff or callback.claimed_by is not None


def _action_text(session: Session, event: SupervisorEvent, advisor_id: int) -> str:
    by = staff_name(session, event.by_staff)
    if event.to_staff == advisor_id:
        text = _(
            "%(by)s assigned a callback to you. It is reserved for you: claim the next callback.",
            by=by,
        )
    elif event.deed == SupervisorAction.GIVE:
        to = staff_name(session, event.to_staff or advisor_id)
        text = _("%(by)s assigned your callback to %(to)s.", by=by, to=to)
    elif event.deed == SupervisorAction.TAKE_BACK:
        text = _("%(by)s returned your callback to the queue.", by=by)
    elif event.deed == SupervisorAction.FIRST:
        text = _("%(by)s pinned your callback to the front.", by=by)
    elif event.deed == SupervisorAction.FINISH:
        text = _("%(by)s recorded the outcome of an unfinished call of yours.", by=by)
    else:
        text = _("%(by)s changed the queue position of your callback.", by=by)
    return f"{text} {_('Reason: %(reason)s', reason=event.reason)}" if event.reason else text
