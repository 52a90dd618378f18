"""What we say to a caller, as plain values: the doors turn them into the carrier's words.

A reply is kept whole, so that the same question asked again gets the same answer.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from helpline.domain.visitor_state import VisitorState


class Kind(StrEnum):
    """What is said or done."""

    ASK_LANGUAGE = "ask_language"
    RING_ADVISOR = "ring_advisor"
    OFFER = "offer"
    HOLD = "hold"
    CLOSED = "closed"
    ASK_NUMBER = "ask_number"
    READ_BACK = "read_back"
    RECORD = "record"
    BOOKED = "booked"
    MESSAGE_KEPT = "message_kept"
    HELD = "held"
    OWN_NUMBER = "own_number"
    GOODBYE = "goodbye"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing said to a caller.

    Args:
        kind: what it is.
        turn: the turn in which the caller's next word will come.
        language: in which it is said.
        region: whose crisis numbers are the caller's.
        greet: whether it is the first thing they hear, and begins with the greeting.
        again: why something is asked once more, or told anew; the key of the words.
        number: the advisor's phone to ring, or the number to read back.
        wait: the expected wait, as the key of its words.
        closed: whether we are closed just now.
        state: the state of a request made now, where a callback is offered or was booked.
        opens_at: the next opening, where we are closed or close soon, and there is one.
        may_hold: whether they may wait on the line.
        others_first: whether other callers wait on the line before this one.
        place_kept: whether the callback keeps the place that they had on the line.
        withheld: whether we do not know a number that we could ring back.
    """

    kind: Kind
    turn: int
    language: str
    region: str
    greet: bool = False
    again: str | None = None
    number: str | None = None
    wait: str | None = None
    closed: bool = False
    state: VisitorState | None = None
    opens_at: datetime | None = None
    withheld: bool = False
    may_hold: bool = False
    others_first: bool = False
    place_kept: bool = False

    def to_text(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_text(cls, text: str) -> Reply:
        """As it was stored."""
        told = json.loads(text)
        opens_at = told.pop("opens_at")
        kind = Kind(told.pop("kind"))
        state = told.pop("state", None)
        return cls(
            kind=kind,
            opens_at=datetime.fromisoformat(opens_at) if opens_at else None,
            state=VisitorState(state) if state else None,
            **told,
        )
