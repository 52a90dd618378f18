"""The events that a carrier's webhook can mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.problems import Problem, SmsProblem


class Detection(StrEnum):
    """The result of the carrier's answering-machine detection."""

    PERSON = "person"
    MACHINE = "machine"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class PhoneAnswered:
    """A called phone was answered; the carrier asks for instructions.

    Args:
        call_id: of the answered leg.
        parent_id: of the call that dialled it; empty for none.
        request_id: of the request that created it, where the carrier has such ids; as in all
            events.
    """

    call_id: str
    parent_id: str
    detection: Detection = Detection.UNSURE
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A called person answered a question; ``digits`` are empty without a key."""

    call_id: str
    parent_id: str
    digits: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class CallStatus:
    """A leg has a new status.

    Args:
        sequence: the event's number within the call; -1 without one.
        error_code: the carrier's, of a failed leg.
        problem: what it means.
        sent_at: when the carrier says that it happened.
        parent_id: of the call that dialled the leg; empty for none, or where it is not reported.
        connected: whether the leg is connected now, where the carrier judges the key itself.
    """

    call_id: str
    status: CarrierStatus
    sequence: int
    error_code: int | None
    problem: Problem | None
    sent_at: datetime | None
    request_id: str = ""
    parent_id: str = ""
    connected: bool = False


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The call dialled within a call has ended.

    Args:
        connected_id: of the dialled leg, where the carrier reports that the two were connected.
        error_code: the carrier's, where nobody was called.
        problem: what it means.
        rang: whether that phone rang, where the carrier reports it only now.
        hung_up: whether the call that dialled has ended too.
    """

    call_id: str
    outcome: CarrierStatus
    connected_id: str | None
    error_code: int | None
    problem: Problem | None
    request_id: str = ""
    rang: bool = False
    hung_up: bool = False


@dataclass(frozen=True, slots=True)
class InboundCall:
    """Someone calls the helpline; ``number`` (E.164) is None where it is withheld."""

    call_id: str
    number: str | None


@dataclass(frozen=True, slots=True)
class CallerInput:
    """The input of a caller's turn.

    Args:
        digits: the keys pressed, if any.
        recording: the carrier's id of a recording.
        seconds: its length.
        connected: whether caller and advisor were connected, where the carrier reports it.
        error_code: why the advisor could not be called, where the carrier reports it.
        hung_up: whether the caller is gone.
        call_id: of the caller's call.
    """

    digits: str = ""
    recording: str = ""
    seconds: int = 0
    connected: bool | None = None
    error_code: int | None = None
    hung_up: bool = False
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class InboundSms:
    """Someone sends a text message.

    Args:
        sms_id: empty where it is not usable.
        number: the sender's (E.164); None for a short code or a name.
        stops: whether the carrier itself took it as STOP; ``starts``: as START.
        carrier_answers: whether the carrier answers it.
        sent_to: the number of ours (E.164), where the carrier needs it for the reply.
    """

    sms_id: str
    number: str | None
    body: str
    stops: bool = False
    starts: bool = False
    carrier_answers: bool = False
    sent_to: str = ""


@dataclass(frozen=True, slots=True)
class SmsReport:
    """A text message of ours has a new status."""

    sms_id: str
    status: SmsStatus
    error_code: int | None
    problem: SmsProblem | None
