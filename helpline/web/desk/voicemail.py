"""The messages that callers left, as the advisor who holds the callback hears them."""

from __future__ import annotations

import io

from flask import abort, send_file
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls.inbound import recordings
from helpline.calls.inbound.recordings import NotPlayable
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.referrals import desk_pages
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)


@desk_pages.get("/<int:callback_id>/messages/<int:message_id>")
@allow(ADVISOR)
def message(callback_id: int, message_id: int) -> ResponseReturnValue:
    """The sound of a message, for whoever has the callback in hand; each hearing is noted."""
    try:
        sound = recordings.play(callback_id, message_id, current_staff_id(), now=clock.now())
    except NotPlayable:
        abort(404)
    answer = send_file(io.BytesIO(sound), mimetype="audio/wav", conditional=True, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
