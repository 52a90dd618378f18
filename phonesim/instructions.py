"""What a service can tell a call to do, as plain values. Each carrier reads its own documents
into these; `phonesim.program` executes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

COMPLETED_ONLY = ("completed",)

ANSWER, ACTION, REDIRECT = "answer", "action", "redirect"
"""Which document of a call it is."""

UNREACHABLE = "document_unreachable"
WRONG_TYPE = "document_type"
UNREADABLE = "document_unreadable"
INVALID = "document_invalid"
TOO_MANY = "document_loop"

LETTERS_PER_SECOND = 15
PLAY_SECONDS = 5.0


class DocumentError(Exception):
    """A document that cannot be fetched, read or followed.

    Args:
        reason: one of the words above; a carrier has a code for each.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class Say:
    """Words spoken to the caller."""

    text: str
    loop: int = 1
    language: str = ""


@dataclass(frozen=True)
class Play:
    """A sound file, or keys, played to the caller."""

    what: str
    loop: int = 1


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float = 1.0


@dataclass(frozen=True)
class Gather:
    """Keys asked for, with what is said meanwhile.

    Args:
        digit_timeout: seconds between two keys; as ``timeout`` where None.
        redirect: whether the action's answer takes over the call; else it is only told.
    """

    action: str
    method: str = "POST"
    prompts: tuple[Say | Play | Pause, ...] = ()
    timeout: float = 5.0
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False
    listens_to_keys: bool = True
    digit_timeout: float | None = None
    redirect: bool = True


@dataclass(frozen=True)
class Confirm:
    """A document that is played to a dialled phone until it presses a key.

    Args:
        key: the one that connects it; empty where it is connected after the document.
        timeout: seconds since it was answered.
    """

    url: str
    key: str = ""
    timeout: float = 120.0


@dataclass(frozen=True)
class Number:
    """One phone to call within a Dial."""

    number: str
    url: str = ""
    method: str = "POST"
    send_digits: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = COMPLETED_ONLY
    machine_detection: str = ""
    amd_status_callback: str = ""
    amd_status_callback_method: str = "POST"
    confirm: Confirm | None = None


@dataclass(frozen=True)
class JoinConference:
    """A conference that several calls can be in.

    Args:
        starts_with: how many must be in it before it starts.
        wait: what is heard until then; empty for silence.
        enter_sound: what all hear when this call enters; ``exit_sound``: when it leaves.
    """

    name: str
    start_on_enter: bool = True
    end_on_exit: bool = False
    muted: bool = False
    starts_with: int = 1
    wait: str = ""
    enter_sound: str = ""
    exit_sound: str = ""


@dataclass(frozen=True)
class Dial:
    """Other phones to call, or a conference to join, and connect to this call."""

    action: str = ""
    method: str = "POST"
    numbers: tuple[Number, ...] = ()
    conference: JoinConference | None = None
    caller_id: str = ""
    timeout: float = 30.0
    time_limit: float = 14400.0
    hangup_on_star: bool = False
    answer_on_bridge: bool = False
    redirect: bool = True


@dataclass(frozen=True)
class Record:
    """What the caller says, kept."""

    action: str = ""
    method: str = "POST"
    timeout: float = 5.0
    max_length: float = 3600.0
    finish_on_key: str = "1234567890*#"
    play_beep: bool = True
    status_callback: str = ""
    status_callback_method: str = "POST"
    redirect: bool = True


@dataclass(frozen=True)
class Hangup:
    """The end of the call."""


@dataclass(frozen=True)
class Redirect:
    """Another document instead of this one."""

    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Reject:
    """An inbound call not answered at all."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Confirm | Dial | Record | Hangup | Redirect | Reject


@dataclass(frozen=True)
class Document:
    """A carrier's document read: its verbs, and warnings about what was not understood."""

    url: str
    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = field(default=())


WHISPER_VERBS = (Say, Play, Pause, Gather, Confirm, Hangup, Redirect)
"""What a dialled phone may hear before it is connected."""


def speech_seconds(prompt: Say | Play | Pause) -> float:
    """How long it takes to say this, roughly."""
    if isinstance(prompt, Pause):
        return prompt.seconds
    once = len(prompt.text) / LETTERS_PER_SECOND if isinstance(prompt, Say) else PLAY_SECONDS
    return once * max(1, prompt.loop)
