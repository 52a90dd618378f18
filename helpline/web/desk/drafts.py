"""Views for drafts of notes and for calls without a disposition."""

from __future__ import annotations

from contextlib import suppress

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import StateChanged
from helpline.calls import drafts
from helpline.calls.errors import DraftChanged, EmergencyNotDescribed
from helpline.calls.models import Attempt
from helpline.calls.queries import talk_time
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.retries import Disposition, suggested_disposition
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.attempt_text import result_words
from helpline.web.desk.views import (
    desk_page,
    no_longer_yours_text,
    redirect_to_desk,
    save_form_draft,
)
from helpline.web.desk.voicemail import desk_pages
from helpline.web.desk.wrap_up import WrapUpForm
from helpline.web.formatting import clock_words
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.post("/<int:callback_id>/draft")
@allow(ADVISOR)
def save_draft(callback_id: int) -> ResponseReturnValue:
    """Save the draft and extend the wrap-up; JSON for a script, else a redirect."""
    form, now = WrapUpForm(), clock.now()
    try:
        saved = save_form_draft(callback_id, form)
    except DraftChanged as newer:
        form.merge(newer)
        return _refused_draft(form, 409)
    except StateChanged:
        if _wants_json():
            return jsonify(words=no_longer_yours_text()), 410
        flash(no_longer_yours_text())
        return redirect_to_desk()
    if saved is None:
        return _refused_draft(form, 422)
    more = request.form.get("more") == "yes"
    if saved.in_hand and (saved.changed or more):
        with suppress(StateChanged):
            claims.extend_lease(callback_id, current_staff_id(), now=now)
    message = _saved_words(saved.in_hand, more)
    if _wants_json():
        return jsonify(words=message, version=saved.version, in_hand=saved.in_hand)
    flash(message)
    return redirect_to_desk() if saved.in_hand else redirect(url_for("advisor.unfinished"), 303)


@desk_pages.get("/unfinished")
@allow(ADVISOR)
def unfinished() -> ResponseReturnValue:
    return _unfinished_page()


@desk_pages.post("/unfinished/<int:attempt_id>")
@allow(ADVISOR)
def finish(attempt_id: int) -> ResponseReturnValue:
    form = WrapUpForm()
    if not form.is_valid_outcome() or form.chosen is None:
        return _unfinished_page(attempt_id, form), 422
    try:
        drafts.finish(
            attempt_id,
            current_staff_id(),
            form.chosen,
            form.notes.data,
            now=clock.now(),
            risk_note=form.risk_note.data if form.has_risk_note else None,
        )
        flash(_("Saved."))
    except EmergencyNotDescribed:
        form.require_emergency_notes()
        return _unfinished_page(attempt_id, form), 422
    except StateChanged:
        flash(_("This call was already finished. Nothing was changed."))
    return redirect(url_for("advisor.unfinished"), 303)


@desk_pages.post("/unfinished/notes/<int:draft_id>/discard")
@allow(ADVISOR)
def discard_draft(draft_id: int) -> ResponseReturnValue:
    with suppress(StateChanged):
        drafts.discard(draft_id, current_staff_id())
    flash(_("Note discarded."))
    return redirect(url_for("advisor.unfinished"), 303)


def _unfinished_page(attempt_id: int | None = None, form: WrapUpForm | None = None) -> str:
    unfinished_calls = drafts.unfinished_of(db.session(), current_staff_id())
    return render_template(
        "desk/unfinished.html",
        calls=[
            {
                "at": call.at,
                "words": call.words,
                "form": _form_of(
                    call.attempt, call.words, form if _is_of_attempt(call, attempt_id) else None
                ),
                "attempt_id": call.attempt.id if call.attempt else None,
                "draft_id": call.draft_id,
                "result_words": result_words(call.attempt.result or "") if call.attempt else "",
            }
            for call in unfinished_calls
        ],
    )


def _form_of(
    attempt: Attempt | None, notes: str, submitted: WrapUpForm | None
) -> WrapUpForm | None:
    """The form to finish a call, with ids of its own among the others of the page."""
    if attempt is None:
        return None
    form = submitted or WrapUpForm(
        None,
        notes=notes,
        risk_note=attempt.risk_note,
        disposition=_likely_disposition(attempt),
    )
    form.notes.id = f"notes-{attempt.id}"
    form.risk_note.id = f"risk-note-{attempt.id}"
    form.disposition.id = f"{form.disposition.id}-{attempt.id}"
    return form


def _is_of_attempt(call: drafts.Unfinished, attempt_id: int | None) -> bool:
    return call.attempt is not None and call.attempt.id == attempt_id


def _likely_disposition(attempt: Attempt) -> Disposition | str | None:
    if attempt.result is None:
        return None
    if attempt.disposition:
        return attempt.disposition
    return suggested_disposition(AttemptResult(attempt.result), talk_time(db.session(), attempt))


def _saved_words(in_hand: bool, more: bool) -> str:
    if not in_hand:
        return _("Wrap-up time ran out. What you typed is kept under Unfinished calls.")
    at = clock_words(clock.now())
    if more:
        return _("Draft saved at %(time)s. You have more time.", time=at)
    return _("Draft saved at %(time)s", time=at)


def _refused_draft(form: WrapUpForm, status: int) -> ResponseReturnValue:
    if _wants_json():
        if status == 409:
            message = _("Your notes were changed in another window. Press Save draft to see both.")
        else:
            message = " ".join(str(field.errors[0]) for field in form if field.errors)
        return jsonify(words=message), status
    return desk_page(form), status


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
