"""Text messages, and what a service or a carrier answers to one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# The plain alphabet of GSM 03.38; any other character makes a text UCS-2, with shorter parts.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


def segments(body: str) -> int:
    """How many parts a text is sent in."""
    alone, joined = (160, 153) if set(body) <= GSM else (70, 67)
    return 1 if len(body) <= alone else -(-len(body) // joined)


@dataclass
class Message:
    """One text.

    Args:
        line: our number that a text of a phone was sent to, whatever its channel.
        doomed_by: the code with which it will fail; None where it will not.
    """

    sid: str
    carrier: str
    to: str
    from_: str
    body: str
    direction: str
    created: datetime
    status: str
    callback: str = ""
    line: str = ""
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None
    doomed_by: int | None = None
    statuses: list[str] = field(default_factory=list)

    def public(self) -> dict[str, Any]:
        """As JSON, for the control API."""
        return {
            "sid": self.sid,
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "statuses": list(self.statuses),
            "error_code": self.error_code,
        }


@dataclass(frozen=True)
class Keywords:
    """Words that a carrier itself answers when a person texts one of them alone."""

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    stop_reply: str = ""
    start_reply: str = ""
    help_reply: str = ""


@dataclass(frozen=True)
class Reply:
    """A text that the service answers with; empty addresses are those of the conversation."""

    body: str
    to: str = ""
    from_: str = ""
    callback: str = ""


@dataclass(frozen=True)
class AskElsewhere:
    """Another address that knows the answer."""

    url: str
    method: str = "POST"


Answered = list[Reply | AskElsewhere]
