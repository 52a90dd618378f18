"""The JSON API for site builders, version 1. Its description is made from this code."""

from flask import Flask

from helpline.web.api import blueprint, callbacks, docs_page, panel, websites

__all__ = ("blueprint", "callbacks", "install", "panel")


def install(app: Flask) -> None:
    """Puts the API, and the pages about it, on the web."""
    blueprint.install(app)
    websites.install(app)
    app.register_blueprint(docs_page.about_api)
