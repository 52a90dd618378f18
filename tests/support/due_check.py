"""Jobs that must not find anything to do where the one read of a worker finds nothing due.

For tests in which nothing happens between that read and the job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from helpline.worker import runner
from helpline.worker.due import DueWork
from helpline.worker.schedule import Job


@contextmanager
def checked_jobs() -> Iterator[None]:
    """Jobs that are built meanwhile fail where they do something that was not due."""
    with mock.patch.object(runner, "only_if_due", _checked):
        yield


def _checked(kind: str, job: Job) -> Job:
    work = DueWork([kind])

    def run() -> bool:
        is_due = bool(work.find())
        has_worked = job()
        assert is_due or not has_worked, f"{kind} had something to do that was not due"
        return has_worked

    return run
