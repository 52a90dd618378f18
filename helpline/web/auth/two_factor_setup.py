"""Set up two-factor authentication, at the first sign-in or later."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from helpline import clock
from helpline.db import db
from helpline.staff.two_factor import codes, passkeys
from helpline.staff.two_factor import service as two_factor_service
from helpline.staff.two_factor.errors import InvalidCode, InvalidPasskey, LastFactor
from helpline.staff.two_factor.queries import enrolled_factors
from helpline.staff.two_factor.service import EnrolledFactor
from helpline.web.access import AWAITING_TWO_FACTOR, STAFF, allow
from helpline.web.auth.blueprint import auth_pages
from helpline.web.auth.next_url import (
    current_staff,
    next_url,
    relying_party,
    require_recent_password,
)
from helpline.web.browser import browser_words
from helpline.web.language import gettext as _
from helpline.web.language import site_name
from helpline.web.sessions import current_session, lasts, must_have_second_step, start_session

_MAX_NAME_LENGTH = 60


@auth_pages.get("/second-step/set-up")
@allow(AWAITING_TWO_FACTOR)
@require_recent_password
def set_up() -> ResponseReturnValue:
    return _page() if _may_add() else _need_existing_factor()


@auth_pages.post("/second-step/app")
@allow(AWAITING_TWO_FACTOR)
@require_recent_password
def add_app() -> ResponseReturnValue:
    if not _may_add():
        return _need_existing_factor()
    code = request.form.get("code", "")
    try:
        added = two_factor_service.add_app(
            current_session().session_id, current_staff().id, code, max_age=lasts(), now=clock.now()
        )
    except InvalidCode:
        return _page(app_error=_("The code is incorrect. Enter the next code from your app.")), 422
    return _added(added)


@auth_pages.post("/second-step/passkeys")
@allow(AWAITING_TWO_FACTOR)
@require_recent_password
def add_passkey() -> ResponseReturnValue:
    if not _may_add():
        return _need_existing_factor()
    name = request.form.get("name", "").strip() or browser_words(request.user_agent.string)
    try:
        added = two_factor_service.add_passkey(
            current_session().session_id,
            current_staff().id,
            request.form.get("answer", ""),
            name[:_MAX_NAME_LENGTH],
            relying_party=relying_party(),
            max_age=lasts(),
            now=clock.now(),
        )
    except InvalidPasskey:
        return _page(passkey_error=_("The passkey was not added. Try again.")), 422
    return _added(added)


@auth_pages.post("/you/recovery-codes")
@allow(STAFF)
@require_recent_password
def new_recovery_codes() -> ResponseReturnValue:
    if not enrolled_factors(db.session(), current_staff().id).ready:
        return redirect(url_for("door.you"), 303)
    return _codes_page(
        two_factor_service.new_recovery_codes(current_staff().id, now=clock.now()),
        url_for("door.you"),
    )


@auth_pages.post("/you/app/remove")
@allow(STAFF)
@require_recent_password
def remove_app() -> ResponseReturnValue:
    return _removed(
        lambda required: two_factor_service.remove_app(
            current_staff().id, required=required, now=clock.now()
        )
    )


@auth_pages.post("/you/passkeys/<int:passkey_id>/remove")
@allow(STAFF)
@require_recent_password
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    return _removed(
        lambda required: two_factor_service.remove_passkey(
            passkey_id, current_staff().id, required=required, now=clock.now()
        )
    )


def _may_add() -> bool:
    """Someone who has passed only the first factor may not add a second where one is required."""
    return current_session().proven or not enrolled_factors(db.session(), current_staff().id).ready


def _need_existing_factor() -> ResponseReturnValue:
    return redirect(url_for("door.second_step"), 303)


def _page(app_error: str | None = None, passkey_error: str | None = None) -> str:
    secret, challenge = two_factor_service.start_set_up(current_session().session_id)
    staff = current_staff()
    factors = enrolled_factors(db.session(), staff.id)
    address = codes.provisioning_uri(secret, issuer=site_name(), label=staff.email)
    return render_template(
        "auth/two_factor_setup.html",
        picture=_qr_code(address),
        secret=codes.grouped_secret(secret),
        address=address,
        question=passkeys.registration_options(
            relying_party(),
            challenge,
            staff_id=staff.id,
            email=staff.email,
            name=staff.name,
            existing=factors.passkeys,
        ),
        has_app=factors.app_added_at is not None,
        at_first=not current_session().proven,
        must=must_have_second_step(staff),
        app_error=app_error,
        passkey_error=passkey_error,
        next=request.args.get("next"),
    )


def _qr_code(address: str) -> Markup:
    """Return the QR code as inline SVG."""
    import qrcode  # noqa: PLC0415 slow, and asked for once by each member of staff
    from qrcode.image.svg import SvgPathImage  # noqa: PLC0415

    image = qrcode.make(address, image_factory=SvgPathImage, border=2)
    return Markup(image.to_string(encoding="unicode"))  # noqa: S704 drawn by us  # nosec B704


def _added(added: EnrolledFactor) -> ResponseReturnValue:
    onward = url_for("door.you") if current_session().proven else next_url()
    start_session(added.key, current_staff())
    if added.recovery_codes:
        return _codes_page(added.recovery_codes, onward)
    flash(_("Sign-in method added."))
    return redirect(onward, 303)


def _codes_page(fresh_codes: list[str], onward: str) -> ResponseReturnValue:
    return render_template("auth/recovery_codes.html", codes=fresh_codes, onward=onward)


def _removed(remove: Any) -> ResponseReturnValue:
    try:
        remove(must_have_second_step(current_staff()))
        flash(_("Sign-in method removed."))
    except LastFactor:
        flash(
            _(
                "You need two-factor authentication, and this is your only method. Add another "
                "method first."
            ),
            "error",
        )
    return redirect(url_for("door.you"), 303)
