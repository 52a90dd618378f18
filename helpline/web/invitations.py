"""Accept an invitation: name, phone and password."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security.utils import hash_password

from helpline import clock
from helpline.db import db
from helpline.staff.errors import EmailTaken, InvitationInvalid, PhoneTaken
from helpline.staff.invitations import queries
from helpline.staff.invitations import service as inviting
from helpline.staff.passwords import normalize_password
from helpline.web.access import AUTH_PAGES, allow
from helpline.web.admin.staff import phone_taken_words, role_name
from helpline.web.admin.staff_form import InvitationForm
from helpline.web.language import gettext as _

invitations = Blueprint("invitations", __name__, url_prefix="/invitation")


@invitations.get("/<token>")
@allow(AUTH_PAGES)
def open_invitation(token: str) -> ResponseReturnValue:
    return _page(token, InvitationForm())


@invitations.post("/<token>")
@allow(AUTH_PAGES)
def accept(token: str) -> ResponseReturnValue:
    try:
        # First of all, since to hash a password takes a while: nobody makes us do it for nothing.
        email = queries.usable_invitation(db.session(), token, now=clock.now()).email or ""
    except InvitationInvalid:
        return _page(token, InvitationForm())
    form = InvitationForm(email)
    if not form.validate():
        return _page(token, form, 422)
    try:
        inviting.accept(
            token,
            name=form.name.data,
            phone=form.phone.number,
            password_hash=hash_password(normalize_password(form.password.data)),
            now=clock.now(),
        )
    except InvitationInvalid:
        return _page(token, form)
    except EmailTaken:
        form.name.errors = [
            _("An account with your email address already exists. Ask an admin for help.")
        ]
        return _page(token, form, 409)
    except PhoneTaken:
        form.phone.errors = [phone_taken_words()]
        return _page(token, form, 409)
    flash(_("Welcome. Sign in with your email address and the password you chose."))
    return make_response(redirect(url_for("security.login"), 303))


def _page(token: str, form: InvitationForm, status: int = 200) -> Response:
    try:
        invitation = queries.usable_invitation(db.session(), token, now=clock.now())
    except InvitationInvalid:
        return make_response(render_template("admin/invitation_over.html"), 410)
    page = render_template(
        "admin/invitation.html",
        form=form,
        email=invitation.email,
        roles=[role_name(role) for role in invitation.roles],
        languages=invitation.languages,
        until=invitation.expires_at,
    )
    return make_response(page, status)
