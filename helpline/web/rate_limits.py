"""Rate limits by address, number, region and in total; beyond them 429.

Crisis numbers are never limited, nor is a right link: only what could flood the service or guess
links. Keys are keyed hashes. Where the shared storage is unreachable this process counts by itself.

Nothing that a stranger can see depends on the number they typed: it would reveal whether someone
else used it. How often one number is called is limited in the database (callbacks/phone_limits),
with the same page for everybody. See docs/decisions/0021-shared-limits-slow-only-the-busy and
0028-libraries-not-taken.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from werkzeug.exceptions import TooManyRequests

from helpline.callbacks.networks import Origin
from helpline.current import settings
from helpline.domain.login_backoff import GUESSER, WIDE_GUESSER, Backoff
from helpline.domain.phone_numbers import PhoneNumber
from helpline.privacy.encryption import keyed_hash, phone_hash
from helpline.web import metrics
from helpline.web.remote_address import networks_of

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_EXTENSION = "helpline-limits"
_ANSWERS_WITHIN_SECONDS = 0.5
_PATIENCE: Any = {
    "socket_timeout": _ANSWERS_WITHIN_SECONDS,
    "socket_connect_timeout": _ANSWERS_WITHIN_SECONDS,
}
_LOOK_AGAIN_SECONDS = 30.0
_EVERYBODY = "everybody"
_NEVER_HELD_UP = "3/hour"
"""Requests of one address or phone that pass however many others send."""
_WIDER = (1, 2, 4)
"""Multiples of a limit for an IPv6 /64, /56 and /48. A home has a /64, a customer of a provider a
/56 or /48; some mobile networks have many phones in a /48.
"""


@dataclass(frozen=True, slots=True)
class Count:
    """A limit that a request counts towards.

    Args:
        what: which requests are counted together.
        most: such as "10/minute".
        who: whose they are; a keyed hash where it concerns a person.
        times: multiple of the limit that is allowed.
    """

    what: str
    most: str
    who: str
    times: int = 1


class Limits:
    """The counters of an application.

    Args:
        shared: their storage.
    """

    def __init__(self, shared: RateLimiter) -> None:
        self.on = True
        self._shared = shared
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._down_until = 0.0

    def seconds_to_wait(self, limit: RateLimitItem, *who: str) -> int | None:
        """Count a request; None within the limit, else how long to wait."""
        if not self.on:
            return None
        if time.monotonic() >= self._down_until:
            try:
                wait = _counted(self._shared, limit, *who)
            # Whatever the storage raises, the request goes on: its client has errors of its own.
            except Exception as error:
                self._record_storage(problem=type(error).__name__)
            else:
                self._record_storage(problem=None)
                return wait
        return _counted(self._own, limit, *who)

    def _record_storage(self, *, problem: str | None) -> None:
        if problem is not None:
            self._down_until = time.monotonic() + _LOOK_AGAIN_SECONDS
            metrics.record_limit_storage(False)
            log.error("rate limit storage is unavailable", problem=problem)
        elif self._down_until:
            self._down_until = 0.0
            metrics.record_limit_storage(True)


def _counted(limiter: RateLimiter, limit: RateLimitItem, *who: str) -> int | None:
    if limiter.hit(limit, *who):
        return None
    reset, _left = limiter.get_window_stats(limit, *who)
    return max(1, math.ceil(reset - time.time()))


def install(app: Flask, *, storage: str) -> None:
    """Set the counters up.

    Args:
        storage: the URL of a Redis shared by several machines; empty for this process's memory.
    """
    shared = storage_from_string(storage, **_PATIENCE) if storage else MemoryStorage()
    metrics.record_limit_storage(True)
    app.extensions[_EXTENSION] = Limits(MovingWindowRateLimiter(shared))


def limits_of(app: Flask) -> Limits:
    limits: Limits = app.extensions[_EXTENSION]
    return limits


def networks() -> tuple[str, ...]:
    """Return keyed hashes of the request's networks, the narrowest first."""
    return tuple(keyed_hash("address", network) for network in networks_of(request.remote_addr))


def guessers() -> dict[str, Backoff]:
    """Return the networks of a request that may guess references, and how often they may."""
    wide = (GUESSER, GUESSER, WIDE_GUESSER)
    return dict(zip(networks(), wide, strict=False))


def origin() -> Origin:
    """Return the network of this request with its booking limits."""
    rules = settings()
    return Origin(
        networks=tuple(
            keyed_hash("network", network) for network in networks_of(request.remote_addr)
        ),
        most_an_hour=rules.most_bookings_an_hour,
        kept_percent=rules.slots_kept_percent,
    )


def wait_to_ask(number: PhoneNumber) -> int | None:
    """Count a new callback request from an address; None if it may pass, else seconds to wait."""
    address_counts = of_address("ask", settings().limit_asks_of_address)
    return _wait_to_ask(address_counts, number)


def wait_of_phone(number: PhoneNumber) -> int | None:
    """Count a request by text message, from the sender's own phone, likewise."""
    phone_count = Count("phone", settings().limit_asks_of_number, phone_hash(number.e164))
    return _wait_to_ask((phone_count,), number)


def _wait_to_ask(own_counts: tuple[Count, ...], number: PhoneNumber) -> int | None:
    """A shared limit must not shut everybody out: whoever sent few requests within the hour is
    never delayed by what others send.
    """
    wait = seconds_to_wait(own_counts)
    if wait is not None:
        return wait
    is_quiet = seconds_to_wait((Count("quiet", _NEVER_HELD_UP, own_counts[0].who),)) is None
    shared = (
        Count("ask-region", settings().limit_asks_of_region, number.region),
        Count("ask-all", settings().limit_asks_of_all, _EVERYBODY),
    )
    wait = seconds_to_wait(shared)
    return None if is_quiet else wait


def wrong_link() -> tuple[Count, ...]:
    """Return the limits for a link or token that opens nothing."""
    return of_address("wrong-link", settings().limit_wrong_links_of_address)


def look_up(staff_id: int) -> Count:
    """Return the limit of requests that a member of staff looks up for callers."""
    return Count("look-up", settings().limit_look_ups_of_account, str(staff_id))


def of_address(what: str, most: str) -> tuple[Count, ...]:
    """Return the limits of one address, and of the wider IPv6 networks it belongs to.

    Args:
        what: which requests are counted together, such as "api-read".
        most: such as "10/minute"; a wider network may send more.
    """
    return tuple(
        Count(what, most, who, times) for times, who in zip(_WIDER, networks(), strict=False)
    )


def replay() -> tuple[Count, ...]:
    """Return the limits of a repeated request: none that others share."""
    return of_address("replay", settings().limit_changes_of_address)


def seconds_to_wait(counts: Iterable[Count]) -> int | None:
    """Count a request; None if it may pass, else seconds to wait."""
    limits = limits_of(current_app)
    for counter in counts:
        limit = parse(counter.most)
        if counter.times > 1:
            limit = type(limit)(limit.amount * counter.times, limit.multiples)
        wait = limits.seconds_to_wait(limit, counter.what, counter.who)
        if wait is not None:
            return wait
    return None


def require_within_limits(counts: Iterable[Count]) -> None:
    """Count a request.

    Raises:
        TooManyRequests: it is over a limit; with Retry-After.
    """
    require_no_wait(seconds_to_wait(counts))


def require_no_wait(wait: int | None) -> None:
    """Check the result of a count.

    Raises:
        TooManyRequests: there is a wait; with Retry-After.
    """
    if wait is not None:
        raise TooManyRequests(retry_after=wait)
