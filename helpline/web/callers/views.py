"""Find the request of somebody who calls in, and do with it what they ask.

Names, numbers and notes are not shown. A request is opened only with a proof that it was just
looked up, for which the audit log has an entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import on_behalf, queries
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.on_behalf import Purpose
from helpline.callbacks.phone_limits import checks
from helpline.db import db
from helpline.domain.lifecycle import ENDED, Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.references import shown
from helpline.domain.unreadable import is_unreadable
from helpline.web import formatting, rate_limits
from helpline.web.access import ADVISOR, SUPERVISOR, allow
from helpline.web.callers.blueprint import callers, require_duty
from helpline.web.callers.forms import (
    CANCEL,
    RESCHEDULE,
    UNSAFE,
    ActForm,
    LookUpForm,
    id_of,
    signed,
)
from helpline.web.language import gettext as _
from helpline.web.request_context import opening_hours
from helpline.web.sessions import current_staff_id
from helpline.web.visitor.forms import ASAP


@callers.get("/")
@allow(ADVISOR, SUPERVISOR)
def look_up() -> ResponseReturnValue:
    require_duty()
    return _look_up_page(LookUpForm())


@callers.post("/")
@allow(ADVISOR, SUPERVISOR)
def find() -> ResponseReturnValue:
    """Show what was found in the answer itself: what was typed is in no address."""
    require_duty()
    form, now = LookUpForm(), clock.now()
    if not form.validate():
        return _look_up_page(form), 422
    who: dict[str, Any] = {"staff_id": current_staff_id(), "now": now}
    wait = rate_limits.seconds_to_wait((rate_limits.look_up(current_staff_id()),))
    if wait is not None:
        on_behalf.record_refusal(**who)
        form.who.errors = [
            _(
                "You have looked up many requests. Try again %(time)s.",
                time=formatting.moment_words(now + timedelta(seconds=wait)),
            )
        ]
        return _look_up_page(form), 429
    purpose = Purpose(form.purpose.data)
    if form.reference is not None:
        found = on_behalf.look_up_reference(form.reference, purpose=purpose, **who)
    else:
        found = on_behalf.look_up_number(form.number or "", purpose=purpose, **who)
    if len(found) == 1:
        return _request_page(found[0], ActForm(formdata=None, action=_suggested(purpose)))
    if not found:
        form.who.errors = [
            _("No request was found. Requests that ended more than two weeks ago are not shown.")
        ]
    return _look_up_page(form, found), 200 if found else 422


@callers.get("/request")
@allow(ADVISOR, SUPERVISOR)
def look_up_again() -> ResponseReturnValue:
    """Redirect a reload of a page that answered a POST."""
    return redirect(url_for("callers.look_up"), 303)


@callers.post("/request")
@allow(ADVISOR, SUPERVISOR)
def open_request() -> ResponseReturnValue:
    """Open one of several requests that were found."""
    require_duty()
    callback = _looked_up(ActForm())
    if callback is None:
        return _expired()
    return _request_page(callback, ActForm(formdata=None))


@callers.post("/request/act")
@allow(ADVISOR, SUPERVISOR)
def act() -> ResponseReturnValue:
    require_duty()
    form = ActForm()
    callback = _looked_up(form)
    if callback is None:
        return _expired()
    if not form.validate():
        return _request_page(callback, form), 422
    try:
        flash(_carry_out(callback, form))
    except SlotUnavailable as gone:
        form.when.errors = [
            _("That time is no longer free. The nearest free times are first in the list.")
            if gone.nearest
            else _("That time is no longer free, and there is no other. The old time is kept.")
        ]
        return _request_page(_read_again(callback), form, gone.nearest), 409
    except StateChanged:
        form.action.errors = [
            _("Someone else changed this request first. Nothing was changed. Check its status.")
        ]
        return _request_page(_read_again(callback), form), 409
    return redirect(url_for("callers.look_up"), 303)


def _carry_out(callback: Callback, form: ActForm) -> str:
    who: dict[str, Any] = {"staff_id": current_staff_id(), "now": clock.now()}
    if form.action.data == CANCEL:
        on_behalf.cancel(callback, **who)
        return _("Request cancelled. Tell the caller that we will not call.")
    if form.action.data == RESCHEDULE:
        on_behalf.reschedule(callback, form.slot_at, **who)
        when = formatting.moment_words(form.slot_at) if form.slot_at else _("as soon as possible")
        return _("Rescheduled. Tell the caller when we will call: %(time)s.", time=when)
    reason = _("The caller said that it is not safe to call this number.")
    on_behalf.mark_unsafe(callback, days=form.days.data, reason=reason, **who)
    return _(
        "All requests of this number are cancelled. It gets no calls and no text messages until "
        "the block ends, or a supervisor lifts it."
    )


def _looked_up(form: ActForm) -> Callback | None:
    callback_id = id_of(form.found.data or "")
    callback = db.session().get(Callback, callback_id) if callback_id is not None else None
    return callback if callback is not None and callback.erased_at is None else None


def _read_again(callback: Callback) -> Callback:
    db.session().refresh(callback)
    return callback


def _expired() -> ResponseReturnValue:
    flash(_("Look the request up again: you did so too long ago, or it was erased."), "warning")
    return redirect(url_for("callers.look_up"), 303)


def _suggested(purpose: Purpose) -> str | None:
    return None if purpose == Purpose.QUESTION else purpose.value


def _look_up_page(form: LookUpForm, found: Sequence[Callback] = ()) -> str:
    now = clock.now()
    return render_template(
        "callers/look_up.html",
        form=form,
        found=[_facts(callback, now) for callback in found],
    )


def _request_page(callback: Callback, form: ActForm, nearest: Sequence[datetime] = ()) -> str:
    now = clock.now()
    if callback.status in ENDED:
        form.action.choices = [each for each in form.action.choices if each.value == UNSAFE]
    times = {_("Nearest free times"): [*nearest]} if nearest else {}
    for slot in queries.offered_slots(db.session(), opening_hours(now), now, callback.language):
        if not slot.full:
            times.setdefault(formatting.day_words(slot.starts_at), []).append(slot.starts_at)
    return render_template(
        "callers/request.html",
        form=form,
        facts=_facts(callback, now),
        times=times,
        asap=ASAP,
    )


def _facts(callback: Callback, now: datetime) -> dict[str, Any]:
    phone = callback.phone
    return {
        "found": signed(callback.id),
        "reference": shown(callback.reference) if callback.reference else None,
        "status": _status_words(callback),
        "phone": "•••" if is_unreadable(phone) else PhoneNumber(phone).masked,
        "language": callback.language,
        "requested_at": callback.requested_at,
        "slot_at": callback.slot_at,
        "due_at": None if callback.status in ENDED else callback.due_at,
        "attempts_used": callback.attempts_used,
        "blocked_until": checks.blocked_until(db.session(), callback, now),
    }


def _status_words(callback: Callback) -> str:
    words = {
        Status.WAITING: _("Waiting"),
        Status.JOINED: _("Waiting behind another request for the same number"),
        Status.CLAIMED: _("An advisor has it"),
        Status.CALLING: _("On a call or in wrap-up"),
        Status.REACHED: _("Reached"),
        Status.UNREACHED: _("Not reached"),
        Status.CANCELLED: _("Cancelled"),
        Status.EXPIRED: _("Expired"),
    }
    return words[Status(callback.status)]
