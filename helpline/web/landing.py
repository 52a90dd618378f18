"""Where staff land after signing in, by role."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline.web.access import ADMIN, ADVISOR, SUPERVISOR, allow

landing = Blueprint("landing", __name__)


@landing.get("/staff")
@allow(ADVISOR, SUPERVISOR, ADMIN)
def come_in() -> ResponseReturnValue:
    rooms = ((ADVISOR, "advisor.desk"), (ADMIN, "admin.home"), (SUPERVISOR, "floor.floor"))
    return redirect(next(url_for(room) for role, room in rooms if current_user.has_role(role)))
