"""Received text messages that are not a command, for supervisors. Each is shown once."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import requests
from helpline.db import db
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import unread_sms
from helpline.web.access import ADMIN, SUPERVISOR, allow
from helpline.web.sessions import current_staff_id
from helpline.web.supervisor.blocks import supervisor_pages

__all__ = ("supervisor_pages",)


@supervisor_pages.get("/texts/unread")
@allow(SUPERVISOR, ADMIN)
def unread_texts() -> ResponseReturnValue:
    return _page()


@supervisor_pages.post("/texts/unread/<carrier_id>")
@allow(SUPERVISOR, ADMIN)
def read_text(carrier_id: str) -> ResponseReturnValue:
    """Show the content of a text message, and erase it."""
    sms = next(
        (e for e in unread_sms.list_unread(db.session()) if e.carrier_id == carrier_id), None
    )
    try:
        content = unread_sms.read_once(carrier_id, staff_id=current_staff_id(), now=clock.now())
    except unread_sms.AlreadyRead:
        return _page(is_gone=True), 409
    callback = requests.find_open(db.session(), sms.phone_hash) if sms and sms.phone_hash else None
    return _page(
        words=None if is_unreadable(content) else content,
        is_unreadable=is_unreadable(content),
        callback_id=callback.id if callback else None,
    )


def _page(**shown: object) -> str:
    return render_template(
        "supervisor/unread_sms.html", texts=unread_sms.list_unread(db.session()), **shown
    )
