"""Help for staff who lost their second factor, a phone, or their password."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.staff.models import Staff
from helpline.staff.password_links import service as password_links
from helpline.staff.sessions import service as sessions
from helpline.staff.two_factor import service as steps
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.auth.next_url import require_recent_password
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id


@admin.post("/staff/<int:staff_id>/second-step/reset")
@allow(ADMIN)
@require_recent_password
def reset_second_step(staff_id: int) -> ResponseReturnValue:
    """Remove all factors; the next sign-in sets them up."""
    person = db.session.get_one(Staff, staff_id)
    steps.reset(person.id, actor=_actor(), now=clock.now())
    flash(
        _(
            "Two-factor authentication is reset. They are signed out and must set it up "
            "again at their next sign-in."
        )
    )
    return redirect(url_for("admin.member", staff_id=staff_id), 303)


@admin.post("/staff/<int:staff_id>/sign-out")
@allow(ADMIN)
def sign_out_member(staff_id: int) -> ResponseReturnValue:
    person = db.session.get_one(Staff, staff_id)
    sessions.end_others(person.id, keep=None, actor=_actor(), now=clock.now())
    flash(_("All their sessions are revoked."))
    return redirect(url_for("admin.member", staff_id=staff_id), 303)


@admin.post("/staff/<int:staff_id>/password-link")
@allow(ADMIN)
@require_recent_password
def make_password_link(staff_id: int) -> ResponseReturnValue:
    """Create a password link and show it this once."""
    person, now = db.session.get_one(Staff, staff_id), clock.now()
    token = password_links.create(person.id, admin_id=current_staff_id(), now=now)
    link = settings().public_url + url_for("door.new_password", token=token)
    return render_template(
        "admin/password_link.html", member=person, link=link, until=now + password_links.VALID_FOR
    )


def _actor() -> str:
    return f"staff:{current_staff_id()}"
