"""A simulated phone: every E.164 number is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from phonesim.behaviours import Behaviour
from phonesim.calls import IN_PROGRESS, INBOUND, Call, Note, connected_to


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
