"""Requests to the service: signed by the carrier, logged, and troubled by faults.

A status callback is sent once, or again where its carrier retries; what is answered to it does not
matter. Those of one call are sent one after the other; only a fault puts them out of order.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit, urlunsplit

from phonesim.carrier import Signer
from phonesim.clock import SimClock, rfc2822
from phonesim.connections import Connections
from phonesim.faults import Fault, Faults
from phonesim.scheduler import Scheduler, Workers
from phonesim.settings import Settings

LOG_LENGTH = 20_000


@dataclass(frozen=True)
class Webhook:
    """One request to be made to the service.

    Args:
        about: the identifier of its call or message.
        to: the number that was called or texted.
        status: the status of the call or message that it brings, if it is a status callback.
    """

    carrier: str
    kind: str
    about: str
    url: str
    method: str
    params: dict[str, str]
    to: str = ""
    status: str = ""

    @property
    def thing(self) -> str:
        """Its subject: a call or a message."""
        return "message" if self.kind == "message" else "call"


@dataclass(frozen=True)
class Answer:
    """What the service answered; `status` is 0 where nothing came."""

    status: int
    body: bytes = b""
    content_type: str = ""
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is something to read."""
        return 200 <= self.status < 300

    @property
    def failure(self) -> str:
        """Of which kind, as `carrier.Retries` names them."""
        if self.status == 0:
            return "rt" if self.problem == "TimeoutError" else "ct"
        return f"{self.status // 100}xx"


@dataclass
class Delivery:
    """A line in the log of webhooks."""

    webhook: Webhook
    at: str
    fault: str = ""
    response: int | None = None
    problem: str = ""
    milliseconds: int | None = None

    def public(self, carrier: Signer) -> dict[str, Any]:
        """The line as JSON: names of parameters, values of statuses, never a phone number."""
        params = self.webhook.params
        return {
            "at": self.at,
            "kind": self.webhook.kind,
            "about": self.webhook.about,
            "method": self.webhook.method,
            "path": urlsplit(self.webhook.url).path,
            "params": sorted(params),
            **carrier.log_of(params),
            "fault": self.fault,
            "response": self.response,
            "problem": self.problem,
            "milliseconds": self.milliseconds,
        }


@dataclass
class _Line:
    """The callbacks of one call that wait for their turn."""

    waiting: deque[Delivery] = field(default_factory=deque)
    busy: bool = False
    held: Delivery | None = None


class Courier:
    """Carries webhooks to the service."""

    def __init__(
        self,
        settings: Settings,
        clock: SimClock,
        scheduler: Scheduler,
        workers: Workers,
        faults: Faults,
        carriers: Mapping[str, Signer],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._scheduler = scheduler
        self._workers = workers
        self._faults = faults
        self._carriers = carriers
        self._connections = Connections(settings.webhook_timeout_seconds)
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    def fetch(self, webhook: Webhook, then: Callable[[Answer], None]) -> None:
        """Ask for instructions; `then` gets the answer, on another thread."""
        fault = self._faults.at_instructions(webhook.to)

        def ask() -> None:
            answer = self._ask(webhook)
            if fault is not None:
                second = self._ask(webhook, fault.kind)
                answer = second if fault.use == 2 else answer
            then(answer)

        self._workers.submit(ask)

    def _ask(self, webhook: Webhook, fault: str = "") -> Answer:
        """Ask, again and again where the carrier does so after such a failure."""
        answer = self._send(self._logged(webhook, fault))
        retries = self._carriers[webhook.carrier].retries(webhook.url, webhook.kind)
        for pause in retries.pauses:
            if answer.ok or answer.failure not in retries.failures:
                break
            time.sleep(self._clock.real(pause))
            answer = self._send(self._logged(webhook, fault))
        return answer

    def notify(self, webhook: Webhook) -> None:
        """Send a callback whose answer does not matter, in its turn."""
        met = self._faults.at_webhook(webhook.to, webhook.status, webhook.thing)
        faults = {fault.kind: fault for fault in met}
        delivery = self._logged(webhook, " ".join(faults))
        if "webhook_drop" in faults:
            delivery.problem = "dropped"
            return
        copies = [delivery]
        if "webhook_double" in faults:
            copies.append(self._logged(webhook, delivery.fault))
        if "webhook_delay" in faults:
            self._later(faults["webhook_delay"], copies)
        elif "webhook_shuffle" in faults:
            self._hold(copies)
        else:
            self._enqueue(webhook.about, copies)

    def log(self) -> list[dict[str, Any]]:
        """Every webhook, oldest first."""
        with self._lock:
            return [
                delivery.public(self._carriers[delivery.webhook.carrier]) for delivery in self._log
            ]

    def reset(self) -> None:
        """Forget the log and what still waits."""
        with self._lock:
            self._log.clear()
            for line in self._lines.values():
                line.waiting.clear()
            self._lines.clear()

    def _logged(self, webhook: Webhook, fault: str = "") -> Delivery:
        delivery = Delivery(webhook, rfc2822(self._clock.now()) or "", fault)
        with self._lock:
            self._log.append(delivery)
        return delivery

    def _later(self, fault: Fault, copies: list[Delivery]) -> None:
        def hand_over() -> None:
            for delivery in copies:
                self._workers.submit(partial(self._deliver, delivery))

        self._scheduler.after(fault.wait_seconds, hand_over)

    def _hold(self, copies: list[Delivery]) -> None:
        """Keep back until the next of the same call has gone, or half a minute."""
        about = copies[0].webhook.about
        with self._lock:
            line = self._lines.setdefault(about, _Line())
            earlier, line.held = line.held, copies[-1]
        rest = copies[:-1] + ([earlier] if earlier else [])
        if rest:
            self._enqueue(about, rest)
        self._scheduler.after(30, lambda: self._release(about, copies[-1]))

    def _release(self, about: str, delivery: Delivery) -> None:
        with self._lock:
            line = self._lines.get(about)
            if line is None or line.held is not delivery:
                return
            line.held = None
        self._enqueue(about, [delivery])

    def _enqueue(self, about: str, deliveries: list[Delivery]) -> None:
        with self._lock:
            line = self._lines.setdefault(about, _Line())
            line.waiting.extend(deliveries)
            if line.held is not None and line.held not in deliveries:
                line.waiting.append(line.held)
                line.held = None
            if line.busy:
                return
            line.busy = True
        self._workers.submit(lambda: self._drain(line))

    def _drain(self, line: _Line) -> None:
        while True:
            with self._lock:
                if not line.waiting:
                    line.busy = False
                    return
                delivery = line.waiting.popleft()
            self._deliver(delivery)

    def _deliver(self, delivery: Delivery, tries: int = 0) -> None:
        """Send a callback, and again later where its carrier does so after such a failure."""
        answer, webhook = self._send(delivery), delivery.webhook
        retries = self._carriers[webhook.carrier].retries(webhook.url, webhook.kind)
        if answer.ok or answer.failure not in retries.failures or tries == len(retries.pauses):
            return

        def again() -> None:
            copy = self._logged(webhook, delivery.fault)
            self._workers.submit(partial(self._deliver, copy, tries + 1))

        self._scheduler.after(retries.pauses[tries], again)

    def _send(self, delivery: Delivery) -> Answer:
        started = time.monotonic()
        try:
            answer = self._request(delivery)
        except (OSError, HTTPException) as problem:
            answer = Answer(0, problem=type(problem).__name__)
        delivery.response = answer.status
        delivery.problem = answer.problem
        delivery.milliseconds = round((time.monotonic() - started) * 1000)
        return answer

    def _request(self, delivery: Delivery) -> Answer:
        webhook = delivery.webhook
        carrier = self._carriers[webhook.carrier]
        url, form = webhook.url, webhook.params
        body = None
        url = urldefrag(url).url
        if webhook.method == "GET":
            url += ("&" if urlsplit(url).query else "?") + urlencode(form)
            form = {}
        else:
            body = urlencode(form)
        forged = "webhook_bad_signature" in delivery.fault
        target, headers = self._routed(url)
        headers |= carrier.headers(url, form, webhook.kind, forged=forged)
        headers["Accept"] = "*/*"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        seconds = carrier.retries(webhook.url, webhook.kind).read_seconds
        return Answer(*self._connections.request(webhook.method, target, body, headers, seconds))

    def _routed(self, url: str) -> tuple[str, dict[str, str]]:
        """Where a public address is reached from here, as if through a proxy that ends TLS."""
        for public, local in self._settings.routes.items():
            if url == public or url.startswith(public.rstrip("/") + "/"):
                asked = urlsplit(url)
                near = urlsplit(local)
                target = urlunsplit((near.scheme, near.netloc, asked.path, asked.query, ""))
                return target, {
                    "X-Forwarded-Proto": asked.scheme,
                    "X-Forwarded-Host": asked.netloc,
                    "X-Forwarded-For": "203.0.113.10",
                }
        return url, {}
