"""Calls whose advisors have not recorded an outcome, for supervisors. Notes are not shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.calls import drafts
from helpline.calls.errors import NoSuchColleague
from helpline.calls.supervision import service
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.staff.queries import is_active_advisor
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.blocks import supervisor_pages
from helpline.web.supervisor.reasons import reason_error

__all__ = ("supervisor_pages",)

ASSIGN = "assign"


@dataclass(slots=True)
class FinishForm:
    """The values as typed, and errors by field."""

    outcome: str = ""
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> FinishForm:
        return cls(posted.get("outcome", ""), posted.get("reason", "").strip())

    def chosen(self) -> Disposition | None:
        """Return the disposition; None to assign the callback, or if there are errors."""
        disposition = None
        with suppress(ValueError):
            disposition = Disposition(self.outcome)
        if disposition is None and self.outcome != ASSIGN:
            self.errors["outcome"] = _("Choose an outcome or assign the callback.")
        self.errors |= reason_error(
            self.reason, missing=_("Enter a reason. The advisors affected will see it.")
        )
        return disposition


@supervisor_pages.get("/unfinished")
@allow(SUPERVISOR, ADMIN)
def unfinished() -> ResponseReturnValue:
    return _page()


@supervisor_pages.post("/unfinished/<int:attempt_id>")
@allow(SUPERVISOR, ADMIN)
def finish_unfinished(attempt_id: int) -> ResponseReturnValue:
    """Record the outcome of a call, or assign its callback to the advisor who made it."""
    form = FinishForm.read(request.form)
    outcome = form.chosen()
    if form.errors:
        return _page(attempt_id, form), 422
    by: dict[str, Any] = {"supervisor_id": current_staff_id(), "now": clock.now()}
    try:
        if outcome is not None:
            service.finish_call(attempt_id, outcome, form.reason, **by)
            flash(_("Outcome saved. The advisor sees it at their desk."))
        else:
            service.assign_again(attempt_id, form.reason, **by)
            flash(_("Assigned. The advisor sees it at their desk."))
    except NoSuchColleague:
        form.errors["outcome"] = _("This advisor no longer takes callbacks. Choose an outcome.")
        return _page(attempt_id, form), 422
    except StateChanged:
        flash(_("This call or its callback has changed. Nothing was saved."), "warning")
        return _page(attempt_id, form), 409
    return redirect(url_for("floor.unfinished"), 303)


def _page(attempt_id: int | None = None, form: FinishForm | None = None) -> str:
    session = db.session()
    return render_template(
        "supervisor/unfinished.html",
        has_errors=bool(form and form.errors),
        outcomes=_outcome_labels(),
        calls=[
            {
                "id": call.attempt.id,
                "callback_id": call.attempt.callback_id,
                "advisor": call.advisor,
                "since": call.since,
                "at": call.attempt.created_at,
                "recorded": _outcome_labels().get(call.attempt.disposition or ""),
                "may_assign": call.status == Status.WAITING
                and is_active_advisor(session, call.attempt.advisor_id),
                "form": form if form and call.attempt.id == attempt_id else FinishForm(),
            }
            for call in drafts.list_unfinished(session)
        ],
    )


def _outcome_labels() -> dict[str, str]:
    return {
        Disposition.REACHED: _("Reached"),
        Disposition.NO_ANSWER: _("No answer"),
        Disposition.BUSY: _("Busy"),
        Disposition.VOICEMAIL: _("Voicemail"),
        Disposition.WRONG_NUMBER: _("Wrong number"),
        Disposition.DECLINED: _("Declined"),
    }
