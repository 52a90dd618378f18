"""The people of a chaos run: visitors who request and cancel, advisors who call them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from flask import Flask

from bench.scenarios.people import Desk, advisor_number, failure, hire, visitor_number
from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.domain.errors import HelplineError
from helpline.domain.phone_numbers import PhoneNumber
from tests.cast import HELPLINE
from tests.journeys.live_services import Phones

_THREADS = 6
_LOOK_EVERY_SECONDS = 0.3
_CALLS_OF_A_CLAIM = 3
_WALKS_AWAY = 0.01
_CANCELS = 0.03


def visitor_behaviour(dice: random.Random) -> dict[str, Any]:
    """What a visitor's phone does when it rings."""
    talks: dict[str, Any] = {
        "kind": "answer",
        "answer_after": round(dice.uniform(1, 15), 1),
        "hang_up_after": round(dice.uniform(5, 60), 1),
    }
    kinds: list[dict[str, Any]] = [
        talks,
        {"kind": "answer", "answer_after": 2, "hang_up_after": 0.5},
        {"kind": "decline", "answer_after": 3},
        {"kind": "no_answer"},
        {"kind": "voicemail", "answer_after": 15},
        {"kind": "unreachable"},
        {"sequence": [{"kind": "no_answer"}, talks]},
    ]
    return dice.choices(kinds, weights=[50, 5, 10, 12, 10, 5, 8])[0]


def advisor_behaviour(dice: random.Random) -> dict[str, Any]:
    """What an advisor's phone does, call after call; at last it always answers."""
    answers = {"kind": "answer", "answer_after": 1, "press": ["1"], "hang_up_after": 240}
    kinds = [
        answers,
        {"kind": "no_answer"},
        {"kind": "decline", "answer_after": 2},
        {"kind": "voicemail", "answer_after": 5, "hang_up_after": 40},
        {"kind": "answer", "answer_after": 1},
        {"kind": "answer", "press": ["1"], "hang_up_after": 8},
    ]
    drawn = dice.choices(kinds, weights=[82, 4, 4, 3, 3, 4], k=15)
    return {"sequence": [*drawn, answers]}


def hire_with_phones(app: Flask, phones: Phones, count: int, dice: random.Random) -> list[int]:
    """Create advisors with phones; return their ids."""
    for number in range(count):
        phones.behaves(advisor_number(number), **advisor_behaviour(dice))
    return hire(app, count, clock.now())


def all_ask(app: Flask, phones: Phones, count: int, dice: random.Random) -> list[str]:
    """Create all requests at once; return the tokens of their links."""
    for number in range(count):
        phones.behaves(visitor_number(number), **visitor_behaviour(dice))

    def ask(number: int) -> str:
        with app.app_context():
            wish = callbacks.CallbackRequest(phone=PhoneNumber(visitor_number(number)))
            return callbacks.request_callback(wish, request_key=f"chaos-{number}", now=clock.now())

    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(ask, range(count)))


class ChaosDesk(Desk):
    """Advisors who give up after some calls, and sometimes leave without a word."""

    def __init__(
        self,
        app: Flask,
        advisors: Sequence[int],
        may_claim: Callable[[], bool],
        dice: random.Random,
    ) -> None:
        super().__init__(app, advisors, may_claim)
        self._dice = dice
        self._calls: dict[int, int] = {}
        self._left: set[int] = set()

    def _calls_again(self, callback: Any) -> bool:
        self._calls[callback.id] = self._calls.get(callback.id, 0) + 1
        return self._calls[callback.id] % _CALLS_OF_A_CLAIM != 0

    def _is_away(self, callback: Any) -> bool:
        if not self._may_claim():
            return False
        if callback.attempt_id not in self._left and self._dice.random() < _WALKS_AWAY:
            self._left.add(callback.attempt_id)
        return callback.attempt_id in self._left


class Crowd:
    """Advisors at their desks and visitors who change their mind, in threads of this process."""

    def __init__(
        self,
        app: Flask,
        advisors: Sequence[int],
        tokens: Sequence[str],
        seed: int,
        phones: Phones,
    ) -> None:
        self._app = app
        self._phones = phones
        self._dice = random.Random(f"{seed} crowd")
        self._takes_more = True
        self._stopped = threading.Event()
        self.troubles: list[str] = []
        self.cancelled = 0
        self.called_in = 0
        shares = [advisors[each::_THREADS] for each in range(_THREADS)]
        deeds: list[Callable[[], None]] = [self._desk(share) for share in shares if share]
        cancelling = self._dice.sample(list(tokens), round(len(tokens) * _CANCELS))
        deeds.append(lambda: self._change_their_mind(cancelling))
        deeds.append(lambda: self._call_in(len(tokens)))
        self._threads = [
            threading.Thread(target=self._guarded, args=(deed,), daemon=True) for deed in deeds
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def take_no_more(self) -> None:
        """Claim no more; only current callbacks are finished."""
        self._takes_more = False

    def stop(self) -> None:
        """Everybody goes."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _guarded(self, deed: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                deed()
                return
            except Exception as problem:
                self.troubles.append(failure(problem))

    def _desk(self, advisors: Sequence[int]) -> Callable[[], None]:
        desk = ChaosDesk(self._app, advisors, lambda: self._takes_more, self._dice)

        def work() -> None:
            while not self._stopped.wait(_LOOK_EVERY_SECONDS):
                desk.look()

        return work

    def _change_their_mind(self, tokens: Sequence[str]) -> None:
        for token in tokens:
            if self._stopped.wait(self._dice.uniform(0.5, 4)) or not self._takes_more:
                return
            with self._app.app_context():
                try:
                    callbacks.cancel(token, now=clock.now())
                    self.cancelled += 1
                except HelplineError:
                    continue

    def _call_in(self, visitors: int) -> None:
        """Visitors who wait for our call call us meanwhile, stay a little and hang up."""
        while not self._stopped.wait(self._dice.uniform(0.3, 1)):
            if not self._takes_more:
                return
            number = visitor_number(self._dice.randrange(visitors))
            told = {"to": HELPLINE, "kind": "answer", "hang_up_after": 120}
            try:
                answer = requests.post(
                    f"{self._phones.url}/sim/phones/{number}/dial", json=told, timeout=10
                )
            except requests.RequestException:
                continue  # The network stands still just now.
            self.called_in += answer.ok  # Not where their phone is in use.
