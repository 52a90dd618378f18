"""Processor time of each part of a run, where the system reports it (Linux)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_PROCESSES = Path("/proc")


def seconds_of(first: Sequence[int]) -> float:
    """The seconds of processor that these processes and all below them have taken so far."""
    told = _told()
    below: dict[int, list[int]] = {}
    for process, (parent, _) in told.items():
        below.setdefault(parent, []).append(process)
    seconds, left = 0.0, list(first)
    while left:
        process = left.pop()
        seconds += told[process][1] if process in told else 0.0
        left += below.get(process, [])
    return seconds


def _told() -> Mapping[int, tuple[int, float]]:
    """Every process: the one that started it, and its seconds with those of the ended below it."""
    a_second = os.sysconf("SC_CLK_TCK")
    found = {}
    for each in _PROCESSES.glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:  # It has ended meanwhile.
            continue
        found[int(each.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / a_second
    return found
