"""The processes that gunicorn starts: each with a core of its own where there is one for each."""

from __future__ import annotations

import os
import runpy
from types import SimpleNamespace

import pytest

from config import ROOT


@pytest.mark.parametrize(
    ("cores", "workers", "kept_to"),
    [
        ({0, 1}, 2, [{0}, {1}]),
        ({3, 5}, 3, [{3}, {5}, {3}]),
        ({0, 1, 2}, 2, [None, None]),
    ],
)
def test_each_keeps_to_the_core_that_the_fewest_have(
    monkeypatch: pytest.MonkeyPatch,
    cores: set[int],
    workers: int,
    kept_to: list[set[int] | None],
) -> None:
    chosen: list[set[int]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: cores, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _me, own: chosen.append(own), raising=False)
    config = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    server = SimpleNamespace(num_workers=workers, WORKERS={})
    for number in range(workers):
        worker = SimpleNamespace()
        config["pre_fork"](server, worker)
        server.WORKERS[number] = worker
        config["post_fork"](server, worker)
    assert chosen == [each for each in kept_to if each]
    if chosen:  # One died; the one in its place has its core.
        gone = server.WORKERS.pop(0)
        fresh = SimpleNamespace()
        config["pre_fork"](server, fresh)
        assert fresh.core == gone.core
