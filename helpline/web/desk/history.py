"""An advisor's own past callbacks: dates, outcomes and notes.

Names and numbers are shown only to the advisor who holds a callback, while they hold it.
"""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpline.calls.queries import completed_calls_of
from helpline.db import db
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.claimed import result_words
from helpline.web.desk.own_work import desk_pages
from helpline.web.int_params import parse_int
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)

_A_PAGE = 50


@desk_pages.get("/past")
@allow(ADVISOR)
def past() -> ResponseReturnValue:
    before = request.args.get("before", type=parse_int)
    found = completed_calls_of(db.session(), current_staff_id(), before=before, limit=_A_PAGE + 1)
    shown = found[:_A_PAGE]
    return render_template(
        "desk/history.html",
        calls=[
            {
                "at": each.created_at,
                "result_words": result_words(each.disposition or ""),
                "notes": each.notes,
            }
            for each in shown
        ],
        older=shown[-1].id if len(found) > _A_PAGE else None,
    )
