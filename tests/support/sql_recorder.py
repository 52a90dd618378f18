"""What is said to the database, by SQLAlchemy or straight to its driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine

Said = tuple[str, Mapping[str, Any]]


@contextmanager
def listening(engine: Engine) -> Iterator[list[Said]]:
    """The statements that are said meanwhile, each with what it is told."""
    said: list[Said] = []
    if engine.dialect.name == "postgresql":
        execute = psycopg.Cursor.execute

        def noted(cursor: Any, query: Any, told: Any = None, **how: Any) -> Any:
            said.append((query, told))
            return execute(cursor, query, told, **how)

        with mock.patch.object(psycopg.Cursor, "execute", noted):
            yield said
        return

    def note(*told: Any) -> None:
        said.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
