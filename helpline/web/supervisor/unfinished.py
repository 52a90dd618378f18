"""Calls whose advisors have not recorded an outcome, for supervisors. Notes are not shown."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.calls import drafts
from helpline.calls.errors import NoSuchColleague
from helpline.calls.supervision import service
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.staff.queries import is_active_advisor
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.disposition_text import disposition_labels
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.blocks import supervisor_pages
from helpline.web.supervisor.forms import FinishForm

__all__ = ("supervisor_pages",)


@supervisor_pages.get("/unfinished")
@allow(SUPERVISOR, ADMIN)
def unfinished() -> ResponseReturnValue:
    return _page()


@supervisor_pages.post("/unfinished/<int:attempt_id>")
@allow(SUPERVISOR, ADMIN)
def finish_unfinished(attempt_id: int) -> ResponseReturnValue:
    """Record the outcome of a call, or assign its callback to the advisor who made it."""
    form = FinishForm()
    if not form.validate():
        return _page(attempt_id, form), 422
    by: dict[str, Any] = {"supervisor_id": current_staff_id(), "now": clock.now()}
    try:
        if form.disposition is not None:
            service.finish_call(attempt_id, form.disposition, form.reason.data, **by)
            flash(_("Outcome saved. The advisor sees it at their desk."))
        else:
            service.assign_again(attempt_id, form.reason.data, **by)
            flash(_("Assigned. The advisor sees it at their desk."))
    except NoSuchColleague:
        form.outcome.errors = [_("This advisor no longer takes callbacks. Choose an outcome.")]
        return _page(attempt_id, form), 422
    except StateChanged:
        flash(_("This call or its callback has changed. Nothing was saved."), "warning")
        return _page(attempt_id, form), 409
    return redirect(url_for("floor.unfinished"), 303)


def _page(attempt_id: int | None = None, form: FinishForm | None = None) -> str:
    return render_template(
        "supervisor/unfinished.html",
        has_errors=bool(form and form.errors),
        calls=[
            _row(call, form if form and call.attempt.id == attempt_id else FinishForm(None))
            for call in drafts.list_unfinished(db.session())
        ],
    )


def _row(call: drafts.UnfinishedCall, form: FinishForm) -> dict[str, Any]:
    is_waiting = call.status == Status.WAITING
    form.offer(
        call.attempt.id,
        call.advisor,
        may_assign=is_waiting and is_active_advisor(db.session(), call.attempt.advisor_id),
    )
    return {
        "id": call.attempt.id,
        "callback_id": call.attempt.callback_id,
        "advisor": call.advisor,
        "since": call.since,
        "at": call.attempt.created_at,
        "recorded": disposition_labels().get(call.attempt.disposition or ""),
        "form": form,
    }
