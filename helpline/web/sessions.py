"""The session of a request: the key in the cookie, and the server-side session.

See docs/decisions/0020-own-sessions-and-second-factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from flask import Flask, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user, user_logged_out
from flask_security.signals import user_authenticated
from sqlalchemy.exc import SQLAlchemyError

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.domain.two_factor import is_required
from helpline.staff.models import SignedInStaff, Staff
from helpline.staff.sessions import queries
from helpline.staff.sessions import service as sessions
from helpline.staff.two_factor.queries import enrolled_factors
from helpline.web.browser import browser_words
from helpline.web.known_devices import remember

_KEY = "staff_session"
_USER = "_user_id"  # Flask-Login's word
View = Callable[..., ResponseReturnValue]


def use_own_sessions(app: Flask) -> None:
    """Use server-side sessions in place of the library's cookie sessions."""
    manager = app.login_manager  # type: ignore[attr-defined]
    manager.user_loader(_who_is_signed_in)
    manager.request_loader(lambda _request: None)  # No token in an address or header signs in.
    # How fresh a sign-in is, the server knows by itself: it does not go by the browser's name.
    manager.session_protection = None
    app.extensions["security"].want_json(lambda _request: False)
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)


class LoadsSession(Protocol):
    """How the owner of a session is loaded."""

    def __call__(self, key: str, /, *, now: datetime, idle: timedelta) -> SignedInStaff | None: ...


def loads_session(how: LoadsSession) -> Callable[[View], View]:
    """Declare that a view loads the session itself, together with what else it needs."""

    def declare(view: View) -> View:
        view.asks_who = how  # type: ignore[attr-defined]
        return view

    return declare


def load_session(cookie: Mapping[str, Any], ask: LoadsSession) -> SignedInStaff | None:
    """Return the owner of a session cookie; None where the session is over."""
    key = cookie.get(_KEY)
    signed_in = ask(key, now=clock.now(), idle=idle()) if key else None
    return (
        signed_in
        if signed_in is not None and signed_in.fs_uniquifier == cookie.get(_USER)
        else None
    )


def current_session() -> SignedInStaff:
    """Return the session of this request; someone must be signed in."""
    assert current_user.is_authenticated
    return cast(SignedInStaff, g.signed_in)


def current_staff_id() -> int:
    return int(current_user.id)


def idle() -> timedelta:
    """Return how long a session may be unused."""
    return timedelta(minutes=settings().session_idle_minutes)


def note_use(now: datetime) -> None:
    """Record use; what a page polls by itself does not count."""
    signed_in = current_session()
    if now - signed_in.last_used_at > sessions.TOUCH_INTERVAL and not _by_itself():
        sessions.touch(signed_in.session_id, now=now)


def lasts() -> timedelta:
    """Return the maximum age of a session."""
    return timedelta(hours=settings().session_hours)


def start_session(key: str, staff: Staff) -> None:
    """Set the session's new key and the device cookie."""
    keep_key(key)
    remember(staff)


def keep_key(key: str) -> None:
    """Set the session's key; earlier forms become invalid."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    session[_KEY] = key


def needs_second_step(staff: Staff) -> bool:
    return must_have_second_step(staff) or enrolled_factors(db.session(), staff.id).ready


def must_have_second_step(staff: Staff) -> bool:
    return is_required(settings().second_factor, [role.name for role in staff.roles])


def drop() -> None:
    """End the session of this browser and clear its cookie; without a database, only the cookie, so
    that signing out always works.
    """
    key = session.get(_KEY)
    session.clear()
    if not key:
        return
    with suppress(SQLAlchemyError):
        now = clock.now()
        signed_in = queries.find_signed_in(key, now=now, idle=idle())
        if signed_in:
            sessions.end(signed_in.session_id, signed_in.id, actor=f"staff:{signed_in.id}", now=now)


def _by_itself() -> bool:
    return request.method == "GET" and bool(request.headers.get("HX-Request"))


def _who_is_signed_in(_user_id: str) -> SignedInStaff | None:
    view = current_app.view_functions.get(request.endpoint or "")
    signed_in = load_session(session, getattr(view, "asks_who", queries.find_signed_in))
    if signed_in is not None:
        g.signed_in = signed_in
    return signed_in


def _begin(_app: Flask, user: UserMixin, **_told: Any) -> None:
    staff = db.session.get_one(Staff, user.id)
    halfway = needs_second_step(staff)
    key = sessions.start(
        staff.id,
        browser=browser_words(request.user_agent.string),
        needs_second_factor=halfway,
        max_age=lasts(),
        now=clock.now(),
    )
    if halfway:
        keep_key(key)
    else:
        start_session(key, staff)


def _end(_app: Flask, **_told: Any) -> None:
    signed_in: SignedInStaff | None = g.pop("signed_in", None)
    session.pop(_KEY, None)
    if signed_in is not None:
        sessions.end(
            signed_in.session_id, signed_in.id, actor=f"staff:{signed_in.id}", now=clock.now()
        )
