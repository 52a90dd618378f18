"""Replies to a caller, as plain values that the web layer renders for the carrier.

A reply is stored whole, so that a repeated webhook gets the same one.
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
    ASK_REFERENCE = "ask_reference"
    REFERENCE = "reference"
    REFERENCE_CANCELLED = "reference_cancelled"
    OWN_NUMBER = "own_number"
    GOODBYE = "goodbye"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to a caller.

    Args:
        turn: the turn of the next input.
        region: of the crisis numbers.
        greet: whether it begins with the greeting.
        again: why something is repeated; the key of the prompt.
        number: the advisor's phone to call, or the number to read back.
        wait: the expected wait, as the key of its prompt.
        closed: whether the helpline is closed.
        state: of a request made now, where a callback is offered or was booked, or of the one
            whose reference was entered.
        opens_at: the next opening, when closed or closing soon; the time of the call, where a
            reference was entered.
        may_hold: whether the caller may wait on hold.
        others_first: whether other callers on hold come first.
        place_kept: whether the callback keeps the caller's position on hold.
        staff_alerted: whether staff were texted because no advisor is available.
        withheld: whether the caller's number is unknown.
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
    staff_alerted: bool = False

    def to_text(self) -> str:
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_text(cls, text: str) -> Reply:
        values = json.loads(text)
        opens_at = values.pop("opens_at")
        kind = Kind(values.pop("kind"))
        state = values.pop("state", None)
        return cls(
            kind=kind,
            opens_at=datetime.fromisoformat(opens_at) if opens_at else None,
            state=VisitorState(state) if state else None,
            **values,
        )
