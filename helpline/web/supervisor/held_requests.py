"""Held requests, for a supervisor to release or close."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from helpline import clock
from helpline.callbacks import restore_hold, transitions
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.web import formatting
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.blocks import supervisor_pages
from helpline.web.supervisor.forms import RELEASE, HeldForm

__all__ = ("supervisor_pages",)


@supervisor_pages.get("/held")
@allow(SUPERVISOR, ADMIN)
def held_requests() -> ResponseReturnValue:
    form = HeldForm(formdata=None)
    if request.args.get("select") == "all":
        form.callback.data = [callback.id for callback in restore_hold.held_callbacks(db.session())]
    return _page(form)


@supervisor_pages.post("/held")
@allow(SUPERVISOR, ADMIN)
def act_on_held() -> ResponseReturnValue:
    form = HeldForm()
    if not form.validate():
        return _page(form), 422
    ids = set(form.callback.data)
    if form.decision.data == RELEASE:
        count = restore_hold.release_held(ids, supervisor_id=current_staff_id(), now=clock.now())
        flash(ngettext("%(num)s request released.", "%(num)s requests released.", count))
    else:
        count = restore_hold.close_held(ids, supervisor_id=current_staff_id(), now=clock.now())
        flash(ngettext("%(num)s request closed.", "%(num)s requests closed.", count))
    return redirect(url_for("floor.held_requests"), 303)


def _page(form: HeldForm) -> str:
    callbacks = restore_hold.held_callbacks(db.session())
    form.callback.choices = [
        SelectChoice(str(callback.id), _("Callback %(number)s", number=callback.id))
        for callback in callbacks
    ]
    return render_template(
        "supervisor/held.html",
        form=form,
        facts={str(callback.id): _facts(callback) for callback in callbacks},
        unsafe=(unsafe := sum(transitions.is_unsafe(callback) for callback in callbacks)),
        restored=len(callbacks) - unsafe,
    )


def _facts(callback: Callback) -> str:
    due = _("due %(time)s", time=formatting.moment_words(callback.due_at))
    if callback.slot_at is not None:
        due = _("booked for %(time)s", time=formatting.moment_words(callback.slot_at))
    unsafe = [_("not safe to call")] if transitions.is_unsafe(callback) else []
    facts = [
        *unsafe,
        formatting.language_name(callback.language),
        _("requested %(time)s", time=formatting.moment_words(callback.requested_at)),
        due,
    ]
    if callback.attempts_used:
        facts.append(ngettext("called once", "called %(num)s times", callback.attempts_used))
    if callback.status == Status.JOINED:
        facts.append(_("second request for a number"))
    return ", ".join(facts)
