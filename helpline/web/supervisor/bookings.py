"""Today's and tomorrow's bookings, and rescheduling one. Without visitors' names or numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.queries import offered_slots
from helpline.calls.errors import EarlierNotAgreed
from helpline.calls.supervision import bookings as service
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.web import formatting
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.language import gettext as _
from helpline.web.request_context import opening_hours, zone
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import RescheduleForm
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)


@supervisor_pages.get("/bookings")
@allow(SUPERVISOR, ADMIN)
def bookings() -> ResponseReturnValue:
    midnight = clock.now().astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    today, tomorrow, after = (midnight + timedelta(days=number) for number in range(3))
    session = db.session()
    return render_template(
        "supervisor/bookings.html",
        days=[
            (_("Today"), service.bookings(session, today, tomorrow)),
            (_("Tomorrow"), service.bookings(session, tomorrow, after)),
        ],
    )


@supervisor_pages.get("/callbacks/<int:callback_id>/reschedule")
@allow(SUPERVISOR, ADMIN)
def reschedule(callback_id: int) -> ResponseReturnValue:
    callback = db.session().get_one(Callback, callback_id)
    return _page(callback, RescheduleForm(seen=callback.due_at.isoformat()))


@supervisor_pages.post("/callbacks/<int:callback_id>/reschedule")
@allow(SUPERVISOR, ADMIN)
def save_reschedule(callback_id: int) -> ResponseReturnValue:
    form = RescheduleForm()
    callback = db.session().get_one(Callback, callback_id)
    if not form.validate() or form.slot_at is None:
        return _page(callback, form), 422
    try:
        if form.seen_due_at is None:
            raise StateChanged
        service.reschedule(
            callback_id,
            form.slot_at,
            seen_due_at=form.seen_due_at,
            visitor_agreed=form.agreed.data,
            supervisor_id=current_staff_id(),
            now=clock.now(),
        )
    except EarlierNotAgreed:
        form.agreed.errors = [
            _(
                "This is earlier than the visitor expects. Choose a later time, or tick that they "
                "asked for it."
            )
        ]
        return _page(callback, form), 422
    except SlotUnavailable as gone:
        form.slot_gone(gone.nearest)
        return _page(callback, form), 409
    except StateChanged:
        flash(
            _(
                "Someone else changed this callback first. Nothing was changed. Check its time, "
                "then try again."
            ),
            "warning",
        )
        return redirect(url_for("floor.reschedule", callback_id=callback_id), 303)
    flash(
        _(
            "Rescheduled to %(time)s. The visitor's page shows it, and they get a text message if "
            "they agreed to texts.",
            time=formatting.moment_words(form.slot_at),
        )
    )
    return redirect(url_for("floor.bookings"), 303)


def _page(callback: Callback, form: RescheduleForm) -> str:
    session, now = db.session(), clock.now()
    days: dict[str, list[tuple[str, str, bool]]] = {}
    if form.nearest:
        days[_("Nearest free times")] = [_option(at) for at in form.nearest]
    for slot in offered_slots(session, opening_hours(now), now, callback.language):
        day = formatting.day_words(slot.starts_at)
        days.setdefault(day, []).append(_option(slot.starts_at, full=slot.full))
    return render_template(
        "supervisor/reschedule.html",
        form=form,
        callback=callback,
        days=days,
        may_reschedule=callback.status == Status.WAITING,
    )


def _option(at: datetime, *, full: bool = False) -> tuple[str, str, bool]:
    return at.isoformat(), formatting.moment_words(at), full
