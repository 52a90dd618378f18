"""How far the database is migrated, read without Alembic, which takes long to import."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

FOLDER = next(
    folder
    for folder in (Path(__file__).with_name("migrations"), Path(__file__).parents[1] / "migrations")
    if folder.is_dir()
)
"""Beside the package, or inside of it in a wheel."""


def revisions() -> list[str]:
    """Return the numbers of the migrations, from first to last: each file begins with its own."""
    return sorted(file.name.partition("_")[0] for file in FOLDER.glob("versions/[0-9]*_*.py"))


def current_revision(connection: sa.Connection) -> str | None:
    """Return the number of the migration that the database is at; None before the first."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def is_newest(connection: sa.Connection) -> bool:
    """Return whether the database is at this code's newest migration."""
    return current_revision(connection) == revisions()[-1]


def is_newest_or_later(connection: sa.Connection) -> bool:
    """Return whether the database is at this code's newest migration or past it: a deployment
    migrates first, and the previous release still serves then.
    """
    current, known = current_revision(connection), revisions()
    return current is not None and (current not in known or current == known[-1])
