"""The blueprint of pages about callers, and who on the staff may use them."""

from __future__ import annotations

from flask import Blueprint, abort

from helpline import clock
from helpline.callbacks import on_behalf
from helpline.db import db
from helpline.web.access import SUPERVISOR
from helpline.web.sessions import current_session, current_staff_id

callers = Blueprint("callers", __name__, url_prefix="/callers")


def require_duty() -> None:
    """Refuse an advisor who is not on duty; supervisors always may."""
    if current_session().has_role(SUPERVISOR):
        return
    if not on_behalf.is_on_duty(db.session(), current_staff_id(), clock.now()):
        abort(403)
