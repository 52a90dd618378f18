"""The way through the door: where to afterwards, and where passkeys are good."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline.accounts.models import Staff
from helpline.accounts.second_step.passkeys import Place
from helpline.db import db
from helpline.domain.web_origins import page_of
from helpline.house import settings
from helpline.web.gate import View
from helpline.web.sessions import mine


def me() -> Staff:
    """Who is signed in, or halfway in."""
    return db.session.get_one(Staff, int(current_user.id))


def place() -> Place:
    """Where passkeys are good: at the public address."""
    return Place(origin=settings().public_url, name=settings().site_name)


def afterwards() -> str:
    """Where they wanted to go, if that is here; else where staff come in."""
    wanted = request.args.get("next", "")
    return wanted if _is_ours(wanted) else url_for("landing.come_in")


def _is_ours(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    elsewhere = parts.scheme or parts.netloc or "\\" in address
    return address.startswith("/") and not elsewhere


def fresh(view: View) -> View:
    """For what changes how somebody signs in: who left their desk a while ago is asked for their
    password first."""

    @wraps(view)
    def asked_again(*args: Any, **values: Any) -> ResponseReturnValue:
        if mine().fresh:
            return view(*args, **values)
        came_from = page_of(request.referrer) or url_for("door.you")
        back = request.path if request.method == "GET" else came_from
        return redirect(url_for("door.confirm", next=back), 303)

    return asked_again
