"""Views for the current callback, apart from calling."""

from __future__ import annotations

from flask import abort, flash, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.errors import StateChanged
from helpline.calls import advisor_actions
from helpline.calls.errors import (
    CallInProgress,
    DraftChanged,
    EmergencyNotDescribed,
    NoSuchColleague,
)
from helpline.calls.supervision import help_requests
from helpline.current import services
from helpline.db import db
from helpline.i18n.states import states_of
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.views import (
    desk_page,
    desk_pages,
    no_longer_yours_text,
    redirect_to_desk,
    save_and_show_form,
)
from helpline.web.desk.wrap_up import WrapUpForm
from helpline.web.language import gettext as _
from helpline.web.request_context import directory
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.post("/<int:callback_id>/urgent")
@allow(ADVISOR)
def urgent(callback_id: int) -> ResponseReturnValue:
    is_urgent = request.form.get("urgent") == "yes"
    try:
        advisor_actions.mark_urgent(
            callback_id, current_staff_id(), urgent=is_urgent, now=clock.now()
        )
        flash(_("Marked as urgent.") if is_urgent else _("Marked as not urgent."))
    except StateChanged:
        flash(no_longer_yours_text())
    return _desk_or_form(callback_id)


@desk_pages.post("/<int:callback_id>/emergency")
@allow(ADVISOR)
def emergency(callback_id: int) -> ResponseReturnValue:
    try:
        advisor_actions.mark_emergency(callback_id, current_staff_id(), now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    return _desk_or_form(callback_id)


@desk_pages.post("/<int:callback_id>/state")
@allow(ADVISOR)
def located_in(callback_id: int) -> ResponseReturnValue:
    """Record in which state the visitor is; the desk then shows its crisis lines first."""
    held = queue.current_callback(db.session(), current_staff_id())
    state = request.form.get("located_in") or None
    if held is not None and state not in (None, *states_of(held.phone_region, "en")):
        abort(400)
    try:
        advisor_actions.record_location(callback_id, current_staff_id(), state, now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    return _desk_or_form(callback_id)


@desk_pages.post("/help", defaults={"callback_id": None})
@desk_pages.post("/<int:callback_id>/help")
@allow(ADVISOR)
def help_now(callback_id: int | None) -> ResponseReturnValue:
    """Ask supervisors for help, or withdraw that."""
    ask_or_withdraw = (
        help_requests.withdraw if request.form.get("help") == "no" else help_requests.ask
    )
    ask_or_withdraw(current_staff_id(), now=clock.now())
    return _desk_or_form(callback_id) if callback_id else redirect_to_desk()


@desk_pages.post("/<int:callback_id>/earlier-calls")
@allow(ADVISOR)
def earlier_calls(callback_id: int) -> ResponseReturnValue:
    try:
        advisor_actions.agree_to_earlier_calls(callback_id, current_staff_id(), now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    return _desk_or_form(callback_id)


@desk_pages.post("/<int:callback_id>/emergency/text")
@allow(ADVISOR)
def text_numbers(callback_id: int) -> ResponseReturnValue:
    try:
        sent = advisor_actions.send_crisis_numbers(
            callback_id, current_staff_id(), _numbers_text(), now=clock.now()
        )
    except StateChanged:
        flash(no_longer_yours_text())
    else:
        flash(
            _("The numbers are being sent by text message.")
            if sent
            else _(
                "The text message was not sent: they do not want text messages, or the last one "
                "was not delivered. Read the numbers to them."
            ),
            "message" if sent else "warning",
        )
    return _desk_or_form(callback_id)


@desk_pages.post("/<int:callback_id>/unreadable")
@allow(ADVISOR)
def unreadable(callback_id: int) -> ResponseReturnValue:
    return _report_unreadable(callback_id, end=False)


@desk_pages.post("/<int:callback_id>/unreadable/end")
@allow(ADVISOR)
def end_unreadable(callback_id: int) -> ResponseReturnValue:
    return _report_unreadable(callback_id, end=True)


def _report_unreadable(callback_id: int, *, end: bool) -> ResponseReturnValue:
    try:
        advisor_actions.report_unreadable(callback_id, current_staff_id(), end=end, now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    else:
        flash(
            _("Request closed. Supervisors are notified.")
            if end
            else _("Callback reported. It is due again in 30 minutes.")
        )
    return redirect_to_desk()


@desk_pages.post("/<int:callback_id>/hand-over")
@allow(ADVISOR)
def hand_over(callback_id: int) -> ResponseReturnValue:
    form = WrapUpForm()
    if not form.is_valid_transfer():
        return desk_page(form), 422
    try:
        advisor_actions.transfer(
            callback_id,
            current_staff_id(),
            form.hand_to.data,
            form.hand_note.data,
            now=clock.now(),
            call_notes=form.notes.data,
            call_risk_note=form.risk_note.data,
            has_carrier=services().has_carrier,
            draft_version=form.draft_version.data,
        )
    except DraftChanged as newer:
        form.merge(newer)
        return desk_page(form), 409
    except EmergencyNotDescribed:
        form.hand_note.errors = [_("You marked an emergency. Write what was done, and when.")]
        return desk_page(form), 422
    except CallInProgress:
        form.hand_to.errors = [
            _("The call is still in progress. Hang up, then transfer the callback.")
        ]
        return desk_page(form), 409
    except NoSuchColleague:
        form.hand_to.errors = [_("Choose a colleague from the list.")]
        return desk_page(form), 422
    except StateChanged:
        flash(no_longer_yours_text())
        return save_and_show_form(callback_id, form)
    else:
        flash(
            _(
                "Callback transferred. Your colleague is offered it first. After a few minutes, "
                "anyone can claim it."
            )
        )
    return redirect_to_desk()


def _desk_or_form(callback_id: int) -> ResponseReturnValue:
    if "notes" in request.form:
        return save_and_show_form(callback_id, WrapUpForm())
    return redirect_to_desk()


def _numbers_text() -> str:
    held = queue.current_callback(db.session(), current_staff_id())
    if held is None:
        return ""
    return directory().short_numbers(held.phone_region, clock.now())
