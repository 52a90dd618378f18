"""Entries of a directory: which are shown, and which are due for verification."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Base
from helpline.directory.models import Entry

VERIFY_AFTER = timedelta(days=90)
"""After so long without verification an entry counts as outdated."""

_BOOKKEEPING = frozenset({"id", "position", "version", "last_checked"})

_Row = TypeVar("_Row", bound=Entry)


def active(session: Session, model: type[_Row]) -> Sequence[_Row]:
    return session.scalars(
        sa.select(model).where(model.retired_at.is_(None)).order_by(model.position, model.id)
    ).all()


def retired(session: Session, model: type[_Row]) -> Sequence[_Row]:
    return session.scalars(
        sa.select(model).where(model.retired_at.is_not(None)).order_by(model.retired_at.desc())
    ).all()


def needs_verification(entry: Entry, now: datetime) -> bool:
    return entry.last_checked is None or entry.last_checked <= now - VERIFY_AFTER


def audit_values(entry: Entry) -> dict[str, Any]:
    """Return what the audit log records of an entry."""
    assert isinstance(entry, Base)
    columns = (column.name for column in entry.__table__.columns if column.name not in _BOOKKEEPING)
    return {name: _json_value(getattr(entry, name)) for name in columns}


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
