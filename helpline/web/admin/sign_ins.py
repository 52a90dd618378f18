"""How others sign in: an admin helps who has lost their second step, or a phone."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.accounts.models import Staff
from helpline.accounts.second_step import service as steps
from helpline.accounts.sessions import service as sessions
from helpline.db import db
from helpline.web.admin.blueprint import admin
from helpline.web.door.place import fresh
from helpline.web.gate import ADMIN, audience
from helpline.web.language import gettext as _
from helpline.web.sessions import my_id


@admin.post("/staff/<int:staff_id>/second-step/reset")
@audience(ADMIN)
@fresh
def reset_second_step(staff_id: int) -> ResponseReturnValue:
    """Takes away what they have set up; they set it up anew at their next sign-in."""
    found = db.session.get_one(Staff, staff_id)
    steps.reset(found.id, actor=_actor(), now=clock.now())
    flash(_("Reset. They are signed out, and set it up anew at their next sign-in."))
    return redirect(url_for("admin.member", staff_id=staff_id), 303)


@admin.post("/staff/<int:staff_id>/sign-out")
@audience(ADMIN)
def sign_out_member(staff_id: int) -> ResponseReturnValue:
    """Ends every session of theirs."""
    found = db.session.get_one(Staff, staff_id)
    sessions.end_others(found.id, keep=None, actor=_actor(), now=clock.now())
    flash(_("They are signed out everywhere."))
    return redirect(url_for("admin.member", staff_id=staff_id), 303)


def _actor() -> str:
    return f"staff:{my_id()}"
