"""Who takes part in a national day: visitors who ask and lose patience, advisors at their desks.

Visitors ask through the service's verb, and a share of them through the JSON API over HTTP;
those who ask at night do so before the run, each at their own instant. Advisors sit in processes
of their own and act through the verbs, as the desk does for them.
"""

from __future__ import annotations

import heapq
import multiprocessing
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import requests
import sqlalchemy as sa
from flask import Flask
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from bench.scenarios import national_plan
from bench.scenarios.national_plan import OPENS, Plan, Visitor
from bench.scenarios.people import (
    Desk,
    advisor_number,
    current_callbacks,
    failure,
    visitor_number,
)
from config import Settings
from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import SlotUnavailable
from helpline.callbacks.models import WAITING, Callback
from helpline.db import Instant, db
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.factory import create_app
from helpline.privacy.encryption import link_hash
from tests.journeys.live_services import Phones

LOOK_EVERY_SECONDS = 0.15
_ASK_THREADS = 4
_SHARES_OF_A_DESK = 3
_PHONES_AT_ONCE = 2000
_CANCEL_THREADS = 4
_KNOWN_LATE_SECONDS = 30
"""A due visitor is in the database after so many real seconds at the latest."""
_SEEN_TO = timedelta(minutes=5)
_WHO_BECAME_DUE = sa.select(Callback.id, Callback.due_at, Callback.token_hash).where(
    WAITING,
    Callback.due_at > sa.bindparam("since", type_=Instant),
    Callback.due_at <= sa.bindparam("now", type_=Instant),
)
_HOW_THEY_ARE = sa.select(Callback.id, Callback.due_at, Callback.status).where(
    Callback.id.in_(sa.bindparam("ids", expanding=True))
)
_ANSWERS = {"kind": "answer", "answer_after": 1, "press": ["1"], "press_after": 1}


def give_phones(phones: Phones, visitors: Sequence[Visitor], advisors: int) -> None:
    """Says what everybody's phone does by itself."""
    told = {visitor_number(each.number): {"sequence": list(each.phone)} for each in visitors}
    told |= {advisor_number(number): _ANSWERS for number in range(advisors)}
    numbers = list(told)
    for begin in range(0, len(numbers), _PHONES_AT_ONCE):
        some = numbers[begin : begin + _PHONES_AT_ONCE]
        phones.tell("PUT", "/phones", {number: told[number] for number in some})


@dataclass(frozen=True, order=True, slots=True)
class _Stay:
    """A waiting visitor, and until when they are willing to wait.

    Args:
        token: of their status link.
    """

    until: datetime
    callback_id: int
    due_at: datetime
    token: str


class Visitors:
    """Those who ask, and those who wait and lose patience, in threads of this process."""

    def __init__(self, app: Flask, plan: Plan, url: str, visitors: Sequence[Visitor]) -> None:
        self._app, self._plan, self._url = app, plan, url
        self._to_come = deque(visitors)
        self._stopped = threading.Event()
        self._sessions = threading.local()
        self.tokens: dict[str, tuple[str, bool]] = {}
        self.troubles: list[str] = []
        self._threads = [
            threading.Thread(target=self._guarded, args=(deed,), daemon=True)
            for deed in (self._ask_all_day, self._lose_patience)
        ]

    def ask_at_night(self) -> None:
        """All who ask before opening, each at their own instant of the night."""
        night = []
        while self._to_come and self._to_come[0].asks_at < OPENS:
            night.append(self._to_come.popleft())
        with ThreadPoolExecutor(_ASK_THREADS) as threads:
            list(threads.map(lambda each: self._ask(each, each.asks_at), night))

    def start(self) -> None:
        """Start at opening time."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Nobody does anything more."""
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=30)

    @property
    def still_to_ask(self) -> int:
        """How many have not asked yet."""
        return len(self._to_come)

    def _guarded(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except Exception as problem:
            self.troubles.append(failure(problem))

    def _ask_all_day(self) -> None:
        with ThreadPoolExecutor(_ASK_THREADS) as threads:
            while self._to_come and not self._stopped.wait(0.01):
                now = clock.now()
                while self._to_come and self._to_come[0].asks_at <= now:
                    threads.submit(self._guarded, self._asking(self._to_come.popleft()))

    def _asking(self, visitor: Visitor) -> Callable[[], None]:
        return lambda: self._ask(visitor, clock.now())

    def _ask(self, visitor: Visitor, now: datetime) -> None:
        if visitor.by_http and visitor.slot_at is None:
            token = self._by_http(visitor)
        else:
            token = self._by_verb(visitor, now)
        self.tokens[link_hash(token)] = (token, visitor.by_http)

    def _by_verb(self, visitor: Visitor, now: datetime) -> str:
        phone, key = PhoneNumber(visitor_number(visitor.number)), f"day-{visitor.number}"
        with self._app.app_context():
            try:
                wish = callbacks.CallbackRequest(phone=phone, slot_at=visitor.slot_at)
                return callbacks.request_callback(wish, request_key=key, now=now)
            except SlotUnavailable:
                return callbacks.request_callback(
                    callbacks.CallbackRequest(phone=phone), request_key=key, now=now
                )

    def _by_http(self, visitor: Visitor) -> str:
        answer = self._session().post(
            f"{self._url}/api/v1/callbacks",
            json={"phone": visitor_number(visitor.number), "consent": True},
            headers={"Idempotency-Key": str(uuid.uuid4())},
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["token"])

    def _session(self) -> requests.Session:
        if not hasattr(self._sessions, "session"):
            # A connection that the server closes at that moment is no refusal: the key of a request
            # makes it safe to send it again, and so does its meaning where it cancels.
            again = HTTPAdapter(max_retries=Retry(3, backoff_factor=0.1, allowed_methods=None))
            self._sessions.session = requests.Session()
            self._sessions.session.mount("http://", again)
        found: requests.Session = self._sessions.session
        return found

    def _lose_patience(self) -> None:
        """Cancel requests whose visitors have lost patience, unless claimed."""
        known: set[tuple[int, datetime]] = set()
        stays: list[_Stay] = []
        late = timedelta(seconds=self._plan.speed) * _KNOWN_LATE_SECONDS
        since = self._plan.at(-1) - late
        with ThreadPoolExecutor(_CANCEL_THREADS) as threads:
            while not self._stopped.wait(LOOK_EVERY_SECONDS):
                now = clock.now()
                if now >= self._plan.closes:
                    return
                for each in self._read(_WHO_BECAME_DUE, {"since": since, "now": now}):
                    if (each.id, each.due_at) not in known and each.token_hash in self.tokens:
                        known.add((each.id, each.due_at))
                        heapq.heappush(stays, self._stay(each))
                since = max(since, now - late)
                for stay in self._who_go(stays, now):
                    threads.submit(self._guarded, partial(self._cancel, *self.tokens[stay.token]))

    def _stay(self, due: Any) -> _Stay:
        stays = national_plan.patience(self._plan, due.id, due.due_at)
        return _Stay(max(due.due_at, OPENS) + stays, due.id, due.due_at, due.token_hash)

    def _who_go(self, stays: list[_Stay], now: datetime) -> Sequence[_Stay]:
        """Visitors who still wait and no longer want to. Claimed ones are checked again later:
        they may return to the queue.
        """
        tired = []
        while stays and stays[0].until <= now:
            tired.append(heapq.heappop(stays))
        if not tired:
            return ()
        found = self._read(_HOW_THEY_ARE, {"ids": [each.callback_id for each in tired]})
        status = {(each.id, each.due_at): each.status for each in found}
        of = {each: status.get((each.callback_id, each.due_at)) for each in tired}
        for each in tired:
            if of[each] in (Status.CLAIMED, Status.CALLING):
                heapq.heappush(stays, replace(each, until=now + _SEEN_TO))
        return [each for each in tired if of[each] == Status.WAITING]

    def _read(self, statement: sa.Select[Any], told: Mapping[str, Any]) -> Sequence[Any]:
        with self._app.app_context():
            return db.session.execute(statement, told).all()

    def _cancel(self, token: str, by_http: bool) -> None:
        if by_http:
            answer = self._session().delete(
                f"{self._url}/api/v1/callback",
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
            )
            if answer.status_code != requests.codes.conflict:
                answer.raise_for_status()
            return
        with self._app.app_context(), suppress(HelplineError):
            callbacks.cancel(token, now=clock.now())


class Desks:
    """Advisors at their desks, in processes of their own."""

    def __init__(self, plan: Plan, settings: Settings, advisors: Sequence[int]) -> None:
        made = multiprocessing.get_context("spawn")
        self._closing, self._stopped = made.Event(), made.Event()
        self._troubles = made.SimpleQueue()
        self._seated = made.Semaphore(0)
        self.processes = [
            made.Process(
                target=sit_at_desks,
                args=(settings, share, self._seated, self._closing, self._stopped, self._troubles),
                daemon=True,
            )
            for each in range(plan.desks)
            if (share := advisors[each :: plan.desks])
        ]

    def start(self) -> None:
        """Sit down."""
        for process in self.processes:
            process.start()

    def all_seated(self, seconds: float) -> bool:
        """Waits until every process of them has looked at the queue once; says whether it has."""
        return all(self._seated.acquire(timeout=seconds) for _ in self.processes)

    def take_no_more(self) -> None:
        """Claim no more; only current callbacks are finished."""
        self._closing.set()

    def stop(self) -> list[str]:
        """Everybody goes; what went wrong."""
        self._stopped.set()
        for process in self.processes:
            process.join(timeout=30)
            if process.is_alive():
                process.kill()
        troubles = []
        while not self._troubles.empty():
            troubles.append(self._troubles.get())
        return troubles


def sit_at_desks(
    settings: Settings,
    advisors: Sequence[int],
    seated: Any,
    closing: Any,
    stopped: Any,
    troubles: Any,
) -> None:
    """One process of advisors, until all go home."""
    app = create_app(settings)
    clock.set_ahead(settings.clock_offset_seconds, speed=settings.clock_speed)
    with app.app_context():
        current_callbacks(advisors)
    seated.release()

    def work(share: Sequence[int]) -> None:
        desk = Desk(app, share, lambda: not closing.is_set())
        while not stopped.wait(LOOK_EVERY_SECONDS):
            try:
                desk.look()
            except Exception as problem:
                troubles.put(failure(problem))

    shares = [advisors[each::_SHARES_OF_A_DESK] for each in range(_SHARES_OF_A_DESK)]
    threads = [threading.Thread(target=work, args=(share,)) for share in shares if share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        db.engine.dispose()
