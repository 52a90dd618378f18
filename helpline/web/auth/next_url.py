"""Redirects after sign-in, the relying party of passkeys, and re-authentication."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpline.current import settings
from helpline.db import db
from helpline.staff.models import Staff
from helpline.staff.two_factor.passkeys import RelyingParty
from helpline.web import remote_address
from helpline.web.language import site_name
from helpline.web.sessions import View, current_session, current_staff_id


def current_staff() -> Staff:
    """Return who is signed in, or has passed the first factor only."""
    return db.session.get_one(Staff, current_staff_id())


def relying_party() -> RelyingParty:
    """Return the relying party: the public address."""
    return RelyingParty(origin=settings().public_url, name=site_name())


def next_url() -> str:
    """Return the requested URL if it is ours, else the start page of staff."""
    url = request.args.get("next", "")
    parts = remote_address.split(url)
    is_ours = parts.path.startswith("/") and not (parts.scheme or parts.netloc or "\\" in url)
    return url if is_ours else url_for("landing.come_in")


def require_recent_password(view: View) -> View:
    """Require a recent password check, for changes to how someone signs in."""

    @wraps(view)
    def asked_again(*args: Any, **values: Any) -> ResponseReturnValue:
        if current_session().fresh:
            return view(*args, **values)
        came_from = remote_address.split(request.referrer or "").path
        back = request.path if request.method == "GET" else came_from or url_for("door.you")
        return redirect(url_for("door.confirm", next=back), 303)

    return asked_again
