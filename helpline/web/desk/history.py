"""An advisor's own past callbacks: dates, outcomes and notes.

Names and numbers are shown only to the advisor who holds a callback, while they hold it.
"""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpline.calls.queries import completed_calls_of
from helpline.db import db
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.attempt_text import result_words
from helpline.web.desk.today import desk_pages
from helpline.web.int_params import parse_int
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)

_PAGE_SIZE = 50


@desk_pages.get("/past")
@allow(ADVISOR)
def past() -> ResponseReturnValue:
    before = request.args.get("before", type=parse_int)
    callbacks = completed_calls_of(
        db.session(), current_staff_id(), before=before, limit=_PAGE_SIZE + 1
    )
    shown = callbacks[:_PAGE_SIZE]
    return render_template(
        "desk/history.html",
        calls=[
            {
                "at": callback.created_at,
                "result_words": result_words(callback.disposition or ""),
                "notes": callback.notes,
            }
            for callback in shown
        ],
        older=shown[-1].id if len(callbacks) > _PAGE_SIZE else None,
    )
