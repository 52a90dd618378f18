"""Job that counts days for the reports."""

from __future__ import annotations

from helpline import clock
from helpline.db import read_snapshot
from helpline.reports import daily_counts
from helpline.reports import service as reports


def count_day() -> bool:
    """Count one day, in one worker at a time.

    It is read outside the transaction that stores it, so that nobody waits for it.
    """
    turn = reports.take_turn(now=clock.now())
    if turn is None:
        return False
    now = clock.now()
    with read_snapshot() as session:
        counts = daily_counts.count(session, turn.day, turn.zone, now)
    reports.write_down(turn, counts, now=now)
    return True
