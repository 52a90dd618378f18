"""Where staff come in after signing in: each to their own room."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline.web.gate import ADMIN, ADVISOR, audience

landing = Blueprint("landing", __name__)


@landing.get("/staff")
@audience(ADVISOR, ADMIN)
def come_in() -> ResponseReturnValue:
    """The desk for who takes calls, else the admin's house."""
    room = "advisor.desk" if current_user.has_role(ADVISOR) else "admin.home"
    return redirect(url_for(room))
