"""Views to add referrals to the current callback.

Each is submitted with the form in progress and shows the desk again with everything typed.
"""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.errors import StateChanged
from helpline.calls import referrals
from helpline.db import db
from helpline.directory.errors import NoSuchEntry
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.actions import desk_pages
from helpline.web.desk.views import (
    desk_page,
    no_longer_yours_text,
    redirect_to_desk,
    save_and_show_form,
)
from helpline.web.desk.wrap_up import WrapUpForm
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.post("/<int:callback_id>/places/find")
@allow(ADVISOR)
def find_places(callback_id: int) -> ResponseReturnValue:
    return _desk(callback_id)


@desk_pages.post("/<int:callback_id>/places/name")
@allow(ADVISOR)
def name_place(callback_id: int) -> ResponseReturnValue:
    try:
        referrals.refer(callback_id, current_staff_id(), _service_id(), now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    except NoSuchEntry:
        flash(_("This place is no longer listed. Choose another."), "warning")
    return _desk(callback_id)


@desk_pages.post("/<int:callback_id>/places/take-back")
@allow(ADVISOR)
def take_place_back(callback_id: int) -> ResponseReturnValue:
    try:
        referrals.withdraw(callback_id, current_staff_id(), _service_id(), now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    return _desk(callback_id)


@desk_pages.post("/<int:callback_id>/places/text")
@allow(ADVISOR)
def text_to_look(callback_id: int) -> ResponseReturnValue:
    try:
        sent = referrals.send_referral_sms(callback_id, current_staff_id(), now=clock.now())
    except StateChanged:
        flash(no_longer_yours_text())
    else:
        flash(
            _("The text message is being sent. It names no place.")
            if sent
            else _(
                "The text message was not sent: they do not want text messages. Tell them to "
                "check their page."
            ),
            "message" if sent else "warning",
        )
    return _desk(callback_id)


def _desk(callback_id: int) -> ResponseReturnValue:
    """Return the desk with everything typed; a redirect if the callback is no longer theirs."""
    if "notes" in request.form:
        return save_and_show_form(callback_id, WrapUpForm(), places_open=True)
    held = queue.current_callback(db.session(), current_staff_id())
    if held is None or held.id != callback_id:
        return redirect_to_desk()
    return desk_page(WrapUpForm(), places_open=True)


def _service_id() -> int:
    return parse_row_id(request.form.get("place", "")) or 0
