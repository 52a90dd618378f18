"""Leave the website at once, what Back shows afterwards, and the page that explains both.

None of it needs the database. After an exit the browser holds the cookie ``left``, until it is
closed or the visitor sends a form again. While it does, a page reached by Back leaves again (by a
script), and the pages of a request show nothing of it (without one). See
docs/decisions/0024-exit-leaves-no-history.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from helpline.web import sessions
from helpline.web.access import ANYONE, allow
from helpline.web.request_context import safety
from helpline.web.visitor.blueprint import visitor
from helpline.web.visitor_context import EXIT_COOKIE, last_exit, visitor_page


@visitor.get("/exit")
@allow(ANYONE)
def leave() -> ResponseReturnValue:
    """Redirect to a neutral site and clear our cookies.

    Only for a navigation: an image on another site with this address must not sign anyone out.
    """
    response = make_response(redirect(safety().neutral_site, 303))
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.headers.get("Sec-Fetch-Dest", "document") == "document":
        _clear_cookies(response)
    return response


def _clear_cookies(response: Response) -> None:
    """Expire our cookies one by one instead of by Clear-Site-Data.

    Chromium keeps a page in memory for Back, with all that was typed, unless one of the site's
    HttpOnly cookies has changed since. So `left` has a new random value each time.
    """
    sessions.drop()
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    for name in (current_app.config["SESSION_COOKIE_NAME"], "remember_token"):
        response.delete_cookie(name, **_cookie_attributes())
    response.set_cookie(EXIT_COOKIE, secrets.token_hex(4), **_cookie_attributes())


def _cookie_attributes() -> dict[str, Any]:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"secure": secure, "httponly": True, "samesite": "Lax"}


@visitor.before_request
def _hide_request_after_exit() -> ResponseReturnValue | None:
    token = (request.view_args or {}).get("token")
    if token is None or request.method == "POST" or not last_exit():
        return None
    return render_template("visitor/closed.html", **visitor_page(), token=token)


@visitor.after_request
def _clear_exit_after_form(response: Response) -> Response:
    """Sending a form shows that the visitor is back on purpose."""
    if request.method == "POST" and last_exit():
        response.delete_cookie(EXIT_COOKIE, **_cookie_attributes())
    return response


@visitor.post("/request/<token>/open")
@allow(ANYONE)
def reopen(token: str) -> ResponseReturnValue:
    return redirect(url_for("visitor.status", token=token), 303)


@visitor.get("/exit-help")
@allow(ANYONE)
def about_exit() -> ResponseReturnValue:
    return render_template("visitor/exit_help.html", **visitor_page())
