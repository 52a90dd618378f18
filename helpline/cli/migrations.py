"""Migrate the database with Alembic, which takes long to import and is seldom needed."""

from __future__ import annotations

from typing import Any, cast

import click
from flask import Flask, current_app

from helpline.db import db
from helpline.migration import FOLDER, is_newest


class _Migrations(click.Command):
    """Flask-Migrate's group of commands, imported when it is run."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        from flask_migrate.cli import db as group  # noqa: PLC0415 slow

        _install(current_app._get_current_object())  # type: ignore[attr-defined]
        return cast(click.Group, group).make_context(*args, **extra)


command = _Migrations("db", help="Perform database migrations.")
"""``flask db``."""


def _install(app: Flask) -> None:
    from flask_migrate import Migrate  # noqa: PLC0415 slow

    Migrate(app, db, directory=str(FOLDER))


def upgrade() -> None:
    """Upgrade the database, unless it is at the newest migration."""
    with db.engine.connect() as connection:
        if is_newest(connection):
            return
    from flask_migrate import upgrade as run_migrations  # noqa: PLC0415 slow

    _install(current_app._get_current_object())  # type: ignore[attr-defined]
    run_migrations()
