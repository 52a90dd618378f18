"""Voicemail, for the advisor who holds the callback."""

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
    """Return the audio, only to the advisor who holds the callback. Every play is audited."""
    try:
        sound = recordings.play(callback_id, message_id, current_staff_id(), now=clock.now())
    except NotPlayable:
        abort(404)
    answer = send_file(io.BytesIO(sound), mimetype="audio/wav", conditional=True, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
