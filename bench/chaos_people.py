"""The people of a chaos run: visitors who request and cancel, advisors who call them.

Advisors act through the service's functions, as the desk does: claim, call, wait until the attempt
is over, record the disposition.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import requests
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import aliased

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import OutsideHours
from helpline.callbacks.models import IS_CURRENT, Callback
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.retries import Disposition, suggested_disposition
from helpline.staff import service as accounts
from tests.cast import HELPLINE
from tests.journeys.live_services import Phones

_THREADS = 6
_LOOK_EVERY_SECONDS = 0.3
_TRIES_IN_HAND = 3
_WALKS_AWAY = 0.01
_CANCELS = 0.03
_A_TALK = timedelta(minutes=5)
"""Advisors here know that they talked, however fast the network's time passes."""


def visitor_number(number: int) -> str:
    """The phone of the nth visitor."""
    return f"+9198765{number:05}"


def advisor_number(number: int) -> str:
    """The phone of the nth advisor."""
    return f"+9198123{number:05}"


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


def hire(app: Flask, phones: Phones, count: int, dice: random.Random) -> list[int]:
    """Advisors with phones; their ids."""
    with app.app_context():
        hired = []
        for number in range(1, count + 1):
            phones.behaves(advisor_number(number), **advisor_behaviour(dice))
            staff_id = accounts.add_staff(
                name=f"Advisor {number}",
                email=f"advisor{number}@helpline.example",
                password_hash="none",
                roles=["advisor"],
                phone=advisor_number(number),
                languages=["en"],
                now=clock.now(),
                actor="operator",
            )
            hired.append(staff_id)
        return hired


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


class Crowd:
    """Advisors at their desks and visitors who change their mind, in threads of this process."""

    def __init__(
        self,
        app: Flask,
        advisors: Sequence[int],
        tokens: Sequence[str],
        seed: int,
        phones: Phones | None = None,
    ):
        self._app = app
        self._phones = phones
        self._dice = random.Random(f"{seed} crowd")
        self._takes_more = True
        self._stopped = threading.Event()
        self.troubles: list[str] = []
        self.cancelled = 0
        self.called_in = 0
        self._tries: dict[int, int] = {}
        self._left_alone: set[int] = set()
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
                where = traceback.extract_tb(problem.__traceback__)[-1]
                self.troubles.append(f"a verb failed: {problem!r} at {where.name}:{where.lineno}")

    def _desk(self, advisors: Sequence[int]) -> Callable[[], None]:
        def work() -> None:
            while not self._stopped.wait(_LOOK_EVERY_SECONDS):
                with self._app.app_context():
                    held = in_hand(advisors)
                    for advisor in advisors:
                        try:
                            if advisor in held:
                                self._goes_on(advisor, held[advisor])
                            elif self._takes_more:
                                self._begins(advisor)
                        except (claims.QueueEmpty, OutsideHours):
                            break
                        except HelplineError:
                            continue

        return work

    def _begins(self, advisor: int) -> None:
        callback_id = claims.claim_next(advisor, now=clock.now())
        calls.start_call(callback_id, advisor, now=clock.now())

    def _goes_on(self, advisor: int, held: Any) -> None:
        if held.status == Status.CLAIMED:
            self._tries[held.id] = tries = self._tries.get(held.id, 0) + 1
            if tries % _TRIES_IN_HAND and self._takes_more:
                calls.start_call(held.id, advisor, now=clock.now())
            else:
                claims.release(held.id, advisor, now=clock.now())
        elif held.ended_at is not None and held.claim_ends_at:
            if self._takes_more and self._walks_away_from(held.attempt_id):
                return
            said = (
                suggested_disposition(AttemptResult(held.result), _A_TALK) or Disposition.NO_ANSWER
            )
            calls.record_disposition(held.id, advisor, said, "", now=clock.now())

    def _walks_away_from(self, attempt_id: int) -> bool:
        if attempt_id not in self._left_alone and self._dice.random() < _WALKS_AWAY:
            self._left_alone.add(attempt_id)
        return attempt_id in self._left_alone

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
        while self._phones is not None and not self._stopped.wait(self._dice.uniform(0.3, 1)):
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


def in_hand(advisors: Sequence[int]) -> dict[int, Any]:
    """Return each advisor's current callback with its newest attempt, in a read of its own."""
    held = db.session.execute(_IN_HAND, {"advisors": list(advisors)})
    return {each.claimed_by: each for each in held}


_OTHER = aliased(Attempt)
_NEWEST = sa.select(sa.func.max(_OTHER.id)).where(_OTHER.callback_id == Callback.id)
_IN_HAND = (
    sa.select(
        Callback.id,
        Callback.status,
        Callback.claimed_by,
        Callback.claim_ends_at,
        Attempt.id.label("attempt_id"),
        Attempt.result,
        Attempt.ended_at,
    )
    .outerjoin(Attempt, Attempt.id == _NEWEST.scalar_subquery())
    .where(IS_CURRENT, Callback.claimed_by.in_(sa.bindparam("advisors", expanding=True)))
)


def still_going(app: Flask, now: datetime) -> dict[str, int]:
    """How many callbacks have each status, and how many of those that wait are due."""
    with app.app_context():
        counted = db.session.execute(
            sa.select(Callback.status, sa.func.count()).group_by(Callback.status)
        )
        found = {str(status): count for status, count in counted}
        due = (Callback.status == Status.WAITING, Callback.due_at <= now)
        found["due"] = _count(sa.select(sa.func.count(Callback.id)).where(*due))
        live = Attempt.ended_at.is_(None)
        found["live"] = _count(sa.select(sa.func.count(Attempt.id)).where(live))
        return found


def _count(query: sa.Select[Any]) -> int:
    return int(db.session.scalar(query) or 0)


def until_settled(app: Flask, seconds: float) -> bool:
    """Wait until there are no current callbacks and no attempts in progress; return whether that
    came.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = still_going(app, clock.now())
        if not (found["live"] or found.get(Status.CLAIMED) or found.get(Status.CALLING)):
            return True
        time.sleep(1)
    return False
