"""Every write of the service to SQLite is in a transaction that was begun to write.

One that was begun to read is refused the moment it wants to write while another process writes, or
has written since. That is seen only where processes meet; here it is seen at once.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from config import ROOT

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_SERVICE, _TESTS = f"{ROOT}/helpline/", f"{ROOT}/tests/"


@cache
def install() -> None:
    """Let such a write fail, from now on."""
    event.listen(sa.Engine, "before_cursor_execute", _need_write_transaction)


def _need_write_transaction(
    connection: sa.Connection, _cursor: Any, statement: str, *_rest: Any
) -> None:
    if (
        connection.dialect.name == "sqlite"
        and statement.lstrip().upper().startswith(_WRITES)
        and not connection.get_execution_options().get("writes")
        and _asked_by_the_service()
    ):
        raise AssertionError(f"written in a transaction that was begun to read: {statement}")


def _asked_by_the_service() -> bool:
    """Whether the service's own code asks for it, and not a test or what a test prepares."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_SERVICE):
            return True
        if file.startswith(_TESTS) and file != __file__:
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False
