"""The application as it is while all places at the database are taken."""

from __future__ import annotations

from threading import Semaphore

from flask import Flask

from app import create_app as create_service
from helpline.web import db_bulkhead


def create_app() -> Flask:
    """The application, which refuses whatever needs the database."""
    app = create_service()
    db_bulkhead.PLACES.install(app, Semaphore(0))
    return app
