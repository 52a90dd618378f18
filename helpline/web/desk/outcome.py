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
from helpline.directory.referrals import queries as referral_queries
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
    if form.needs_referral and not referral_queries.referred_services(db.session(), callback_id):
        form.require_referral()
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
            risk_note=form.risk_note.data,
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
                "You can book a follow-up only if they were reached. Choose another outcome, or "
                "No follow-up."
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
    match callback.disposition:
        case Disposition.DO_NOT_CALL:
            return _("Saved. This number is blocked: no one calls it or sends it text messages.")
        case Disposition.UNSAFE if callback.status == Status.WAITING:
            return _(
                "Saved. They are not called until they choose a time or a supervisor releases the "
                "request."
            )
        case Disposition.DROPPED if callback.status == Status.WAITING:
            return _("Saved. They agreed to be called back at once: claim the next callback.")
        case Disposition.DROPPED:
            return _("Saved. They asked not to be called back, so this request is closed.")
        case Disposition.WRONG_NUMBER:
            return _("Saved. The number is wrong, so they are not called again.")
        case Disposition.DUPLICATE | Disposition.HOAX:
            return _("Saved. This request is closed.")
    if callback.status == Status.REACHED:
        return _("Saved. This request is closed.")
    if callback.status == Status.UNREACHED:
        return _("Saved. No attempt is left, so they are not called again.")
    return _("Saved. Next attempt %(moment)s.", moment=moment_words(callback.due_at))
