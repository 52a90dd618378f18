"""The cores of the machine, and keeping a process to one, as ``deploy/gunicorn.conf.py`` does."""

from __future__ import annotations

import os


def cores() -> int:
    """How many this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_to_core(place: int, process: int = 0) -> None:
    """Keeps a process, and those it will start, to one core, where the system has that.

    Args:
        place: which of the cores it may use, from 0; there are as many places as cores.
        process: its id; 0: this one.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process, {sorted(os.sched_getaffinity(process))[place]})
