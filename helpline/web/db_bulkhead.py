"""How many requests of a process may be busy with the database: always fewer than it has threads.

A database that is slow, or gone without a word, keeps whoever asks it waiting. If all threads of a
process could wait for it, the crisis page would wait with them. So the last threads are kept free:
a request that would take one of them for the database is told 503 at once, with the crisis numbers.
See docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

from flask import Flask, current_app, g, has_app_context, has_request_context, request
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from helpline.db import AUTOCOMMIT

_EXTENSION = "helpline-patience"
_CHECK = "helpline-patience-check"

NOBODY_WAITS = "helpline.nobody_waits"
"""In a request's environment: an event that is set once somebody else has answered for it."""
THREADS = 64
"""Of a web process; deploy/gunicorn.conf.py says the same."""
ALWAYS_FREE = 8
"""Of these, for what needs no database."""
CONNECTIONS = 8
"""To the database, of any process."""
WAIT_SECONDS = 5
"""How long a connection that comes free is waited for."""
CONNECT_SECONDS = 2
"""How long one host of the database may take to let us in."""

_GONE = {
    "connect_timeout": CONNECT_SECONDS,
    # A machine that vanished says nothing: these find out, within some ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
"""See "Parameter Key Words" in the chapter on libpq of PostgreSQL's manual."""


def install(app: Flask, *, most: int = THREADS - ALWAYS_FREE) -> None:
    """Gives the application its places. Before the database: a place comes free after the last
    word with it.

    Args:
        most: how many requests may be busy with the database at once.
    """
    app.extensions[_EXTENSION] = threading.Semaphore(most)
    app.teardown_appcontext(_leave)


class BulkheadPool(QueuePool):
    """Connections to the database, for those who have a place there."""

    def connect(self) -> PoolProxiedConnection:
        """A connection. Who is no request, such as a worker, needs no place.

        Raises:
            sqlalchemy.exc.TimeoutError: there is no place, or no connection came free.
        """
        if _is_for_a_request():
            _require_queue_room()
            if "place" not in g:
                if not _places().acquire(blocking=False):
                    raise PoolTimeout("too many requests are busy with the database")
                g.place = True
            _pass_check()
        return super().connect()


def as_request() -> None:
    """From here on what is done in this application context is done for a request, though Flask
    knows of none."""
    g.for_a_request = True


def _is_for_a_request() -> bool:
    return has_request_context() or (has_app_context() and "for_a_request" in g)


def check_first(app: Flask, check: Callable[[], None]) -> None:
    """Has requests check something before they first use the database.

    Args:
        check: raises ``sqlalchemy.exc.TimeoutError`` where requests must not use it.
    """
    app.extensions[_CHECK] = check


def without_check() -> None:
    """Lets this request use the database whatever the check says."""
    g.unchecked = True


def with_check() -> None:
    """Ends ``without_check``."""
    g.pop("unchecked", None)


def _pass_check() -> None:
    check = current_app.extensions.get(_CHECK)
    if check is not None and "unchecked" not in g:
        check()


def _require_queue_room() -> None:
    late = request.environ.get(NOBODY_WAITS) if has_request_context() else None
    if late is not None and late.is_set():
        raise PoolTimeout("the answer took too long, and nobody waits for it any more")


def _leave(_error: BaseException | None) -> None:
    if g.pop("place", False):
        _places().release()


def _places() -> threading.Semaphore:
    return cast(threading.Semaphore, current_app.extensions[_EXTENSION])


def engine_options(url: str) -> dict[str, object]:
    """What the database engine is told, so that nobody waits for it for long.

    Args:
        url: the address of the database.
    """
    options: dict[str, object] = {
        "poolclass": BulkheadPool,
        "pool_size": CONNECTIONS,
        "max_overflow": 0,
        "pool_timeout": WAIT_SECONDS,
    }
    if url.startswith("postgresql"):
        options |= {
            "connect_args": dict(_GONE),
            "isolation_level": AUTOCOMMIT,
            "skip_autocommit_rollback": True,  # There is nothing to roll back.
        }
    return options
