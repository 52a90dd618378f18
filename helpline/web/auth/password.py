"""Confirm or change one's own password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import hash_password
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired

from helpline import clock
from helpline.current import settings
from helpline.domain.passwords import in_one_form, weakness
from helpline.staff.login_throttle import service as tries
from helpline.staff.sessions import service as sessions
from helpline.web.access import STAFF, allow
from helpline.web.auth.backoff_text import wait_words
from helpline.web.auth.blueprint import auth_pages
from helpline.web.auth.next_url import afterwards, me
from helpline.web.known_devices import account_of, login_attempt
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext
from helpline.web.password_text import weakness_words
from helpline.web.sessions import current_session, start_session

_NEEDED = lazy_gettext("Enter your password.")


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, to re-authenticate."""

    password = PasswordField(lazy_gettext("Your password"), [DataRequired(_NEEDED)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current and the new password."""

    password = PasswordField(lazy_gettext("Current password"), [DataRequired(_NEEDED)])
    new = PasswordField(lazy_gettext("New password"), [DataRequired(_NEEDED)])


@auth_pages.route("/you/confirm", methods=["GET", "POST"])
@allow(STAFF)
def confirm() -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    if form.is_submitted():
        status = _check(form)
        if status == 200:
            sessions.confirm(current_session().session_id, now=clock.now())
            return redirect(afterwards(), 303)
    return render_template("auth/confirm.html", form=form, next=request.args.get("next")), status


@auth_pages.route("/you/password", methods=["GET", "POST"])
@allow(STAFF)
def password() -> ResponseReturnValue:
    """Change the password and end every other session."""
    form = PasswordForm()
    status = 200
    if form.is_submitted():
        status = _check(form)
        if status == 200:
            staff = me()
            found = weakness(form.new.data, [staff.name, staff.email, settings().site_name])
            if found is None:
                key = sessions.change_password(
                    current_session().session_id,
                    staff.id,
                    hash_password(in_one_form(form.new.data)),
                    now=clock.now(),
                )
                start_session(key, me())
                flash(_("Password changed. You are signed out of all other sessions."))
                return redirect(url_for("door.you"), 303)
            form.new.errors = [weakness_words(found)]
            status = 422
    return render_template("auth/password.html", form=form), status


def _check(form: ConfirmForm | PasswordForm) -> int:
    """Check the password with back-off; return 200 if it is right, else the status to answer."""
    if not form.validate():
        return 422
    staff, now = me(), clock.now()
    turn = login_attempt(account_of(staff.email))
    wait = tries.begin_attempt(turn, now=now)
    if wait:
        form.password.errors = [wait_words(wait)]
        return 429
    if not me().verify_and_update_password(in_one_form(form.password.data)):
        tries.record_failure(turn, me().id, now=now)
        form.password.errors = [_("Your password is incorrect. Try again.")]
        return 422
    tries.record_success(turn, now=now)
    return 200
