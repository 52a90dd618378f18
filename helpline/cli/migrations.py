"""Migrate the database with Alembic, which takes long to import and is seldom needed."""

from __future__ import annotations

from flask import Flask, current_app

from helpline.db import db
from helpline.migration import FOLDER, is_newest


def install(app: Flask) -> None:
    """Let ``flask db`` and ``upgrade`` find the migrations."""
    from flask_migrate import Migrate  # noqa: PLC0415 slow

    Migrate(app, db, directory=str(FOLDER))


def upgrade() -> None:
    """Upgrade the database, unless it is at the newest migration."""
    with db.engine.connect() as connection:
        if is_newest(connection):
            return
    from flask_migrate import upgrade as run_migrations  # noqa: PLC0415 slow

    install(current_app._get_current_object())  # type: ignore[attr-defined]
    run_migrations()
