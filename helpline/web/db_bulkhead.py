"""A limit on concurrent requests that use the database, below the number of threads.

A slow or dead database blocks whoever asks it. If all threads could wait for it, the crisis page
would wait too. So some threads are kept free: a request beyond the limit gets a 503 with the crisis
numbers at once. See docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask, g, has_app_context, has_request_context, request
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from helpline.app_state import AppState
from helpline.db import AUTOCOMMIT

PLACES = AppState[threading.Semaphore]("database-requests")
_CHECK = AppState[Callable[[], None]]("database-checks")

ANSWERED_OTHERWISE = "helpline.nobody_waits"
"""Environ key of an event that is set once a request was answered otherwise."""
THREADS = 64
"""Of a web process, as in deploy/gunicorn.conf.py."""
ALWAYS_FREE = 8
"""Threads kept for what needs no database."""
CONNECTIONS = 8
"""Connections to the database, of any process."""
RETRY_AFTER_SECONDS = 10
"""What a refused request is told in Retry-After."""
WAIT_SECONDS = 5
"""How long to wait for a free connection."""
CONNECT_SECONDS = 2
"""How long to wait for one host of the database."""

_GONE = {
    "connect_timeout": CONNECT_SECONDS,
    # A machine that vanished says nothing: these find out, within some ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
"""See "Parameter Key Words" in the chapter on libpq of PostgreSQL's manual."""


def install(app: Flask) -> None:
    """Give an application its limit."""
    PLACES.install(app, threading.Semaphore(THREADS - ALWAYS_FREE))
    _CHECK.install(app, _no_check)


class TooBusy(PoolTimeout):
    """A request was refused the database: nothing is wrong with it."""


def has_capacity(app: Flask) -> bool:
    """Return whether one more request may use the database."""
    places = PLACES.of(app)
    if not places.acquire(blocking=False):
        return False
    places.release()
    return True


class BulkheadPool(QueuePool):
    """Connection pool that applies the limit to requests."""

    def connect(self) -> PoolProxiedConnection:
        """Return a connection. Workers and commands are not limited.

        Raises:
            sqlalchemy.exc.TimeoutError: the limit is reached, or no connection became free.
        """
        if _is_for_a_request():
            _require_queue_room()
            if "place" not in g:
                if not PLACES.get().acquire(blocking=False):
                    raise TooBusy("too many requests are busy with the database")
                g.place = True
            _pass_check()
        return super().connect()


def count_as_request() -> None:
    """Treat this application context as a request, though Flask has none."""
    g.for_a_request = True


def _is_for_a_request() -> bool:
    return has_request_context() or (has_app_context() and "for_a_request" in g)


def check_first(app: Flask, check: Callable[[], None]) -> None:
    """Run a check before a request first uses the database.

    Args:
        check: raises ``sqlalchemy.exc.TimeoutError`` where requests must not use it.
    """
    _CHECK.install(app, check)


def without_check() -> None:
    """Let this request use the database without the check."""
    g.unchecked = True


def with_check() -> None:
    """Undo ``without_check``."""
    g.pop("unchecked", None)


def _pass_check() -> None:
    if "unchecked" not in g:
        _CHECK.get()()


def _no_check() -> None:
    """Where the keys are not checked."""


def _require_queue_room() -> None:
    late = request.environ.get(ANSWERED_OTHERWISE) if has_request_context() else None
    if late is not None and late.is_set():
        raise TooBusy("the answer took too long, and nobody waits for it any more")


def leave(_error: BaseException | None) -> None:
    """Count a request no longer: it has made its last use of the database."""
    if g.pop("place", False):
        PLACES.get().release()


def engine_options(url: str) -> dict[str, object]:
    """Return engine options with which nothing waits long for the database.

    Args:
        url: the database URL.
    """
    options: dict[str, object] = {
        "poolclass": BulkheadPool,
        "pool_pre_ping": True,
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
