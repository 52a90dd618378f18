"""Rows of a statement; goes as its callers are moved to ``session.execute``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from helpline.db import db


def fetch_rows(session: Session | None, statement: Any, params: Mapping[str, Any]) -> Sequence[Any]:
    result = (session or db.session()).execute(statement, dict(params))
    return result.all() if getattr(result, "returns_rows", True) else ()


def fetch_first(session: Session | None, statement: Any, params: Mapping[str, Any]) -> Any:
    rows = fetch_rows(session, statement, params)
    return rows[0] if rows else None


def fetch_value(session: Session | None, statement: Any, params: Mapping[str, Any]) -> Any:
    row = fetch_first(session, statement, params)
    return row[0] if row is not None else None
