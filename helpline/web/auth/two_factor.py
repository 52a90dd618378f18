"""The second factor: a code or a passkey."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.db import db
from helpline.staff.two_factor import passkeys
from helpline.staff.two_factor import service as two_factor_service
from helpline.staff.two_factor.errors import InvalidCode, InvalidPasskey, TooManyInvalidCodes
from helpline.staff.two_factor.queries import enrolled_factors
from helpline.web.access import AWAITING_TWO_FACTOR, allow
from helpline.web.auth.blueprint import auth_pages
from helpline.web.auth.next_url import current_staff, next_url, relying_party
from helpline.web.language import gettext as _
from helpline.web.sessions import current_session, drop, lasts, start_session


@auth_pages.get("/second-step")
@allow(AWAITING_TWO_FACTOR)
def second_step() -> ResponseReturnValue:
    """Ask for the second factor, or redirect to set one up."""
    if current_session().proven:
        return redirect(next_url())
    if not enrolled_factors(db.session(), current_staff().id).ready:
        return redirect(url_for("door.set_up", next=request.args.get("next")))
    return _page()


@auth_pages.post("/second-step")
@allow(AWAITING_TWO_FACTOR)
def give_code() -> ResponseReturnValue:
    if current_session().proven:
        return redirect(next_url(), 303)
    code = request.form.get("code", "")
    try:
        key = two_factor_service.verify_code(
            current_session().session_id, current_staff().id, code, max_age=lasts(), now=clock.now()
        )
    except TooManyInvalidCodes:
        drop()
        flash(_("Too many wrong codes. Sign in again with your password."), "error")
        return redirect(url_for("security.login", next=request.args.get("next")), 303)
    except InvalidCode:
        return _page(
            _("The code is incorrect or has already been used. Enter the next code from your app.")
        ), 422
    start_session(key, current_staff())
    return redirect(next_url(), 303)


@auth_pages.post("/second-step/passkey")
@allow(AWAITING_TWO_FACTOR)
def give_passkey() -> ResponseReturnValue:
    try:
        key = two_factor_service.verify_passkey(
            current_session().session_id,
            current_staff().id,
            request.form.get("answer", ""),
            relying_party=relying_party(),
            max_age=lasts(),
            now=clock.now(),
        )
    except InvalidPasskey:
        return _page(
            _("This passkey does not belong to your account. Use another passkey, or a code.")
        ), 422
    start_session(key, current_staff())
    return redirect(next_url(), 303)


@auth_pages.errorhandler(NoResultFound)
def _session_ended(_error: NoResultFound) -> ResponseReturnValue:
    """The session ended meanwhile."""
    return redirect(url_for("security.login"), 303)


def _page(error: str | None = None) -> str:
    factors = enrolled_factors(db.session(), current_staff().id)
    question = None
    if factors.passkeys:
        challenge = two_factor_service.challenge(current_session().session_id)
        factors = enrolled_factors(db.session(), current_staff().id)
        question = passkeys.authentication_options(
            relying_party(), challenge, existing=factors.passkeys
        )
    return render_template(
        "auth/two_factor.html",
        has_app=factors.app_added_at is not None,
        question=question,
        error=error,
        next=request.args.get("next"),
    )
