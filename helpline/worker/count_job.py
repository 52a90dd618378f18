"""Job that counts days for the reports."""

from __future__ import annotations

from helpline import clock
from helpline.db import read_snapshot
from helpline.reports import daily_counts
from helpline.reports import service as reports_service


def count_day() -> bool:
    """Count one day, in one worker at a time.

    It is read outside the transaction that stores it, so that nobody waits for it.
    """
    task = reports_service.reserve_day(now=clock.now())
    if task is None:
        return False
    now = clock.now()
    with read_snapshot() as session:
        counts = daily_counts.count(session, task.day, task.zone, now)
    reports_service.store_counts(task, counts, now=now)
    return True
