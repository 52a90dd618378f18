"""Processes that do on command what is measured, shared among the cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from bench.cores import cores, keep_to_core
from bench.database import opened

Action = Callable[..., object]
"""A function of a module; it gets the application and what is sent."""


@contextmanager
def processes(action: Action, url: str, folder: Path, count: int) -> Iterator[Sequence[Pipe]]:
    """Start processes with an application each, and end them in any case.

    Args:
        action: its arguments are sent to a process; what it returns is received.
        url: of the database.
    """
    spawn = multiprocessing.get_context("spawn")
    pipes = [spawn.Pipe() for _ in range(count)]
    started = [
        spawn.Process(target=_work, args=(theirs, action, url, folder, place), daemon=True)
        for place, (_, theirs) in enumerate(pipes)
    ]
    for process in started:
        process.start()
    try:
        for ours, _ in pipes:
            ours.recv()
        yield [ours for ours, _ in pipes]
    finally:
        for ours, _ in pipes:
            ours.send(None)
        for process in started:
            process.join()


def _work(pipe: Pipe, action: Action, url: str, folder: Path, place: int) -> None:
    keep_to_core(place % cores())
    with opened(url, folder) as app:
        pipe.send("ready")
        while (arguments := pipe.recv()) is not None:
            pipe.send(action(app, *arguments))
