"""An advisor's own page: phone, languages and shifts."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_date
from flask import render_template
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.db import db
from helpline.staff.models import Staff
from helpline.staff.rota import queries
from helpline.web.access import ADVISOR, allow
from helpline.web.desk.drafts import desk_pages
from helpline.web.formatting import shown_number
from helpline.web.language import locale
from helpline.web.request_context import opening_hours
from helpline.web.sessions import current_staff_id

__all__ = ("desk_pages",)

_DAYS_AHEAD = 14


@desk_pages.get("/shifts")
@allow(ADVISOR)
def own_work() -> ResponseReturnValue:
    rota = queries.member(db.session(), current_staff_id())
    today = clock.now().astimezone(opening_hours().zone).date()
    days = [today + timedelta(days=number) for number in range(_DAYS_AHEAD)]
    staff = db.session.get_one(Staff, current_staff_id())
    return render_template(
        "desk/own_work.html",
        phone=shown_number(staff.phone) if staff.phone else None,
        languages=staff.languages,
        days=[
            {
                "name": format_date(day, "EEEE d MMMM", locale=locale()),
                "hours": [str(shift) for shift in rota.starting_on(day)],
                "is_off": day in rota.days_off,
            }
            for day in days
            if rota.starting_on(day) or day in rota.days_off
        ],
    )
