"""A call: one leg between the network and one phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from phonesim.behaviours import Behaviour
from phonesim.instructions import COMPLETED_ONLY, Document
from phonesim.scheduler import Timer

QUEUED = "queued"
INITIATED = "initiated"
RINGING = "ringing"
IN_PROGRESS = "in-progress"
COMPLETED = "completed"
BUSY = "busy"
NO_ANSWER = "no-answer"
CANCELED = "canceled"
FAILED = "failed"
TERMINAL = frozenset({COMPLETED, BUSY, NO_ANSWER, CANCELED, FAILED})

OUTBOUND_API = "outbound-api"
OUTBOUND_DIAL = "outbound-dial"
INBOUND = "inbound"


# Why a call ended, where its status does not say it.
PUT_DOWN = "put_down"  # by the person at its phone
OTHER_LEFT = "other_left"  # by whom it was connected with, or who had it dialled
DECLINED = "declined"
RING_TIMEOUT = "ring_timeout"
TIME_LIMIT = "time_limit"
API_REQUEST = "api_request"
HANGUP_VERB = "hangup_verb"
NO_MORE_VERBS = "no_more_verbs"
LOST_RACE = "lost_race"
NOT_CONFIRMED = "not_confirmed"


class NotPossible(Exception):
    """A phone cannot do that now; the text says why."""


@dataclass(frozen=True)
class Source:
    """Where instructions come from: an address, the document itself, or what was read of one."""

    url: str = ""
    method: str = "POST"
    document: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    ready: Document | None = None


@dataclass(frozen=True)
class StatusCallback:
    """Who wants to know how a call goes, and about what."""

    url: str
    method: str = "POST"
    events: tuple[str, ...] = COMPLETED_ONLY

    def wants(self, event: str) -> bool:
        """Whether this event was subscribed to."""
        return bool(self.url) and event in self.events


@dataclass
class Note:
    """One thing that happened, and when."""

    at: datetime
    what: str

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {"at": self.at.isoformat(timespec="milliseconds"), "what": self.what}


@dataclass(frozen=True)
class Refusal:
    """Why no phone was called: a reason that each carrier has a code for, or the code itself."""

    reason: str
    number: str = ""
    code: int | None = None


@dataclass(frozen=True)
class DialResult:
    """How a Dial ended.

    Args:
        bridged: whether a leg was connected; None for a conference.
        leg: the connected leg, else the last one that was called.
    """

    status: str
    bridged: bool | None = None
    leg: Call | None = None
    refusal: Refusal | None = None


class Player(Protocol):
    """What executes the instructions of a call."""

    asking: bool

    def key(self, key: str) -> None:
        """Take a key that was pressed on the call's phone."""

    def stop(self, cancelled: bool = False) -> None:
        """Stop: the call has ended or gets other instructions."""

    def drop(self) -> None:
        """Stop, and send no webhooks."""


class Connection(Protocol):
    """What connects a call with others: a Dial of phones, or a conference."""

    def others(self) -> list[Call]:
        """The calls that it talks with now."""

    def key(self, key: str) -> None:
        """Take a key that was pressed on the call's phone."""

    def parent_left(self, cancelled: bool) -> DialResult:
        """End: the call has ended or was sent elsewhere."""


class Dialler(Connection, Protocol):
    """A Dial, as the legs that it calls see it."""

    parent: Call
    bridged: Call | None

    def child_ended(self, child: Call) -> None:
        """Go on without this leg."""

    def child_left(self, child: Call) -> None:
        """Go on without this leg, which was sent elsewhere."""

    def release(self, child: Call) -> None:
        """Forget this leg, which is sent elsewhere together with the call that dialled it."""


@dataclass
class Call:
    """One leg. `handset` is the number of the phone at its other end.

    Args:
        carrier: the name of the carrier whose API or number it came through.
        request_id: of the API request that asked for it, where that is another than ``sid``.
        on_answered: what happens once it is connected.
    """

    sid: str
    carrier: str
    from_: str
    to: str
    direction: str
    created: datetime
    source: Source = field(default_factory=Source)
    request_id: str = ""
    status_callbacks: tuple[StatusCallback, ...] = ()
    ring_timeout: float = 60.0
    time_limit: float | None = None
    parent: Call | None = None
    machine_detection: str = ""
    amd_callback: StatusCallback = field(default_factory=lambda: StatusCallback(""))
    amd_in_background: bool = False
    send_digits: str = ""
    own_handset: str = ""
    request_extras: dict[str, str] = field(default_factory=dict)
    on_answered: Callable[[], None] | None = None

    status: str = QUEUED
    updated: datetime | None = None
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    answered_elapsed: float | None = None
    ended_elapsed: float | None = None
    answered_by: str = ""
    error_code: int | None = None
    ended_by: str = ""
    stuck: bool = False
    by_machine: bool = False
    switchboard: Behaviour | None = None
    presses: list[str] = field(default_factory=list)
    press_after: float = 1.0
    speaks_for: float | None = None
    sequence: int = 0
    statuses: list[tuple[str, datetime]] = field(default_factory=list)
    heard: list[Note] = field(default_factory=list)
    log: list[Note] = field(default_factory=list)

    program: Player | None = None
    dialling: Connection | None = None
    child_of: Dialler | None = None
    timers: list[Timer] = field(default_factory=list)

    @property
    def handset(self) -> str:
        """The phone at the far end of this leg; a caller may withhold the number."""
        if self.own_handset:
            return self.own_handset
        return self.from_ if self.direction == INBOUND else self.to

    @property
    def is_over(self) -> bool:
        """Whether it has ended; nothing changes it then."""
        return self.status in TERMINAL

    @property
    def duration_seconds(self) -> int | None:
        """Whole seconds between answer and end; None unless it was answered and has ended."""
        if self.answered_elapsed is None or self.ended_elapsed is None:
            return None
        return max(0, round(self.ended_elapsed - self.answered_elapsed))

    def forget(self) -> None:
        """Let nothing more come of it, silently."""
        if not self.is_over:
            self.status = CANCELED
        if self.program is not None:
            self.program.drop()

    def public(self) -> dict[str, Any]:
        """Everything about it, for the control API."""
        return {
            "sid": self.sid,
            "parent_call_sid": self.parent.sid if self.parent else None,
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "status": self.status,
            "statuses": [
                {"status": status, "at": at.isoformat(timespec="milliseconds")}
                for status, at in self.statuses
            ],
            "answered_by": self.answered_by or None,
            "duration_seconds": self.duration_seconds,
            "error_code": self.error_code,
            "heard": [note.public() for note in self.heard],
            "log": [note.public() for note in self.log],
        }


def connected_to(call: Call | None) -> str | None:
    """The number of the phone that this call's phone talks with, if any."""
    if call is None:
        return None
    if call.dialling is not None:
        others = call.dialling.others()
        return others[0].handset if others else None
    if call.child_of is not None and call.child_of.bridged is call:
        return call.child_of.parent.handset
    return None
