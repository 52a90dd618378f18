"""Confirm or change one's own password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import hash_password, verify_password
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired

from helpline import clock
from helpline.staff.login_throttle import service as login_throttle
from helpline.staff.passwords import normalize_password, weakness
from helpline.staff.sessions import service as sessions
from helpline.web.access import STAFF, allow
from helpline.web.auth.backoff_text import wait_words
from helpline.web.auth.blueprint import auth_pages
from helpline.web.auth.next_url import current_staff, next_url
from helpline.web.known_devices import account_of, login_attempt
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext, site_name
from helpline.web.password_text import weakness_words
from helpline.web.sessions import current_session, start_session

_PASSWORD_REQUIRED = lazy_gettext("Enter your password.")


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, to re-authenticate."""

    password = PasswordField(lazy_gettext("Your password"), [DataRequired(_PASSWORD_REQUIRED)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current and the new password."""

    password = PasswordField(lazy_gettext("Current password"), [DataRequired(_PASSWORD_REQUIRED)])
    new = PasswordField(lazy_gettext("New password"), [DataRequired(_PASSWORD_REQUIRED)])


@auth_pages.route("/you/confirm", methods=["GET", "POST"])
@allow(STAFF)
def confirm() -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    if form.is_submitted():
        status = _check_password(form)
        if status == 200:
            sessions.confirm(current_session().session_id, now=clock.now())
            return redirect(next_url(), 303)
    return render_template("auth/confirm.html", form=form, next=request.args.get("next")), status


@auth_pages.route("/you/password", methods=["GET", "POST"])
@allow(STAFF)
def password() -> ResponseReturnValue:
    """Change the password and end every other session."""
    form = PasswordForm()
    status = 200
    if form.is_submitted():
        status = _check_password(form)
        if status == 200:
            staff = current_staff()
            problem = weakness(form.new.data, [staff.name, staff.email, site_name()])
            if problem is None:
                key = sessions.change_password(
                    current_session().session_id,
                    staff.id,
                    hash_password(normalize_password(form.new.data)),
                    now=clock.now(),
                )
                start_session(key, current_staff())
                flash(_("Password changed. You are signed out of all other sessions."))
                return redirect(url_for("door.you"), 303)
            form.new.errors = [weakness_words(problem)]
            status = 422
    return render_template("auth/password.html", form=form), status


def _check_password(form: ConfirmForm | PasswordForm) -> int:
    """Check the password with back-off; return 200 if it is right, else the status to answer."""
    if not form.validate():
        return 422
    staff, now = current_staff(), clock.now()
    attempt = login_attempt(account_of(staff.email))
    wait = login_throttle.begin_attempt(attempt, now=now)
    if wait:
        form.password.errors = [wait_words(wait)]
        return 429
    if not verify_password(normalize_password(form.password.data), staff.password or ""):
        login_throttle.record_failure(attempt, staff.id, now=now)
        form.password.errors = [_("Your password is incorrect. Try again.")]
        return 422
    login_throttle.record_success(attempt, now=now)
    return 200
