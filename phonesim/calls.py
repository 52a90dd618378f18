"""A call (one leg between Twilio and one phone) and a phone (every E.164 number is one)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from phonesim.formats import API_VERSION, parties, rfc2822
from phonesim.scheduler import Timer
from phonesim.twiml import COMPLETED_ONLY

if TYPE_CHECKING:
    from phonesim.conference import Stay
    from phonesim.dialling import Dialling
    from phonesim.program import Program

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


class NotPossible(Exception):
    """A phone cannot do that now; the text says why."""


@dataclass(frozen=True)
class Source:
    """Where instructions come from: an address, or the TwiML itself."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"


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


@dataclass
class Call:
    """One leg. `handset` is the number of the phone at its other end."""

    sid: str
    account_sid: str
    from_: str
    to: str
    direction: str
    created: datetime
    source: Source = field(default_factory=Source)
    status_callback: StatusCallback = field(default_factory=lambda: StatusCallback(""))
    ring_timeout: float = 60.0
    time_limit: float | None = None
    parent: Call | None = None
    phone_number_sid: str = ""
    machine_detection: str = ""
    amd_callback: StatusCallback = field(default_factory=lambda: StatusCallback(""))
    amd_in_background: bool = False
    send_digits: str = ""
    own_handset: str = ""
    request_extras: dict[str, str] = field(default_factory=dict)

    status: str = QUEUED
    updated: datetime | None = None
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    answered_elapsed: float | None = None
    ended_elapsed: float | None = None
    answered_by: str = ""
    error_code: int | None = None
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

    program: Program | None = None
    dialling: Dialling | Stay | None = None
    child_of: Dialling | None = None
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

    def params(self) -> dict[str, str]:
        """What every voice webhook about it says.

        https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application
        """
        params = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
            "CallStatus": self.status,
            **parties(self.from_, self.to),
        }
        if self.parent is not None:
            params["ParentCallSid"] = self.parent.sid
        if self.answered_by:
            params["AnsweredBy"] = self.answered_by
        return params | self.request_extras

    @property
    def sip_code(self) -> str:
        """The SIP response that this end of a call comes with; empty while it lasts."""
        return _SIP_CODES.get(self.status, "")

    def event_params(self, now: datetime) -> dict[str, str]:
        """What a status callback says, and the next sequence number used up.

        https://www.twilio.com/docs/voice/api/call-resource#statuscallback
        """
        params = self.params() | {
            "Timestamp": rfc2822(now) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.sequence),
        }
        self.sequence += 1
        if self.is_over:
            seconds = self.duration_seconds or 0
            params["CallDuration"] = str(seconds)
            params["Duration"] = str(-(-seconds // 60))
            params["SipResponseCode"] = self.sip_code
        if self.error_code is not None:
            params["ErrorCode"] = str(self.error_code)
        return params

    def resource(self) -> dict[str, Any]:
        """The Call resource, field by field as the REST API has it.

        `initiated` occurs in status callbacks only; the resource says `queued` until it rings.
        """
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        parts = ("events", "notifications", "recordings", "streams", "payments", "siprec")
        return {
            "account_sid": self.account_sid,
            "answered_by": self.answered_by or None,
            "api_version": API_VERSION,
            "caller_name": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "direction": self.direction,
            "duration": str(self.duration_seconds or 0) if self.is_over else None,
            "end_time": rfc2822(self.ended),
            "forwarded_from": None,
            "from": self.from_,
            "from_formatted": self.from_,
            "group_sid": None,
            "parent_call_sid": self.parent.sid if self.parent else None,
            "phone_number_sid": self.phone_number_sid or None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": self.sid,
            "start_time": rfc2822(self.started),
            "status": QUEUED if self.status == INITIATED else self.status,
            "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
            "to": self.to,
            "to_formatted": self.to,
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }

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


_SIP_CODES = {COMPLETED: "200", BUSY: "486", NO_ANSWER: "487", CANCELED: "487", FAILED: "404"}

BEHAVIOURS = ("manual", "answer", "decline", "no_answer", "voicemail", "unreachable", "switchboard")


@dataclass(frozen=True)
class Behaviour:
    """What a phone does by itself when it rings. Times are simulated seconds.

    - manual: nothing; a person or a test presses the buttons
    - answer: answers after `answer_after`; presses one of `press` each time keys are asked for,
      `press_after` later; hangs up `hang_up_after` after answering
    - decline: rejects after `answer_after` (the caller gets busy)
    - no_answer: rings until the caller gives up
    - voicemail: a machine answers after `answer_after`, presses nothing, hangs up at last
    - unreachable: never rings; the call fails; texts are not delivered
    - switchboard: a recorded greeting answers after `answer_after`; once the digits of `extension`
      are sent, a person picks up `person_after` later and does as with `answer`; without them
      nobody does, and it hangs up

    Where it is recorded, it speaks for `speaks_for` and is silent then.
    """

    kind: str = "manual"
    answer_after: float = 1.0
    press: tuple[str, ...] = ()
    press_after: float = 1.0
    hang_up_after: float | None = None
    speaks_for: float = 5.0
    extension: str = ""
    person_after: float = 5.0

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Behaviour:
        """A behaviour from JSON; ValueError says what is wrong with it."""
        allowed = {
            *("kind", "answer_after", "press", "press_after", "hang_up_after", "speaks_for"),
            *("extension", "person_after"),
        }
        unknown = set(told) - allowed
        if unknown:
            raise ValueError(f"a behaviour has no {sorted(unknown)[0]}")
        kind = str(told.get("kind", "answer" if told else "manual"))
        if kind not in BEHAVIOURS:
            raise ValueError(f"unknown kind of behaviour: {kind}")
        if (kind == "switchboard") != bool(told.get("extension")):
            raise ValueError("a switchboard, and nothing else, needs an extension")
        press = told.get("press") or ()
        hang_up_after = told.get("hang_up_after")
        return cls(
            kind=kind,
            answer_after=float(told.get("answer_after", 20 if kind == "voicemail" else 1)),
            press=(press,) if isinstance(press, str) else tuple(str(keys) for keys in press),
            press_after=float(told.get("press_after", 1)),
            hang_up_after=None if hang_up_after is None else float(hang_up_after),
            speaks_for=float(told.get("speaks_for", 5)),
            extension=str(told.get("extension", "")),
            person_after=float(told.get("person_after", 5)),
        )

    def public(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "kind": self.kind,
            "answer_after": self.answer_after,
            "press": list(self.press),
            "press_after": self.press_after,
            "hang_up_after": self.hang_up_after,
            "speaks_for": self.speaks_for,
            "extension": self.extension,
            "person_after": self.person_after,
        }


@dataclass
class Text:
    """A text in a phone's thread."""

    at: datetime
    other: str
    body: str
    incoming: bool

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "at": self.at.isoformat(timespec="milliseconds"),
            "other": self.other,
            "body": self.body,
            "incoming": self.incoming,
        }


@dataclass
class Phone:
    """A simulated handset."""

    number: str
    name: str = ""
    behaviours: list[Behaviour] = field(default_factory=list)
    call: Call | None = None
    last_call: Call | None = None
    rings: list[tuple[str, datetime]] = field(default_factory=list)
    log: list[Note] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    stopped: bool = False

    @property
    def state(self) -> str:
        """idle, ringing, calling (it rings at the other end) or in call."""
        if self.call is None:
            return "idle"
        if self.call.status == IN_PROGRESS:
            return "in call"
        return "calling" if self.call.direction == INBOUND else "ringing"

    def public(self) -> dict[str, Any]:
        """As JSON, for the control API."""
        shown = self.call or self.last_call
        return {
            "number": self.number,
            "name": self.name,
            "state": self.state,
            "call_sid": self.call.sid if self.call else None,
            "last_call_sid": self.last_call.sid if self.last_call else None,
            "asks_for_keys": bool(self.call and self.call.program and self.call.program.asking),
            "connected_to": connected_to(self.call),
            "heard": [note.what for note in shown.heard] if shown else [],
            "rings": [
                {"call_sid": sid, "at": at.isoformat(timespec="milliseconds")}
                for sid, at in self.rings
            ],
            "behaviour": self.behaviours[0].public() if self.behaviours else None,
            "texts": [text.public() for text in self.texts],
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
