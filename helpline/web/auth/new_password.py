"""Set a new password by a link that an admin made."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import hash_password
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired

from helpline import clock
from helpline.db import db
from helpline.staff.errors import PasswordLinkInvalid
from helpline.staff.models import Staff
from helpline.staff.password_links import service as password_links
from helpline.staff.passwords import normalize_password, weakness
from helpline.web.access import AUTH_PAGES, allow
from helpline.web.auth.blueprint import auth_pages
from helpline.web.known_devices import remember
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext, site_name
from helpline.web.password_text import weakness_words
from helpline.web.sessions import drop


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """The new password."""

    new = PasswordField(
        lazy_gettext("New password"), [DataRequired(lazy_gettext("Enter a new password."))]
    )


@auth_pages.route("/new-password/<token>", methods=["GET", "POST"])
@allow(AUTH_PAGES)
def new_password(token: str) -> ResponseReturnValue:
    form, status = NewPasswordForm(), 200
    try:
        staff = password_links.owner_of(db.session(), token, now=clock.now())
        if form.is_submitted():
            if _is_strong_enough(form, staff):
                new_hash = hash_password(normalize_password(form.new.data))
                return _password_changed(password_links.redeem(token, new_hash, now=clock.now()))
            status = 422
    except PasswordLinkInvalid:
        return make_response(render_template("auth/new_password_over.html"), 410)
    page = render_template("auth/new_password.html", form=form, token=token, email=staff.email)
    return make_response(page, status)


def _is_strong_enough(form: NewPasswordForm, staff: Staff) -> bool:
    if not form.validate():
        return False
    problem = weakness(form.new.data, [staff.name, staff.email, site_name()])
    if problem is not None:
        form.new.errors = [weakness_words(problem)]
    return problem is None


def _password_changed(staff_id: int) -> ResponseReturnValue:
    """From now on guesses from elsewhere do not delay this browser."""
    drop()
    remember(db.session.get_one(Staff, staff_id))
    flash(_("Password changed. Sign in with your new password."))
    return make_response(redirect(url_for("security.login"), 303))
