"""The processes that gunicorn starts: each with a core of its own where there is one for each."""

from __future__ import annotations

import os
import re
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


@pytest.mark.parametrize("proxy", ["nginx.conf", "Caddyfile"])
def test_a_proxy_lets_go_of_a_connection_long_before_gunicorn_does(proxy: str) -> None:
    """Gunicorn resets one that it closes just when a request comes; a form is not sent again."""
    kept = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))["keepalive"]
    site = (ROOT / "deploy" / proxy).read_text()
    if proxy == "nginx.conf":
        site = site[: site.index("}")]  # towards the application
    seconds = [int(each) for each in re.findall(r"keepalive(?:_timeout)? (\d+)s", site)]
    assert seconds
    assert max(seconds) <= kept / 4
