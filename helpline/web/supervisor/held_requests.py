"""Requests held after a restore, for a supervisor to release or close."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import restore_hold
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.web import formatting
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.blocks import supervisor_pages

__all__ = ("supervisor_pages",)

RELEASE, CLOSE = "release", "close"


@supervisor_pages.get("/held")
@allow(SUPERVISOR, ADMIN)
def held_requests() -> ResponseReturnValue:
    return _page({})


@supervisor_pages.post("/held")
@allow(SUPERVISOR, ADMIN)
def act_on_held() -> ResponseReturnValue:
    ids = {
        row
        for value in request.form.getlist("callback")
        if (row := parse_row_id(value)) is not None
    }
    decision = request.form.get("decision", "")
    errors = {}
    if not ids:
        errors["callback"] = _("Select at least one request.")
    if decision not in (RELEASE, CLOSE):
        errors["decision"] = _("Choose whether to release or close them.")
    if errors:
        return _page(errors, ids), 422
    if decision == RELEASE:
        count = restore_hold.release_held(ids, supervisor_id=current_staff_id(), now=clock.now())
        flash(ngettext("%(num)s request released.", "%(num)s requests released.", count))
    else:
        count = restore_hold.close_held(ids, supervisor_id=current_staff_id(), now=clock.now())
        flash(ngettext("%(num)s request closed.", "%(num)s requests closed.", count))
    return redirect(url_for("floor.held_requests"), 303)


def _page(errors: dict[str, str], selected: set[int] | None = None) -> str:
    callbacks = restore_hold.held_callbacks(db.session())
    if request.args.get("select") == "all":
        selected = {callback.id for callback in callbacks}
    return render_template(
        "supervisor/held.html",
        form={"errors": errors},
        callbacks=callbacks,
        choices=[
            (callback.id, _("Callback %(number)s", number=callback.id), _facts(callback))
            for callback in callbacks
        ],
        selected=selected or set(),
    )


def _facts(callback: Callback) -> str:
    due = _("due %(time)s", time=formatting.moment_words(callback.due_at))
    if callback.slot_at is not None:
        due = _("booked for %(time)s", time=formatting.moment_words(callback.slot_at))
    facts = [
        formatting.language_name(callback.language),
        _("requested %(time)s", time=formatting.moment_words(callback.requested_at)),
        due,
    ]
    if callback.attempts_used:
        facts.append(ngettext("called once", "called %(num)s times", callback.attempts_used))
    if callback.status == Status.JOINED:
        facts.append(_("second request for a number"))
    return ", ".join(facts)
