"""Several people at the same instant: threads, each with a session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from flask import Flask

from helpline.db import db
from helpline.domain.errors import HelplineError


def at_once(app: Flask, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Carries all of them out at the same moment; gives what each came to, in order.

    One of our own errors is an answer like any other; anything else fails the test.
    """
    db.session.rollback()
    start = threading.Barrier(len(deeds))

    def one(deed: Callable[[], Any]) -> Any:
        with app.app_context():
            db.session.execute(sa.text("SELECT 1"))
            start.wait(timeout=20)
            try:
                return deed()
            except HelplineError as said:
                return said

    with ThreadPoolExecutor(len(deeds)) as threads:
        futures = [threads.submit(one, deed) for deed in deeds]
        found = [future.result(timeout=60) for future in futures]
    db.session.rollback()
    return found
