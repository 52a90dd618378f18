"""An advisor's calls of this shift, whose outcome and notes can be changed until it ends."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import correct_outcome
from helpline.calls.correct_outcome import Obstacle
from helpline.calls.errors import CorrectionRefused, EmergencyNotDescribed
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain import references
from helpline.domain.retries import Disposition
from helpline.staff.rota import queries as rota_queries
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.attempt_text import result_words
from helpline.web.desk.shortcuts import desk_pages
from helpline.web.desk.wrap_up import WrapUpForm
from helpline.web.language import gettext as _
from helpline.web.request_context import zone
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.get("/today")
@allow(ADVISOR)
def today() -> ResponseReturnValue:
    now = clock.now()
    shift = rota_queries.day_of_work(db.session(), current_staff_id(), zone(), now)
    calls = correct_outcome.calls_of_shift(db.session(), current_staff_id(), shift)
    return render_template(
        "desk/today.html",
        calls=[_facts(attempt) for attempt in calls if attempt.callback.erased_at is None],
        ends_at=shift.closes_at,
        is_over=now >= shift.closes_at,
    )


@desk_pages.get("/today/<int:attempt_id>")
@allow(ADVISOR)
def edit_call(attempt_id: int) -> ResponseReturnValue:
    return _page(attempt_id)


@desk_pages.post("/today/<int:attempt_id>")
@allow(ADVISOR)
def save_call(attempt_id: int) -> ResponseReturnValue:
    form = WrapUpForm()
    attempt = correct_outcome.call_to_correct(db.session(), attempt_id, current_staff_id())
    if not form.is_valid_correction(is_same=form.disposition.data == attempt.disposition):
        return _page(attempt_id, form), 422
    try:
        correct_outcome.correct(
            attempt_id,
            current_staff_id(),
            Disposition(form.disposition.data),
            form.notes.data,
            now=clock.now(),
            risk_note=form.risk_note.data if form.has_risk_note else None,
        )
    except EmergencyNotDescribed:
        form.require_emergency_notes()
        return _page(attempt_id, form), 422
    except CorrectionRefused:
        return _page(attempt_id, form), 409
    flash(_("Saved. The change is in the audit log."))
    return redirect(url_for("advisor.today"), 303)


def obstacle_words(obstacle: Obstacle) -> str:
    return {
        Obstacle.SHIFT_OVER: _("Your shift is over. Tell a supervisor if the outcome is wrong."),
        Obstacle.CALLED_SINCE: _("The outcome stands: they have been called again since."),
        Obstacle.CLAIMED: _("The outcome stands: an advisor has this callback now."),
        Obstacle.FOLLOW_UP: _("The outcome stands: a follow-up was booked with it."),
        Obstacle.NEW_REQUEST: _("The outcome stands: another request replaced this one."),
        Obstacle.CHANGED_SINCE: _(
            "The outcome stands: the visitor or a colleague has changed the request since."
        ),
    }[obstacle]


def _page(attempt_id: int, form: WrapUpForm | None = None) -> str:
    session, now = db.session(), clock.now()
    attempt = correct_outcome.call_to_correct(session, attempt_id, current_staff_id())
    obstacle = correct_outcome.obstacle(session, attempt, now)
    return render_template(
        "desk/edit_call.html",
        call=_facts(attempt),
        form=form
        or WrapUpForm(
            None,
            notes=attempt.notes or "",
            risk_note=attempt.risk_note,
            disposition=attempt.disposition,
        ),
        obstacle=obstacle_words(obstacle) if obstacle else None,
        is_over=obstacle is Obstacle.SHIFT_OVER,
    )


def _facts(attempt: Attempt) -> dict[str, object]:
    callback = attempt.callback
    return {
        "attempt_id": attempt.id,
        "at": attempt.created_at,
        "number": references.shown(callback.reference) if callback.reference else callback.id,
        "disposition": attempt.disposition,
        "result_words": result_words(attempt.disposition or ""),
        "notes": attempt.notes,
    }
