"""What visitors get when three times as many come as can be served: `python -m bench.overload`."""

from __future__ import annotations

import argparse
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from statistics import median
from urllib.parse import urlsplit

from bench import load
from bench.cores import cores, keep_to_core
from bench.pages import BROWSER, gunicorn, opened
from bench.plan import Plan, say
from bench.table import Row

_GOOD_SECONDS = 2.0
"""How long a visitor waits; then they leave."""
_TIMES = 3
_STEP, _ALMOST_ALL = 1.25, 0.95


def three_times_the_knee(plan: Plan) -> Sequence[Row]:
    """Good answers at three times the load with the most, beside those at that load."""
    with opened() as (settings, _app), gunicorn(settings):
        url = f"{settings.public_url}/"
        load.rate(url, plan.seconds, BROWSER)  # What it needs is loaded then.
        ratios = []
        for _ in range(plan.rounds):
            knee, most = _knee(url, plan.seconds)
            overloaded = good_rate(url, _TIMES * knee, plan.seconds)
            say(f"{most:,.0f}/s good of {knee:,.0f}/s, {overloaded:,.0f}/s of three times")
            ratios.append((overloaded, most))
    ours, theirs = (median(each) for each in zip(*ratios, strict=True))
    words = "good answers (in 2 s) at three times the knee, beside those at the knee"
    return [Row(words, ours, theirs, "/s", at_least=0.9)]


def _knee(url: str, seconds: float) -> tuple[float, float]:
    """Return the load with the most good answers a second, and how many these are.

    It is raised until not almost all answers are good: what a few connections get one after the
    other is less than what the service can do.
    """
    offered, good = load.rate(url, seconds, BROWSER), dict[float, float]()
    while not good or good[offered] >= _ALMOST_ALL * offered:
        offered *= _STEP
        good[offered] = good_rate(url, offered, seconds)
    knee = max(good, key=lambda rate: good[rate])
    return knee, good[knee]


def good_rate(url: str, rate: float, seconds: float) -> float:
    """Good answers a second to so many requests a second, as another process counts them."""
    command = [sys.executable, "-m", "bench.overload", url, str(rate), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    say(done.stdout.strip())
    return float(done.stdout.split()[0])


class _Visit:
    """A request that is sent when it is due, whatever became of those before."""

    def __init__(self, due: float, connection: socket.socket) -> None:
        self.due = due
        self.connection = connection
        self.came = b""


class Visitors:
    """Visitors that come at an even rate, over connections that stay open, as a proxy's do.

    Args:
        request: what each sends.
    """

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self._address, self._request = address, request
        self._waiting = selectors.DefaultSelector()
        self._under_way: deque[_Visit] = deque()
        self._idle: list[socket.socket] = []
        self.answers: dict[bytes, int] = {}
        self.good = 0

    def come(self, rate: float, seconds: float) -> None:
        """Send so many requests a second for so long, and count the answers."""
        began, count = time.perf_counter(), 0
        ends_at = began + seconds
        while (now := time.perf_counter()) < ends_at + _GOOD_SECONDS:
            while now < ends_at and began + count / rate <= now:
                self._send(began + count / rate)
                count += 1
            self._leave(now)
            for key, _ in self._waiting.select(timeout=0.001):
                self._read(key.data)

    def _send(self, due: float) -> None:
        connection = self._idle.pop() if self._idle else socket.socket()
        visit = _Visit(due, connection)
        try:
            if connection.getblocking():
                connection.settimeout(_GOOD_SECONDS)
                connection.connect(self._address)
                connection.setblocking(False)
            connection.send(self._request)
        except OSError:
            connection.close()
            return
        self._waiting.register(connection, selectors.EVENT_READ, visit)
        self._under_way.append(visit)

    def _read(self, visit: _Visit) -> None:
        more = b""
        with suppress(OSError):
            more = visit.connection.recv(1 << 18)
        visit.came += more
        status, is_whole = load.read(visit.came)
        if more and not is_whole:
            return
        status = status if is_whole else b""
        self._waiting.unregister(visit.connection)
        self.answers[status] = self.answers.get(status, 0) + 1
        self.good += status == b"200" and time.perf_counter() - visit.due <= _GOOD_SECONDS
        is_kept = more and b"\r\nConnection: close" not in visit.came
        self._idle.append(visit.connection) if is_kept else visit.connection.close()
        visit.came = b""
        visit.due = 0

    def _leave(self, now: float) -> None:
        while self._under_way and self._under_way[0].due < now - _GOOD_SECONDS:
            visit = self._under_way.popleft()
            if visit.due:
                self._waiting.unregister(visit.connection)
                visit.connection.close()
                self.answers[b"left"] = self.answers.get(b"left", 0) + 1


def main() -> None:
    """Print the rate of good answers, and how many there were of each kind."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("rate", type=float)
    parser.add_argument("seconds", type=float)
    asked = parser.parse_args()
    keep_to_core(cores() - 1)
    url = urlsplit(asked.url)
    lines = [f"GET {url.path} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in BROWSER.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    visitors = Visitors((url.hostname or "", url.port or 80), request)
    visitors.come(asked.rate, asked.seconds)
    kinds = {status.decode(): count for status, count in visitors.answers.items()}
    print(f"{visitors.good / asked.seconds:.1f} of {asked.rate:.0f}: {kinds}")


if __name__ == "__main__":
    main()
