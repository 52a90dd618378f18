"""Asks for one page again and again over a few connections that stay open: `python -m bench.load`.

It is a process of its own, and prints how many answers it got in a second.
"""

from __future__ import annotations

import argparse
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def read(came: bytes) -> tuple[bytes, bool]:
    """Return the status of an answer, empty before it is there, and whether the answer is whole."""
    head, gap, body = came.partition(b"\r\n\r\n")
    if not gap:
        return b"", False
    status, length = head[9:12], _LENGTH.search(head)
    return status, status == b"304" or (length is not None and len(body) >= int(length[1]))


class _Line:
    """One connection, and the answer that is under way on it."""

    def __init__(self, host: str, port: int, request: bytes, good: tuple[bytes, ...]) -> None:
        self.socket = socket.create_connection((host, port))
        self._request, self._good, self._came = request, good, b""
        self.ask()

    def ask(self) -> None:
        self._came = b""
        self.socket.sendall(self._request)

    def read(self) -> bool:
        """Takes what came; says whether the answer is whole."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise RuntimeError("the server hung up")
        self._came += more
        status, is_whole = read(self._came)
        if status and status not in self._good:
            raise RuntimeError(f"it answered {self._came[:200]!r}")
        return is_whole


def answers(
    url: str,
    headers: Mapping[str, str],
    connections: int,
    until_done: float | int,
    good: tuple[int, ...] = (200, 304),
) -> int:
    """How many answers came: for so many seconds (a float), or until so many are there (an int).

    Args:
        good: what may be answered.
    """
    told = urlsplit(url)
    lines = [
        f"GET {told.path}?{told.query} HTTP/1.1" if told.query else f"GET {told.path} HTTP/1.1"
    ]
    lines += [f"Host: {told.netloc}", *(f"{name}: {value}" for name, value in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    waiting = selectors.DefaultSelector()
    status = tuple(b"%d" % each for each in good)
    for _ in range(connections):
        line = _Line(told.hostname or "", told.port or 80, request, status)
        waiting.register(line.socket, selectors.EVENT_READ, line)
    count, ends_at = 0, time.perf_counter() + float(until_done)
    while count < until_done if isinstance(until_done, int) else time.perf_counter() < ends_at:
        for key, _ in waiting.select(timeout=10):
            if key.data.read():
                count += 1
                key.data.ask()
    return count


def rate(
    url: str, seconds: float, headers: Mapping[str, str] | None = None, *, status: int = 200
) -> float:
    """Answers a second with this status, as another process counts them."""
    told = ["--status", str(status)]
    told += [part for name, value in (headers or {}).items() for part in ("--header", name, value)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", url, str(float(seconds)), *told],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)


def main() -> None:
    """Prints the rate."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--header", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--status", type=int, default=200)
    asked = parser.parse_args()
    began = time.perf_counter()
    count = answers(
        asked.url, dict(asked.header), asked.connections, asked.seconds, (asked.status,)
    )
    print(count / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
