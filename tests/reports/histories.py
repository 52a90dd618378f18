"""Random histories, written straight into the tables as the service would have written them.

A history is drawn as a list of lives; each is told step by step, with its events, its attempts
and what the carrier said of them. Nobody's name is in them.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback, CallbackEvent
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, CallEvent
from helpline.directory.referrals.models import Referral, ServiceEntry

CHANNELS = ("web", "embed", "api", "text", "phone")
PAGES = (None, "/depression", "/cocaine", "/find-a-therapist")
DISPOSITIONS = ("reached", "no_answer", "busy", "voicemail", "wrong_number", "declined")
RESULTS = {
    "reached": "talked",
    "declined": "talked",
    "voicemail": "talked",
    "no_answer": "no_answer",
    "busy": "busy",
    "wrong_number": "talked",
    "someone_else": "talked",
    "unsafe": "talked",
    "do_not_call": "talked",
    "referred": "talked",
    "dropped": "talked",
    "hoax": "talked",
}
NOT_RUNG = ("advisor_no_answer", "not_placed", "closed", "visitor_failed")
PLACES = [
    {
        "id": number,
        "region": "IN",
        "position": number,
        "name": f"A place {number}",
        "kind": "detox",
        "languages": ["en"],
        "notes": "",
        "sources": ["https://place.example"],
    }
    for number in (1, 2)
]
_numbers = itertools.count(1)


@dataclass
class Rows:
    """What is to be put into the tables."""

    callbacks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    call_events: list[dict[str, Any]] = field(default_factory=list)
    calls_in: list[dict[str, Any]] = field(default_factory=list)
    referrals: list[dict[str, Any]] = field(default_factory=list)

    def write(self, session: Session) -> None:
        """Puts it there, all at once."""
        for model, rows in (
            (Callback, self.callbacks),
            (CallbackEvent, self.events),
            (Attempt, self.attempts),
            (CallEvent, self.call_events),
            (InboundCall, self.calls_in),
            (ServiceEntry, PLACES if self.referrals else []),
            (Referral, self.referrals),
        ):
            if rows:
                session.execute(sa.insert(model), rows)
        session.commit()


class Teller:
    """Tells lives, by dice that can be thrown again."""

    def __init__(self, dice: random.Random, advisors: list[int], first_id: int = 1) -> None:
        self.rows = Rows()
        self._dice = dice
        self._advisors = advisors
        self._ids = itertools.count(first_id)
        self._attempt_ids = itertools.count(first_id)

    def life(self, asked: datetime, *, until: datetime) -> None:
        """One callback from its request to its end, or to the instant until which all is told."""
        dice, number = self._dice, next(self._ids)
        slot = asked + timedelta(minutes=dice.randint(30, 3000)) if dice.random() < 0.3 else None
        self._life = {
            "id": number,
            "token_hash": f"{next(_numbers):064x}",
            "status": "joined" if dice.random() < 0.05 else "waiting",
            "priority": 1,
            "requested_at": asked,
            "due_at": slot or asked,
            "slot_at": slot,
            "phone_region": "IN",
            "language": dice.choice(("en", "hi")),
            "channel": dice.choice(CHANNELS),
            "source_page": dice.choice(PAGES),
            "follow_up_of": None,
            "attempts_used": 0,
            "disposition": None,
            "ended_at": None,
            "erased_at": None,
            "phone": f"+91{number:010}",
            "phone_hash": f"{next(_numbers):064x}",
        }
        life = self._life
        if dice.random() < 0.05 and len(self.rows.callbacks) > 5:
            before = self.rows.callbacks[-1]
            life["follow_up_of"] = before["id"]
        self._step("ask", life["status"], asked)
        at = asked
        while life["ended_at"] is None and at < until:
            at = self._go_on(at, until)
        if life["ended_at"] is not None and dice.random() < 0.2:
            life |= {"phone": None, "phone_hash": None, "erased_at": life["ended_at"]}
        self.rows.callbacks.append(life)

    def call_in(self, began: datetime) -> None:
        """Somebody rings the helpline's number."""
        dice = self._dice
        talked = began + timedelta(seconds=dice.randint(5, 90)) if dice.random() < 0.6 else None
        ended = (talked or began) + timedelta(seconds=dice.randint(5, 2000))
        self.rows.calls_in.append(
            {
                "sid": f"CA{next(_numbers):032x}",
                "region": "IN",
                "asked": "nothing",
                "began_at": began,
                "heard_at": ended,
                "ended_at": ended,
                "outcome": "talked" if talked else dice.choice(("booked", "left", "held")),
                "talked_at": talked,
                "talked_with": dice.choice(self._advisors) if talked else None,
                "rung": [],
            }
        )

    def _go_on(self, at: datetime, until: datetime) -> datetime:
        life, dice = self._life, self._dice
        at = max(at, life["due_at"]) if dice.random() < 0.8 else at
        at += timedelta(seconds=dice.randint(0, 5400))
        if at >= until:
            return until
        chance = dice.random()
        if life["status"] == "joined":
            ends = {0: ("follow_reached", "reached"), 1: ("cancel", "cancelled")}
            event, status = ends.get(dice.randint(0, 2), ("take_over", "waiting"))
            self._step(event, status, at)
        elif chance < 0.1:
            self._step("cancel", "cancelled", at)
        elif chance < 0.15:
            self._step("expire", "expired", at)
        elif chance < 0.25:
            life["slot_at"] = at + timedelta(minutes=dice.randint(0, 2000))
            life["due_at"] = life["slot_at"]
            self._step("move", "waiting", at)
        else:
            at = self._try(at)
        return at

    def _try(self, at: datetime) -> datetime:
        life, dice = self._life, self._dice
        self._step("claim", "claimed", at)
        self._step("dial", "calling", at)
        channel = dice.choice(("carrier", "carrier", "own_phone", "call_in"))
        said = dice.choice(DISPOSITIONS)
        rang = dice.random() < 0.8
        ended = at + timedelta(seconds=dice.randint(5, 3000))
        made: dict[str, Any] = {
            "id": next(self._attempt_ids),
            "ref": f"{next(_numbers):032x}",
            "callback_id": life["id"],
            "advisor_id": dice.choice(self._advisors),
            "channel": channel,
            "state": "ended",
            "result": RESULTS[said] if rang else dice.choice(NOT_RUNG),
            "created_at": at,
            "heard_at": ended,
            "ended_at": ended,
            "counted": rang,
            "disposition": None,
        }
        self.rows.attempts.append(made)
        if channel == "carrier" and rang and RESULTS[said] == "talked" and dice.random() < 0.9:
            self._say(made["id"], at + (ended - at) / 3)
        if not rang:
            self._step(
                *dice.choice((("call_not_placed", "claimed"), ("call_abandoned", "waiting"))), ended
            )
            if life["status"] == "claimed":
                self._step("release", "waiting", ended)
            return ended
        if dice.random() < 0.03:
            self._step("withdraw", "cancelled", at + (ended - at) / 2)
            return ended
        over = ended if channel == "own_phone" else ended + timedelta(seconds=dice.randint(0, 600))
        if dice.random() < 0.05:
            self._step("hand_over", "waiting", over)
            return over
        made["disposition"] = said
        life["attempts_used"] += 1
        life["disposition"] = said
        if said in ("reached", "declined", "referred", "do_not_call"):
            for place in PLACES[: dice.randint(0, 2)]:
                self._named(place["id"], ended)
            self._step("reached", "reached", over)
        elif said in ("dropped", "unsafe"):
            life["due_at"] = over
            self._step("call_back" if said == "dropped" else "hold", "waiting", over)
        elif said in ("wrong_number", "hoax") or life["attempts_used"] >= 3:
            self._step("give_up", "unreached", over)
        else:
            life["due_at"] = over + timedelta(minutes=15)
            self._step("retry", "waiting", over)
        return over

    def _named(self, place: int, at: datetime) -> None:
        """The advisor names a place to go on to; of somebody who was erased, only that remains."""
        whose = self._life["id"] if self._dice.random() < 0.8 else None
        self.rows.referrals.append(
            {"callback_id": whose, "place_id": place, "at": at, "by_staff": self._advisors[0]}
        )

    def _say(self, attempt: int, at: datetime) -> None:
        kinds = ("status", "visitor_machine", "visitor_confirmed")
        for number, kind in enumerate(kinds[: self._dice.randint(1, 3)]):
            self.rows.call_events.append(
                {
                    "attempt_id": attempt,
                    "call": "CA1",
                    "kind": kind,
                    "leg": "visitor"
                    if kind != "status" or self._dice.random() < 0.8
                    else "advisor",
                    "sequence": number,
                    "status": "in_progress",
                    "received_at": at + timedelta(seconds=number),
                }
            )

    def _step(self, event: str, status: str, at: datetime) -> None:
        life = self._life
        self.rows.events.append(
            {
                "callback_id": life["id"],
                "at": at,
                "event": event,
                "from_status": None if event == "ask" else life["status"],
                "to_status": status,
                # Of before it was written down.
                "due_at": None if self._dice.random() < 0.05 else life["due_at"],
                "actor": "worker",
            }
        )
        life["status"] = status
        if status in ("reached", "unreached", "cancelled", "expired"):
            life["ended_at"] = at


def random_history(
    seed: int, *, advisors: list[int], lives: int, first: datetime, days: float
) -> Rows:
    """So many lives that begin within so many days."""
    dice = random.Random(seed)
    teller = Teller(dice, advisors)
    until = first + timedelta(days=days)
    for begins in sorted(dice.uniform(0, days) for _ in range(lives)):
        asked = first + timedelta(seconds=int(begins * 86400))
        teller.life(asked.astimezone(UTC), until=until)
        if dice.random() < 0.3:
            teller.call_in(asked.astimezone(UTC))
    return teller.rows
