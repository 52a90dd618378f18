"""The way out, and the page that explains it. Neither needs the database."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from helpline.web import sessions
from helpline.web.gate import ANYONE, audience
from helpline.web.here import safety
from helpline.web.page import visitor_page
from helpline.web.visitor.blueprint import visitor


@visitor.get("/exit")
@audience(ANYONE)
def leave() -> ResponseReturnValue:
    """Away from here, to a neutral site, with nothing of ours left behind.

    Only for somebody who really goes there: a picture on another site whose address is this one
    signs nobody out.
    """
    response = make_response(redirect(safety().neutral_site, 303))
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.headers.get("Sec-Fetch-Dest", "document") == "document":
        _forget(response)
    return response


def _forget(response: Response) -> None:
    """Our cookies expire one by one, and not by Clear-Site-Data: Chromium keeps a page in memory
    for the Back button, with all that was typed, unless one of the site's cookies has changed
    since. So one more is set, which says nothing and is gone within a second."""
    sessions.drop()
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    kept: dict[str, Any] = {
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
        "httponly": True,
        "samesite": "Lax",
    }
    for name in (current_app.config["SESSION_COOKIE_NAME"], "remember_token"):
        response.delete_cookie(name, **kept)
    response.set_cookie("left", "1", max_age=1, **kept)


@visitor.get("/exit-help")
@audience(ANYONE)
def about_exit() -> ResponseReturnValue:
    """What 'Exit this page' does, and what it cannot do."""
    return render_template("visitor/exit_help.html", **visitor_page())
