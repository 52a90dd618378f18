"""Things to do later, and things to do beside: one timer thread and a few worker threads.

Several hundred simulated calls share these; none has a thread of its own.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable

from phonesim.clock import SimClock

log = logging.getLogger(__name__)


class Timer:
    """Something to be done at a later moment, unless cancelled before."""

    __slots__ = ("action", "cancelled")

    def __init__(self, action: Callable[[], None]) -> None:
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        """Forget it; harmless when it has already happened."""
        self.cancelled = True


class Scheduler:
    """A heap of timers and the one thread that lets them happen."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._stopped = False
        threading.Thread(target=self._run, name="phonesim-timers", daemon=True).start()

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do `action` once `seconds` simulated seconds have passed."""
        timer = Timer(action)
        due = time.monotonic() + self._clock.real(seconds)
        with self._wake:
            heapq.heappush(self._heap, (due, next(self._order), timer))
            self._wake.notify()
        return timer

    def clear(self) -> None:
        """Forget everything that was to happen."""
        with self._wake:
            for _, _, timer in self._heap:
                timer.cancel()
            self._heap.clear()

    def stop(self) -> None:
        """End the thread; nothing happens any more."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    def _next_due(self) -> Timer | None:
        """Wait for the next timer; None once stopped."""
        with self._wake:
            while not self._stopped:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._wake.wait(wait)
            return None

    def _run(self) -> None:
        while (timer := self._next_due()) is not None:
            if timer.cancelled:
                continue
            try:
                timer.action()
            except Exception:
                log.exception("timer failed")


class Workers:
    """A pool of daemon threads for HTTP requests, grown as needed up to `limit`.

    Daemons, because a request that hangs must not hold up the end of the process.
    """

    def __init__(self, limit: int = 64) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._limit = limit
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, job: Callable[[], object]) -> None:
        """Do `job` on some thread, soon."""
        self._jobs.put(job)
        with self._lock:
            if self._idle == 0 and self._threads < self._limit:
                self._threads += 1
                threading.Thread(target=self._run, name="phonesim-http", daemon=True).start()

    def stop(self) -> None:
        """Let every thread end after what it is doing."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            job = self._jobs.get()
            with self._lock:
                self._idle -= 1
            if job is None:
                return
            try:
                job()
            except Exception:
                log.exception("job failed")
