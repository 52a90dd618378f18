"""Views of the live view. None of them shows a visitor's name or number."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks import dispatch_pause, queue, restore_hold
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks as phone_limits
from helpline.callbacks.phone_limits.models import FOR_GOOD
from helpline.callbacks.set_aside import service as set_aside_service
from helpline.calls import drafts
from helpline.calls.emergencies import open_emergencies
from helpline.calls.errors import (
    AdvisorHasNoPhone,
    CallInProgress,
    NoSuchColleague,
    PreviousCallActive,
)
from helpline.calls.listening import queries as listening_queries
from helpline.calls.listening import service as listening
from helpline.calls.listening.models import ListenerState
from helpline.calls.listening.queries import CurrentListener
from helpline.calls.supervision import help_requests, queries
from helpline.calls.supervision import service as supervision_service
from helpline.calls.supervision.models import SupervisorAction
from helpline.current import services
from helpline.db import db
from helpline.domain.lifecycle import OPEN, Status
from helpline.domain.queue_order import Priority
from helpline.messaging import unread_sms
from helpline.staff.queries import advisors as all_advisors
from helpline.staff.queries import staff_name
from helpline.staff.rota import queries as rota_queries
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.errors import error_page
from helpline.web.etags import conditional
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.notices import shown_notices
from helpline.web.request_context import opening_hours
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import ACTION_LABELS, ActionForm
from helpline.web.supervisor.live_view_text import (
    action_words,
    activity_words,
    listener_words,
    listening_failure_words,
    listening_progress_words,
)

supervisor_pages = Blueprint("floor", __name__, url_prefix="/floor")


def _conference_carriers() -> list[str]:
    """The carriers that can let a supervisor into a call."""
    return [name for name, carrier in services().carriers.items() if carrier.limits.has_conferences]


def _start_listening(attempt_id: int, *, supervisor_id: int, now: datetime) -> None:
    carriers = _conference_carriers()
    listening.start(attempt_id, supervisor_id=supervisor_id, carriers=carriers, now=now)


_LISTENING_ACTIONS = {
    "listen": _start_listening,
    "join": listening.join,
    "leave": listening.leave,
}


@supervisor_pages.get("/", endpoint="floor")
@allow(SUPERVISOR, ADMIN)
def the_floor() -> ResponseReturnValue:
    notices = shown_notices(db.session())
    return render_template(
        "supervisor/live_view.html",
        notices=notices,
        held=restore_hold.held_count(db.session()),
        unread_texts=unread_sms.count_unread(db.session()),
        unfinished=drafts.count_unfinished(db.session()),
        **_live_view(clock.now()),
    )


@supervisor_pages.get("/live")
@allow(SUPERVISOR, ADMIN)
def live() -> ResponseReturnValue:
    fragment = render_template("supervisor/_live.html", **_live_view(clock.now()))
    return conditional(fragment, lambda: fragment)


@supervisor_pages.get("/callbacks/<int:callback_id>")
@allow(SUPERVISOR, ADMIN)
def callback(callback_id: int) -> ResponseReturnValue:
    return _callback_page(callback_id, ActionForm())


@supervisor_pages.post("/callbacks/<int:callback_id>")
@allow(SUPERVISOR, ADMIN)
def act(callback_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return _callback_page(callback_id, form), 422
    try:
        supervision_service.carry_out(
            callback_id, form.order(), supervisor_id=current_staff_id(), now=clock.now()
        )
    except NoSuchColleague:
        form.to.errors = [_("Choose an advisor who does not already have it.")]
        return _callback_page(callback_id, form), 422
    except CallInProgress:
        form.action.errors = [_("The callback is on a call or in wrap-up. Wait until it ends.")]
        return _callback_page(callback_id, form), 409
    except StateChanged:
        flash(
            _(
                "Someone else changed this callback first. Nothing was changed. Check its status, "
                "then try again."
            ),
            "warning",
        )
        return _callback_page(callback_id, form), 409
    flash(_("Change saved. The advisors affected see it on their desks."))
    return redirect(url_for("floor.floor"), 303)


@supervisor_pages.post("/help")
@allow(SUPERVISOR, ADMIN)
def help_seen() -> ResponseReturnValue:
    """Acknowledge an advisor's request for help, or end it."""
    act = help_requests.close if "close" in request.form else help_requests.acknowledge
    request_id = parse_row_id(request.form.get("close") or request.form.get("acknowledge", ""))
    if request_id is None:
        return error_page(404)
    try:
        act(request_id, supervisor_id=current_staff_id(), now=clock.now())
    except StateChanged:
        flash(_("Another supervisor has seen it, or the advisor no longer needs help."), "warning")
    return redirect(url_for("floor.floor"), 303)


@supervisor_pages.post("/listen")
@allow(SUPERVISOR, ADMIN)
def listen() -> ResponseReturnValue:
    """Listen in to a call, join it, or leave it."""
    act, row_id = next(
        (
            (act, parse_row_id(request.form[name]))
            for name, act in _LISTENING_ACTIONS.items()
            if name in request.form
        ),
        (None, None),
    )
    if act is None or row_id is None:
        return error_page(404)
    try:
        act(row_id, supervisor_id=current_staff_id(), now=clock.now())
    except AdvisorHasNoPhone:
        flash(_("You have no phone number here. Ask an admin to add it."), "warning")
    except PreviousCallActive:
        flash(_("Your phone is on another call. End it first."), "warning")
    except StateChanged:
        flash(_("The call has ended, or another supervisor is listening to it."), "warning")
    return redirect(url_for("floor.floor"), 303)


@supervisor_pages.errorhandler(NoResultFound)
def _no_such_callback(_error: NoResultFound) -> ResponseReturnValue:
    return error_page(404)


def _live_view(now: datetime) -> dict[str, Any]:
    session, hours = db.session(), opening_hours(now)
    people = queries.advisors(session, now)
    waits = queue.waiting_by_language(session, now)
    shifts = rota_queries.on_shift(session, hours.zone, now)
    return {
        "people": [
            {
                **asdict(item),
                "words": activity_words(item.doing),
                "is_here": item.doing != "offline",
                "shift_ends": shifts.get(item.id),
            }
            for item in people
        ],
        "pause": dispatch_pause.current(session, now),
        "emergencies": open_emergencies(session),
        "help_requests": help_requests.open_requests(session),
        "free": sum(item.doing == queries.Activity.AVAILABLE for item in people),
        "waits": waits,
        "due": sum(item.count for item in waits),
        "oldest": min((item.oldest for item in waits), default=None),
        "later": queue.later_count(session, now),
        "rows": [_waiting_row(item, now) for item in queue.waiting_list(session, now)],
        "is_open": hours.is_open(now),
        "closes_at": hours.closes_at(now),
        "opens_at": hours.next_opening(now),
        **_listening(now),
    }


def _listening(now: datetime) -> dict[str, Any]:
    """Which calls the supervisor can listen to, and to which they do."""
    session, own_id = db.session(), current_staff_id()
    carriers = _conference_carriers()
    calls = listening_queries.connected_calls(session, carriers, now) if carriers else {}
    is_listening = any(
        call.listener and call.listener.supervisor_id == own_id for call in calls.values()
    )
    failure = listening_queries.newest_failure(session, own_id, now) if carriers else None
    return {
        "own_id": own_id,
        "calls": {
            callback_id: {**asdict(call), "words": _listener_words(call.listener, own_id)}
            for callback_id, call in calls.items()
        },
        "may_listen": not is_listening and bool(calls) and listening.is_allowed(session),
        "listening_failure": failure and listening_failure_words(failure),
    }


def _listener_words(listener: CurrentListener | None, own_id: int) -> str:
    if listener is None:
        return ""
    if listener.supervisor_id == own_id:
        return listening_progress_words(listener)
    return listener_words(listener.name, joined=listener.state == ListenerState.JOINED)


def _waiting_row(callback: queue.Waiting, now: datetime) -> dict[str, Any]:
    return {
        "id": callback.id,
        "due_at": callback.due_at,
        "slot_at": callback.slot_at,
        "language": callback.language,
        "attempts_used": callback.attempts_used,
        "signals": callback.signals,
        "late_minutes": callback.late_minutes(now),
        "place": _position(callback.priority),
        "wants": callback.wanted_name,
    }


def _position(priority: int) -> SupervisorAction:
    """The action that has put a callback where it is."""
    moves = {Priority.URGENT: SupervisorAction.FIRST, Priority.LATER: SupervisorAction.LAST}
    return moves.get(Priority(priority), SupervisorAction.USUAL)


def _actions(callback: Callback, holder: int | None) -> set[SupervisorAction]:
    """What a supervisor can do with a callback now."""
    actions = set(ACTION_LABELS) - {_position(callback.priority)}
    if callback.status == Status.CALLING:
        actions -= {SupervisorAction.GIVE, SupervisorAction.TAKE_BACK}
    elif holder is None:
        actions.discard(SupervisorAction.TAKE_BACK)
    return actions


def _callback_page(callback_id: int, form: ActionForm) -> str:
    session = db.session()
    callback = session.get_one(Callback, callback_id, populate_existing=True)
    holder = callback.claimed_by if callback.status in (Status.CLAIMED, Status.CALLING) else None
    form.seen.data = holder
    form.offer(
        _actions(callback, holder), [item for item in all_advisors(session) if item.id != holder]
    )
    return render_template(
        "supervisor/callback.html",
        form=form,
        callback=callback,
        is_open=callback.status in OPEN,
        in_call=callback.status == Status.CALLING,
        holder=staff_name(session, holder) if holder is not None else None,
        blocked_until=phone_limits.blocked_until(session, callback, clock.now()),
        blocked_for_good=FOR_GOOD,
        may_block=callback.erased_at is None,
        set_aside_by=set_aside_service.set_aside_id_of(session, callback_id),
        actions=[action_words(session, item) for item in queries.actions_of(session, callback_id)],
    )
