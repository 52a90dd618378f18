"""Jobs that must not find anything to do where the one read of a worker finds nothing due.

For tests in which nothing happens between that read and the job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from unittest import mock

import sqlalchemy as sa
from sqlalchemy import event

from helpline import clock
from helpline.worker import runner
from helpline.worker.due import CONDITIONS, DueWork
from helpline.worker.schedule import Job

_READS = ("SELECT", "BEGIN", "PRAGMA")


class DueNow:
    """The kinds of jobs that are due, read again after each write and at each other time."""

    def __init__(self) -> None:
        self._work = DueWork(CONDITIONS)
        self._read_at: tuple[int, datetime] | None = None
        self._due: list[str] = []

    def kinds(self) -> list[str]:
        """Return the kinds that may have something to do now."""
        at = (_writes()["writes"], clock.now())
        if at != self._read_at:
            self._due, self._read_at = self._work.find(), at
        return self._due

    @contextmanager
    def checked_jobs(self) -> Iterator[None]:
        """Jobs that are built meanwhile fail where they do something that was not due."""
        with mock.patch.object(runner, "only_if_due", self._checked):
            yield

    def _checked(self, kind: str, job: Job) -> Job:
        def run() -> bool:
            is_due = kind in self.kinds()
            has_worked = job()
            assert is_due or not has_worked, f"{kind} had something to do that was not due"
            return has_worked

        return run


@cache
def _writes() -> Counter[str]:
    """Every statement from now on that may have written, whose ever it was."""
    found: Counter[str] = Counter()

    @event.listens_for(sa.Engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(_READS):
            found["writes"] += 1

    return found
