"""What is said to the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

Said = tuple[str, Mapping[str, Any]]


@contextmanager
def listening(engine: Engine) -> Iterator[list[Said]]:
    """The statements that are said meanwhile, each with what it is told."""
    said: list[Said] = []

    def note(*told: Any) -> None:
        said.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
