"""Views to save the outcome of a call, and to undo it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.follow_up import FollowUp
from helpline.callbacks.models import Callback
from helpline.calls import service as call_service
from helpline.calls import undo_outcome
from helpline.calls.errors import (
    CallInProgress,
    DraftChanged,
    EmergencyNotDescribed,
    NotReached,
)
from helpline.current import services
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.history import desk_pages
from helpline.web.desk.views import (
    desk_page,
    redirect_to_desk,
    save_and_show_form,
    take_next,
)
from helpline.web.desk.wrap_up import WrapUpForm
from helpline.web.formatting import moment_words
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.post("/<int:callback_id>/disposition")
@allow(ADVISOR)
def disposition(callback_id: int) -> ResponseReturnValue:
    form = WrapUpForm()
    if not form.is_valid_outcome() or form.chosen is None:
        return desk_page(form), 422
    further = form.follow_up
    try:
        call_service.record_disposition(
            callback_id,
            current_staff_id(),
            form.chosen,
            form.notes.data,
            now=clock.now(),
            further=further,
            has_carrier=services().has_carrier,
            draft_version=form.draft_version.data,
        )
    except DraftChanged as newer:
        form.merge(newer)
        return desk_page(form), 409
    except EmergencyNotDescribed:
        form.require_emergency_notes()
        return desk_page(form), 422
    except CallInProgress:
        form.disposition.errors = [_("The call is still in progress. Hang up, then save.")]
        return desk_page(form), 409
    except SlotUnavailable as unavailable:
        form.slot_gone(unavailable.nearest)
        return desk_page(form), 422
    except NotReached:
        form.follow_up_at.errors = [
            _(
                "You can book a follow-up only with Reached or Declined. After any other outcome "
                "the visitor is called again automatically, unless the number is wrong."
            )
        ]
        return desk_page(form), 422
    except StateChanged:
        flash(_("This call has already been wrapped up."))
        return save_and_show_form(callback_id, form)
    flash(_saved_text(db.session().get_one(Callback, callback_id, populate_existing=True), further))
    if further is None:
        flash(str(callback_id), "undo")
    return take_next() if request.form.get("then") == "next" else redirect_to_desk()


@desk_pages.post("/<int:callback_id>/disposition/undo")
@allow(ADVISOR)
def undo_disposition(callback_id: int) -> ResponseReturnValue:
    """Undo the outcome; the advisor chooses another under Unfinished calls."""
    try:
        undo_outcome.undo_outcome(callback_id, current_staff_id(), now=clock.now())
    except StateChanged:
        flash(
            _(
                "The outcome can no longer be undone: more than %(seconds)s seconds have passed, "
                "or something has happened since. Tell a supervisor if it is wrong.",
                seconds=undo_outcome.UNDO_SECONDS,
            ),
            "warning",
        )
        return redirect_to_desk()
    flash(_("Choose the correct outcome and save it. Until then the outcome you saved counts."))
    return redirect(url_for("advisor.unfinished"), 303)


def _saved_text(callback: Callback, further: FollowUp | None) -> str:
    """Say what happens next to a callback whose outcome was saved."""
    if further is not None:
        return _(
            "Saved. The follow-up is booked. Next call %(moment)s.",
            moment=moment_words(further.slot_at),
        )
    if callback.status == Status.REACHED:
        return _("Saved. This request is closed.")
    if callback.status == Status.UNREACHED and callback.disposition == Disposition.WRONG_NUMBER:
        return _("Saved. The number is wrong, so they are not called again.")
    if callback.status == Status.UNREACHED:
        return _("Saved. No attempt is left, so they are not called again.")
    return _("Saved. Next attempt %(moment)s.", moment=moment_words(callback.due_at))
