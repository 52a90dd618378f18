"""What a carrier adds to the network: its identifiers, error codes, documents and webhooks.

The phones, lines, calls and texts know nothing of it but the carrier's name. Its REST API is a
blueprint beside this (`phonesim.twilio`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from phonesim.calls import Call, DialResult, Source
from phonesim.instructions import Document
from phonesim.lines import Line
from phonesim.recordings import Recording
from phonesim.texts import Answered, Keywords, Message

CALLER_ID = "caller_id"
INVALID_NUMBER = "invalid_number"
UNVERIFIED = "unverified"
BLOCKED = "blocked"
UNREACHABLE_PHONE = "unreachable_phone"
TOO_MANY_CALLS = "too_many_calls"


class Owned(Protocol):
    """A call, number, text or recording."""

    @property
    def carrier(self) -> str:
        """The name of its carrier."""


Record = TypeVar("Record", bound=Owned)


def of_carrier(name: str, records: Iterable[Record]) -> list[Record]:
    """Return those of one carrier."""
    return [record for record in records if record.carrier == name]


@dataclass(frozen=True)
class Retries:
    """When a webhook that failed is sent again.

    Args:
        pauses: seconds before each further try.
        failures: of which kind: "ct" (no connection), "rt" (no answer in time), "4xx", "5xx".
        read_seconds: how long an answer may take; None for as long as anybody's may.
    """

    pauses: tuple[float, ...] = ()
    failures: frozenset[str] = frozenset()
    read_seconds: float | None = None


class Signer(Protocol):
    """How a carrier sends webhooks."""

    def retries(self, url: str, kind: str) -> Retries:
        """When a webhook of a kind to this address is sent again."""

    def headers(
        self, url: str, form: Mapping[str, str], kind: str, *, forged: bool
    ) -> dict[str, str]:
        """The headers of a webhook, its signature among them.

        Args:
            kind: of the webhook, as `phonesim.courier` names it.
            forged: sign it wrongly.
        """

    def log_of(self, params: Mapping[str, str]) -> dict[str, Any]:
        """What the log of webhooks shows of its parameters: `statuses` and `sequence`."""


class Carrier(Signer, Protocol):
    """One carrier's account.

    Args:
        apology: what it says when a document cannot be had; it hangs up then.
        numbers: the account's.
        calls_per_second: how many calls of the API it starts; further ones wait. 0: all.
        calls_at_once: how many legs may be under way; further ones fail. 0: all.
        fails_legs: whether a Dial that is refused has a leg, which fails with the code.
        codes: its error codes, by the reasons above, those of `phonesim.instructions` and the
            kinds of `phonesim.faults`.
    """

    name: str
    apology: str
    codes: Mapping[str, int]
    numbers: Sequence[str]
    calls_per_second: float
    calls_at_once: int
    fails_legs: bool

    def blocks(self, caller_id: str, to: str) -> bool:
        """Whether a country's rule forbids this call, where such rules are in force."""

    def keywords_of(self, number: str) -> Keywords:
        """The words that it answers itself when they are texted to a number of the account."""

    def falls_back(self, place: str) -> bool:
        """Whether the fallback URL stands in for a document of this place."""

    def document_code(self, reason: str, place: str) -> int:
        """The code of a document that failed."""

    def new_id(self, kind: str) -> str:
        """A fresh identifier of a call, message or recording."""

    def line(self, number: str) -> Line:
        """One of the account's numbers, as at the start."""

    def source(self, line: Line) -> Source:
        """Where the instructions for a call to this number are."""

    def inbound_extras(self, caller_id: str) -> dict[str, str]:
        """Parameters that the webhooks of an inbound call have besides."""

    def read_document(
        self, text: str | bytes, url: str, content_type: str = "text/xml"
    ) -> Document:
        """Read instructions; relative addresses in them are taken from `url`.

        Args:
            content_type: of the answer that they came in.

        Raises:
            DocumentError: they cannot be read.
        """

    def read_replies(self, text: bytes, url: str) -> Answered | None:
        """What the service answers to a text; None where that cannot be read."""

    def call_params(self, call: Call) -> dict[str, str]:
        """What every request about a call says."""

    def status_params(self, call: Call, event: str) -> dict[str, str]:
        """What a status callback says of an event; it may use up a sequence number."""

    def detection_params(self, call: Call, seconds: float) -> dict[str, str]:
        """What the callback of a machine detection that took so long says."""

    def gather_params(self, digits: str, finished_on: str) -> dict[str, str]:
        """What the action of a Gather is told besides."""

    def dial_params(self, result: DialResult) -> dict[str, str]:
        """What the action of a Dial is told besides."""

    def conference_params(self, name: str) -> dict[str, str]:
        """What the action is told besides once a call has left a conference."""

    def record_params(self, recording: Recording, ended_by: str) -> dict[str, str]:
        """What the action of a Record is told besides.

        Args:
            ended_by: the key that ended it, "hangup", or nothing.
        """

    def recording_status_params(self, recording: Recording) -> dict[str, str]:
        """What the status callback of a recording says."""

    def failure_params(self, reason: str, url: str) -> dict[str, str]:
        """What a fallback URL is told besides: why this address failed."""

    def message_params(self, message: Message) -> dict[str, str]:
        """What the status callback of a text says."""

    def text_params(self, message: Message) -> dict[str, str]:
        """What the webhook of an inbound text says."""
