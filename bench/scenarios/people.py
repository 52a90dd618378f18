"""The people of all scenarios: phone numbers, advisors who act as their desk does, and how far the
callbacks are.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import aliased

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import OutsideHours
from helpline.callbacks.models import IS_CURRENT, Callback
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition, suggested_disposition
from helpline.staff import service as accounts

_A_TALK = timedelta(minutes=5)
"""Advisors know that they talked, however fast the network's time passes."""


def visitor_number(number: int) -> str:
    """The phone of the nth visitor."""
    return f"+9198765{number:05}"


def advisor_number(number: int) -> str:
    """The phone of the nth advisor."""
    return f"+9198123{number:05}"


def hire(app: Flask, count: int, now: datetime) -> list[int]:
    """Create advisors; return their ids."""
    with app.app_context():
        return [
            accounts.add_staff(
                name=f"Advisor {number}",
                email=f"advisor{number}@helpline.example",
                password_hash="none",
                roles=["advisor"],
                phone=advisor_number(number),
                languages=["en"],
                now=now,
                actor="operator",
            )
            for number in range(count)
        ]


class Desk:
    """Some advisors of this process, who act through the service's functions: claim, call, wait
    until the attempt is over, record the disposition.

    Args:
        may_claim: whether they may begin with another callback.
    """

    def __init__(self, app: Flask, advisors: Sequence[int], may_claim: Callable[[], bool]) -> None:
        self._app, self._advisors, self._may_claim = app, list(advisors), may_claim

    def look(self) -> None:
        """Take the next step of every advisor."""
        with self._app.app_context():
            current = current_callbacks(self._advisors)
            free = [each for each in self._advisors if each not in current]
            random.shuffle(free)
            for advisor, callback in current.items():
                try:
                    if self._go_on(advisor, callback):
                        free.append(advisor)
                except HelplineError:
                    continue
            if self._may_claim():
                self._begin(free)

    def _begin(self, free: Iterable[int]) -> None:
        for advisor in free:
            try:
                callback_id = claims.claim_next(advisor, now=clock.now())
                calls.start_call(callback_id, advisor, now=clock.now())
            except (claims.QueueEmpty, OutsideHours):
                return
            except HelplineError:
                continue

    def _go_on(self, advisor: int, callback: Any) -> bool:
        """Take the next step of the current callback; return whether the advisor is free then."""
        if callback.status == Status.CLAIMED:
            if self._may_claim() and self._calls_again(callback):
                calls.start_call(callback.id, advisor, now=clock.now())
                return False
            claims.release(callback.id, advisor, now=clock.now())
            return True
        if callback.ended_at is None or not callback.claim_ends_at or self._is_away(callback):
            return False
        result = AttemptResult(callback.result)
        disposition = suggested_disposition(result, _A_TALK) or Disposition.NO_ANSWER
        calls.record_disposition(callback.id, advisor, disposition, "", now=clock.now())
        return True

    def _calls_again(self, callback: Any) -> bool:
        """Whether to call once more where no attempt came of the call."""
        return True

    def _is_away(self, callback: Any) -> bool:
        """Whether the advisor has left without recording a disposition."""
        return False


def failure(problem: Exception) -> str:
    """What went wrong, and where."""
    where = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__}: {problem} at {where.name}:{where.lineno}"


def current_callbacks(advisors: Sequence[int]) -> dict[int, Any]:
    """Return each advisor's current callback with its newest attempt, in a read of its own."""
    held = db.session.execute(_CURRENT, {"advisors": list(advisors)})
    return {each.claimed_by: each for each in held}


_OTHER = aliased(Attempt)
_NEWEST = sa.select(sa.func.max(_OTHER.id)).where(_OTHER.callback_id == Callback.id)
_CURRENT = (
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
