"""The first factor: email address and password, in Flask-Security's view, with back-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, Response, after_this_request, g
from flask_security.core import RoleMixin, Security, UserMixin
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.forms import LoginForm

from helpline import clock
from helpline.db import db
from helpline.staff import service as staff_service
from helpline.staff.login_throttle import service as login_throttle
from helpline.staff.models import Role, Staff
from helpline.web.auth.backoff_text import wait_words
from helpline.web.known_devices import account_of, login_attempt
from helpline.web.language import gettext as _
from helpline.web.sessions import use_own_sessions


@dataclass(eq=False, slots=True)
class _Account(UserMixin):
    """A member of staff as Flask-Security reads it while they sign in.

    Not the row itself: commands and the worker read that, and the library takes long to import.
    """

    id: int
    email: str
    password: str | None
    active: bool
    fs_uniquifier: str
    saved_hash: str | None
    password_void_at: datetime | None


class _Accounts(SQLAlchemyUserDatastore):
    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> _Account | None:
        staff = cast(Staff | None, super().find_user(case_insensitive, **kwargs))
        if staff is None:
            return None
        return _Account(
            id=staff.id,
            email=staff.email,
            password=staff.password,
            active=staff.active,
            fs_uniquifier=staff.fs_uniquifier,
            saved_hash=staff.password,
            password_void_at=staff.password_void_at,
        )

    def put(self, model: _Account) -> _Account:
        """Leave a new hash to the form: SQLite would refuse to write it in a session that has
        read.
        """
        return model


class SignInForm(LoginForm):
    """Email and password. Message and timing do not reveal whether an address is known."""

    def validate(self, **kwargs: Any) -> bool:
        """Return whether the password is right; if not, the page has an error status."""
        is_valid = self._is_valid(**kwargs)
        if not is_valid:
            after_this_request(_with_error_status)
        return is_valid

    def _is_valid(self, **kwargs: Any) -> bool:
        if not (self.email.data and self.password.data):
            return bool(super().validate(**kwargs))
        now = clock.now()
        attempt = login_attempt(account_of(self.email.data))
        wait = login_throttle.begin_attempt(attempt, now=now)
        if wait:
            self.form_errors.append(wait_words(wait))
            g.sign_in_status = 429
            return False
        if not super().validate(**kwargs):
            login_throttle.record_failure(attempt, self.user.id if self.user else None, now=now)
            return False
        account = cast(_Account, self.user)
        _store_new_hash(account)
        login_throttle.record_success(attempt, now=now)
        if account.password_void_at is not None:
            self.form_errors.append(
                _(
                    "This password can no longer be used, because someone who knows it entered "
                    "too many wrong codes. Ask an admin for a password reset link."
                )
            )
            return False
        return True


def _with_error_status(response: Response) -> Response:
    if response.status_code == 200:
        response.status_code = g.get("sign_in_status", 422)
    return response


def _store_new_hash(account: _Account) -> None:
    if account.saved_hash and account.password and account.password != account.saved_hash:
        staff_service.replace_password_hash(account.id, account.saved_hash, account.password)


def init_security(app: Flask) -> None:
    """Set Flask-Security up, with this form and our own sessions."""
    accounts = _Accounts(db, cast(type[UserMixin], Staff), cast(type[RoleMixin], Role))
    Security(app, accounts, login_form=SignInForm)
    use_own_sessions(app)
