"""Pause and resume dispatch."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import dispatch_pause
from helpline.callbacks.errors import StateChanged
from helpline.db import db
from helpline.domain.slots import parse_start
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.forms import PauseForm
from helpline.web.supervisor.views import supervisor_pages

__all__ = ("supervisor_pages",)


@supervisor_pages.get("/pause")
@allow(SUPERVISOR, ADMIN)
def pause() -> ResponseReturnValue:
    return _page(PauseForm())


@supervisor_pages.post("/pause")
@allow(SUPERVISOR, ADMIN)
def pause_now() -> ResponseReturnValue:
    form = PauseForm()
    if not form.validate():
        return _page(form), 422
    try:
        dispatch_pause.pause(
            timedelta(minutes=int(form.minutes.data)),
            form.reason.data,
            supervisor_id=current_staff_id(),
            now=clock.now(),
        )
    except StateChanged:
        flash(_("Someone else has paused dispatch already. Their pause applies."), "warning")
    return redirect(url_for("floor.floor"), 303)


@supervisor_pages.post("/resume")
@allow(SUPERVISOR, ADMIN)
def resume() -> ResponseReturnValue:
    try:
        since = parse_start(request.form.get("since", ""))
        if since is None:
            raise StateChanged
        dispatch_pause.resume(since=since, supervisor_id=current_staff_id(), now=clock.now())
        flash(_("Dispatch resumed."))
    except StateChanged:
        flash(_("That pause is already over."), "warning")
    return redirect(url_for("floor.floor"), 303)


def _page(form: PauseForm) -> str:
    in_force = dispatch_pause.current(db.session(), clock.now())
    return render_template("supervisor/pause.html", form=form, pause=in_force)
