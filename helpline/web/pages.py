"""All pages of the application, and what runs around them."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from helpline import extensions
from helpline.current import services_of
from helpline.extensions import csrf
from helpline.web import (
    api,
    forwarded,
    key_check,
    language,
    middleware,
    page_cache,
    rate_limits,
    republish,
    template_names,
)
from helpline.web.admin import admin
from helpline.web.auth import auth_pages
from helpline.web.callers import callers
from helpline.web.carrier_webhooks import carrier_webhooks
from helpline.web.desk.outcome import desk_pages
from helpline.web.embed import embed
from helpline.web.health import health
from helpline.web.int_params import RowNumber
from helpline.web.invitations import invitations
from helpline.web.landing import landing
from helpline.web.supervisor import supervisor_pages
from helpline.web.visitor import visitor

BLUEPRINTS = (
    visitor,
    landing,
    auth_pages,
    invitations,
    desk_pages,
    callers,
    supervisor_pages,
    admin,
    carrier_webhooks,
    health,
    embed,
)
WITHOUT_FORM_TOKEN = (visitor, api.blueprint.api, carrier_webhooks)
"""A visitor's form is protected by the secret in its URL or form and by its origin (web/access): it
works without cookies. A webhook is protected by the carrier's signature."""


def prepare_to_serve(app: Flask) -> None:
    """Add the pages, and what keeps each serving process right about the keys and its files."""
    add_pages(app)
    key_check.install(app)
    republish.run_beside(app)


def add_pages(app: Flask) -> None:
    """Add all pages to an application, unless it has them."""
    if visitor.name in app.blueprints:
        return
    settings = services_of(app).settings
    if settings.environment == "development":
        # A missing value fails in development and tests; in production it renders as nothing.
        app.jinja_options = {**app.jinja_options, "undefined": StrictUndefined}
    app.url_map.converters["int"] = RowNumber
    rate_limits.install(app, storage=settings.rate_limit_storage)
    page_cache.install(app)
    forwarded.install(app)
    language.install(app)
    extensions.compress.init_app(app)
    _register_blueprints(app)
    middleware.install(app)
    template_names.install(app)


def _register_blueprints(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.install(app)
    app.add_url_rule("/robots.txt", endpoint="static", defaults={"filename": "robots.txt"})
    language.add_language_prefixes(app, visitor)
    for blueprint in WITHOUT_FORM_TOKEN:
        csrf.exempt(blueprint)
