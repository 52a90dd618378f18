"""The JSON API, version 1. Its OpenAPI description is generated from this code."""

from flask import Flask

from helpline.web.api import blueprint, callbacks, docs_page, panel

__all__ = ("blueprint", "callbacks", "install", "panel")


def install(app: Flask) -> None:
    """Register the API and its documentation."""
    app.register_blueprint(blueprint.api)
    app.register_blueprint(docs_page.about_api)
