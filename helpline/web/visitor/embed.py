"""The panel as a page, for a frame on allowed websites that strip scripts."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from helpline import clock
from helpline.db import db
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.headers import content_security_policy
from helpline.web.page_cache import cached_response
from helpline.web.visitor.blueprint import visitor
from helpline.web.visitor.cache_key import cache_key
from helpline.web.visitor.home import HomeData, home_page, load_home_data
from helpline.web.visitor_context import cached_visitor_page, visitor_page
from helpline.websites import queries as website_queries

_ANY_SITE = "*"


@visitor.get("/embed")
@allow(ANYONE, ANY_SITE)
def embed() -> ResponseReturnValue:
    """Show the panel. Without a database, and so without the list of websites, any may show the
    crisis numbers.
    """
    try:
        websites = website_queries.in_force(db.session()).websites
        home_data = load_home_data(clock.now())
    except SQLAlchemyError:
        db.session.rollback()
        numbers = cached_visitor_page("embed", lambda: _render(None), code=503)
        return _framed(numbers, _ANY_SITE)
    page = cached_response(
        cache_key(home_data.page_data, home_data.now), lambda _placeholders: _render(home_data)
    )
    return _framed(page, " ".join(website.origin for website in websites))


def _render(home_data: HomeData | None) -> str:
    if home_data is None:
        page = visitor_page() | {"has_hours": False, "is_open": False}
    else:
        page = home_page(home_data).page | {"has_hours": True}
    return render_template("visitor/embed.html", **page)


def _framed(response: Response, ancestors: str) -> Response:
    response.headers["Content-Security-Policy"] = content_security_policy(ancestors or "'none'")
    return response
