"""Access control: every view declares who may use it; one that does not is denied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpline import clock
from helpline.current import settings
from helpline.staff.models import SignedInStaff
from helpline.web import remote_address
from helpline.web.sessions import View, current_session, note_use

ANYONE = "anyone"
ANY_SITE = "any site"
"""Pages of other sites may post here too."""
CARRIER = "carrier"
ADVISOR = "advisor"
SUPERVISOR = "supervisor"
ADMIN = "admin"
STAFF = "staff"
"""Every member of staff, whatever their roles."""
AWAITING_TWO_FACTOR = "halfway"
"""Staff who gave their password, even if the second factor is pending."""
AUTH_PAGES = "door"
"""Sign-in and sign-out."""
NOBODY = "nobody"
"""Views of the sign-in library that are not used."""

_SIGN_IN_LIBRARY = {
    "security.login": frozenset({AUTH_PAGES}),
    "security.logout": frozenset({AUTH_PAGES}),
}
ROLES = frozenset({ADVISOR, SUPERVISOR, ADMIN})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def allow(*who: str) -> Callable[[View], View]:
    """Declare who may use a view: anyone, the carrier, staff, or staff of a role."""

    def declare(view: View) -> View:
        view.audience = frozenset(who)  # type: ignore[attr-defined]
        return view

    return declare


def audience_of(endpoint: str | None) -> frozenset[str]:
    """Return who may use an endpoint; nobody where it is not declared."""
    endpoint = endpoint or ""
    view = current_app.view_functions.get(endpoint)
    return getattr(view, "audience", None) or _audience_of_library(endpoint)


def _audience_of_library(endpoint: str) -> frozenset[str]:
    if endpoint.startswith("security."):
        return _SIGN_IN_LIBRARY.get(endpoint, frozenset({NOBODY}))
    return frozenset({ANYONE} if endpoint == "static" else ())


def as_visitor() -> None:
    """Treat this request as a visitor's.

    Visitor pages do not load the session, so that they work without a database, also for staff.
    """
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def treat_as_visitor() -> None:
    """Do not load the session for pages that anyone or the carrier may use."""
    if request.endpoint is None or audience_of(request.endpoint) & {ANYONE, CARRIER}:
        as_visitor()


def require_access() -> ResponseReturnValue | None:
    """Let only those in whom the view names."""
    if request.endpoint is None:
        return None
    allowed = audience_of(request.endpoint)
    if ANYONE in allowed:
        if ANY_SITE not in allowed:
            _need_own_origin()
        return None
    if allowed & {CARRIER, AUTH_PAGES}:
        return None
    if NOBODY in allowed:
        abort(404)
    if not current_user.is_authenticated:
        return _to_login("security.login", next=request.path)
    return _let_staff_in(allowed)


def _let_staff_in(allowed: frozenset[str]) -> ResponseReturnValue | None:
    if AWAITING_TWO_FACTOR in allowed:
        return None
    who = current_session()
    if not who.proven:
        return _to_login("door.second_step", next=request.path)
    if not is_allowed(who, allowed):
        abort(403)
    note_use(clock.now())
    return None


def is_allowed(who: SignedInStaff, allowed: frozenset[str]) -> bool:
    """Return whether a session is complete and has one of the allowed roles."""
    return who.proven and (STAFF in allowed or any(who.has_role(role) for role in allowed))


def _to_login(endpoint: str, **values: Any) -> ResponseReturnValue:
    if request.method not in _SAFE_METHODS or request.headers.get("HX-Request"):
        abort(401)
    return redirect(url_for(endpoint, **values))


def _need_own_origin() -> None:
    """Refuse visitor forms from other origins. A request without Origin is accepted: browsers that
    send none give nothing to go by.
    """
    origin = request.headers.get("Origin")
    if request.method in _SAFE_METHODS or origin is None:
        return
    if not is_own(origin):
        abort(403)


def is_own(origin: str) -> bool:
    """Return whether an origin is this website's."""
    own_hosts = {remote_address.split(settings().public_url).netloc, request.host}
    return remote_address.split(origin).netloc in own_hosts
