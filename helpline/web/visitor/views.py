"""The visitor's views: the front page, the request, its status page, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks import follow_up, queries
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import NoSuchCallback, Overtaken, SlotGone
from helpline.callbacks.models import Callback
from helpline.callbacks.queries import OfferedSlot
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours, Week
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.hours import queries as hours
from helpline.hours.queries import newest_save
from helpline.house import settings
from helpline.queue import queries as queue
from helpline.telephony import allowance
from helpline.web import words
from helpline.web.errors import error_page
from helpline.web.gate import ANYONE, audience
from helpline.web.here import opening_hours
from helpline.web.language import gettext as _
from helpline.web.page import visitor_page
from helpline.web.visitor.forms import RequestForm, WhenForm
from helpline.web.visitor.timeline import timeline_of

visitor = Blueprint("visitor", __name__)

_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A time to choose."""

    value: str
    starts_at: datetime
    full: bool


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day and its times."""

    label: str
    date_id: str
    slots: tuple[ShownSlot, ...]


@visitor.get("/")
@audience(ANYONE)
def home() -> ResponseReturnValue:
    """Life in danger? Talk now. Ask for a call."""
    return _home(RequestForm(formdata=None))


@visitor.post("/")
@audience(ANYONE)
def ask() -> ResponseReturnValue:
    """Takes a request; on an error everything typed is kept."""
    form = RequestForm(request.form)
    now = clock.now()
    if not form.validate():
        return _home(form), 422
    if opening_hours(now).first_open_instant(now) is None:
        return _home(form), 422
    try:
        token = callbacks.ask(form.wish(), request_key=form.request_key.data, now=now)
    except SlotGone as gone:
        _say_slot_gone(form, gone)
        return _home(form, gone.nearest), 422
    return redirect(url_for("visitor.status", token=token), 303)


@visitor.get("/request/<token>")
@audience(ANYONE)
def status(token: str) -> ResponseReturnValue:
    """Where things stand."""
    now = clock.now()
    session = db.session()
    found = opening_hours(now)
    callback = queries.by_link(session, token)
    shown = queries.shown_status(callback)
    waits = shown == Status.WAITING
    ahead = queue.ahead_of(session, callback.priority, callback.due_at, now)
    return render_template(
        "visitor/status.html",
        **visitor_page(),
        token=token,
        status=shown,
        timeline=timeline_of(callback, queries.events_of(session, callback), shown),
        slot_at=callback.slot_at,
        due_at=callback.due_at,
        retry_at=callback.due_at if waits and callback.attempts_used else None,
        is_open=found.is_open(now),
        opens_at=found.next_opening(now),
        place=ahead if waits and callback.due_at <= now else None,
        wait_words=words.wait_words(queue.likely_wait_minutes(session, ahead, now)),
        late=waits and _is_late(found, callback.due_at, now),
        caller_id=words.shown_number(_number_shown(session, callback)),
        phone_masked=None if callback.erased_at else PhoneNumber(callback.phone).masked,
        further=_further(session, callback),
        can_move=waits and callback.status in (Status.WAITING, Status.JOINED),
        can_cancel=shown in (Status.WAITING, Status.CLAIMED, Status.CALLING),
    )


def _is_late(found: OpeningHours, due_at: datetime, now: datetime) -> bool:
    """Whether we have been open for longer than the admin's deadline since it was due. The same
    for every request, so that it tells nothing of another one for the number."""
    deadline = timedelta(minutes=hours.policy(db.session()).hand_deadline_minutes)
    open_for = (each.length for each in found.periods(max(due_at, now - _A_WEEK), now))
    return due_at < now and found.is_open(now) and sum(open_for, timedelta()) > deadline


def _number_shown(session: Session, callback: Callback) -> str:
    own = allowance.caller_id_for(session, callback.phone_region)
    return own or settings().caller_id or settings().helpline_number


def _further(session: Session, callback: Callback) -> dict[str, Any] | None:
    """The follow-up that was agreed on the phone, while it waits: when, and its page."""
    made = follow_up.of(session, callback)
    if made is None or made.status != Status.WAITING:
        return None
    return {"at": made.due_at, "token": follow_up.token_of(callback)}


@visitor.route("/request/<token>/move", methods=["GET", "POST"])
@audience(ANYONE)
def move(token: str) -> ResponseReturnValue:
    """Another time for a request that waits."""
    now = clock.now()
    form = WhenForm(request.form if request.method == "POST" else None)
    gone: Sequence[datetime] = ()
    if form.is_submitted() and form.validate():
        try:
            callbacks.move(token, form.slot_at, now=now)
            return _to_status(token)
        except Overtaken:
            return _to_status(token)
        except SlotGone as problem:
            _say_slot_gone(form, problem)
            gone = problem.nearest
    callback = queries.by_link(db.session(), token)
    if callback.status not in (Status.WAITING, Status.JOINED):
        return _to_status(token)
    found = opening_hours(now)
    if not form.is_submitted() and callback.slot_at:
        form.when.data = callback.slot_at.isoformat()
    page = render_template(
        "visitor/move.html",
        **visitor_page(),
        **_times(form, found, now, gone),
        token=token,
        form=form,
        slot_at=callback.slot_at,
    )
    return page, 422 if form.errors else 200


@visitor.post("/request/<token>/cancel")
@audience(ANYONE)
def cancel(token: str) -> ResponseReturnValue:
    """The visitor no longer wants to be rung."""
    with suppress(Overtaken):  # It ended a moment before: its page says how.
        callbacks.cancel(token, now=clock.now())
    return _to_status(token)


@visitor.get("/crisis")
@audience(ANYONE)
def crisis() -> ResponseReturnValue:
    """Numbers that answer now, by region. Needs no database."""
    return render_template("visitor/crisis.html", **visitor_page())


@visitor.get("/exit")
@audience(ANYONE)
def leave() -> ResponseReturnValue:
    """Away from here, to a neutral site, with nothing of ours left behind."""
    response = make_response(redirect(settings().safe_exit_url, 303))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@visitor.get("/exit-help")
@audience(ANYONE)
def about_exit() -> ResponseReturnValue:
    """What 'Exit this page' does, and what it cannot do."""
    return render_template("visitor/exit_help.html", **visitor_page())


@visitor.errorhandler(NoSuchCallback)
def _no_such_callback(_error: NoSuchCallback) -> ResponseReturnValue:
    return error_page(404)


def _to_status(token: str) -> Response:
    return make_response(redirect(url_for("visitor.status", token=token), 303))


def _home(form: RequestForm, gone: Sequence[datetime] = ()) -> str:
    now = clock.now()
    session = db.session()
    found = opening_hours(now)
    saved = newest_save(session)
    week = hours.DEFAULT_WEEK if saved is None else Week.from_data(saved.week)
    ahead = queue.ahead_of(session, Priority.ASAP, now, now)
    return render_template(
        "visitor/home.html",
        **visitor_page(),
        **_times(form, found, now, gone),
        form=form,
        closes_at=found.closes_at(now),
        opens_at=found.next_opening(now),
        accepting=found.first_open_instant(now) is not None,
        wait_words=words.wait_words(queue.likely_wait_minutes(session, ahead, now)),
        week_words=words.week_words(week),
        zone_words=words.zone_words(),
    )


def _times(
    form: WhenForm, found: OpeningHours, now: datetime, gone: Sequence[datetime]
) -> dict[str, Any]:
    offered = queries.offered_slots(db.session(), found, now)
    form.offer([slot.starts_at for slot in offered])
    return {
        "is_open": found.is_open(now),
        "days": _days(offered),
        "slot_gone": [_shown(OfferedSlot(start, False)) for start in gone] or None,
    }


def _days(offered: Iterable[OfferedSlot]) -> list[ShownDay]:
    zone = words.zone()
    days = groupby(offered, lambda slot: slot.starts_at.astimezone(zone).date())
    found = []
    for day, grouped in days:
        slots = tuple(_shown(slot) for slot in grouped)
        found.append(ShownDay(words.tab_words(slots[0].starts_at), day.isoformat(), slots))
    return found


def _shown(slot: OfferedSlot) -> ShownSlot:
    return ShownSlot(slot.starts_at.isoformat(), slot.starts_at, slot.full)


def _say_slot_gone(form: WhenForm, gone: SlotGone) -> None:
    sentence = (
        _("That time has just been taken. These are the nearest free ones.")
        if gone.nearest
        else _("That time has just been taken. You can ask to be called as soon as possible.")
    )
    form.when.errors = [*form.when.errors, sentence]
