"""What to say and do next on a call, as plain values that the carrier's adapter renders.

Prompts that a visitor could hear name nobody. Questions to callers are answered also when no key
was pressed, so that no call ends in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from helpline.telephony.prompts import Voice, voice_for

_PAUSE_SECONDS = 1
_REPEAT_PAUSE_SECONDS = 2
_TIMES_ASKED, _TIMES_ASKED_BEHIND_SWITCHBOARD = 2, 8
_STAFF_LOCALE = "en-IN"


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text; without ``voice`` in the carrier's usual one."""

    text: str
    locale: str | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait in silence."""

    seconds: int = _PAUSE_SECONDS


Prompt = Say | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Ask for a key, or for a number ended by the hash key; a key interrupts the prompts.

    Args:
        input_url: webhook for the keys.
        seconds: time to press a key.
        whole_number: whether it asks for a number.
        reports_silence: whether ``input_url`` is called without a key too; else the flow goes on.
        confirms_dial: whether it is the question of ``Dial.answered_url``, of which a carrier may
            judge the key itself.
    """

    prompts: tuple[Prompt, ...]
    input_url: str
    seconds: int
    whole_number: bool = False
    reports_silence: bool = True
    confirms_dial: bool = False


@dataclass(frozen=True, slots=True)
class Dial:
    """Call a second phone and connect it.

    Args:
        ended_url: webhook for the end of that call.
        status_url: webhook for its statuses; None for none.
        answered_url: instructions for the called phone before it is connected; None for none.
        machine_detection: detect an answering machine first. Not with an extension, where a
            switchboard would be taken for a machine.
        extension: digits sent once the phone was answered.
        caller_hears_ringing: whether the first call is answered only once the two are connected.
        connected_url: webhook for that the two are connected, where the carrier judges the key of
            ``answered_url`` itself and ``status_url`` is None.
        answer_seconds: time to press that key, after the prompts.
    """

    number: str
    caller_id: str
    ring_seconds: int
    max_seconds: int
    ended_url: str
    status_url: str | None = None
    answered_url: str | None = None
    machine_detection: bool = False
    extension: str | None = None
    caller_hears_ringing: bool = False
    connected_url: str | None = None
    answer_seconds: int = 10


@dataclass(frozen=True, slots=True)
class Record:
    """Record a voicemail after a tone, until silence, the hash key or the maximum length.

    Args:
        ended_url: webhook for its end.
        available_url: webhook for when the recording can be fetched.
    """

    ended_url: str
    available_url: str
    max_seconds: int


@dataclass(frozen=True, slots=True)
class Conference:
    """Enter a conference, in which all hear each other. Nobody hears music while they wait.

    Args:
        name: opaque. Calls with the same one meet.
        ended_url: webhook for that the call has left it.
        muted: it hears the others, and they do not hear it.
        announced: the others hear a short tone as it enters.
        ends_for_all: the conference is over for all once it leaves.
    """

    name: str
    ended_url: str
    muted: bool = False
    announced: bool = False
    ends_for_all: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Continue with the instructions of a webhook."""

    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Instruction = Say | Pause | Gather | Dial | Conference | Record | Redirect | Hangup
Flow = tuple[Instruction, ...]

HANG_UP: Flow = (Hangup(),)
CONTINUE: Flow = ()
"""The two phones are connected now."""


def ask_to_press_one(*, pressed_url: str, seconds: int) -> Flow:
    """Ask the advisor to press 1, which a voicemail box cannot."""
    prompt = Say("A callback is waiting. Press 1 to be connected.", _STAFF_LOCALE)
    return (
        Gather((prompt,), pressed_url, seconds, reports_silence=False),
        *say_to_staff("You did not press a key. Goodbye."),
    )


def ask_to_listen(*, pressed_url: str, seconds: int) -> Flow:
    """Ask a supervisor to press 1 to listen in to a call."""
    prompt = Say(
        "You asked to listen in to a call. Press 1 to listen. They do not hear you until you join.",
        _STAFF_LOCALE,
    )
    return (
        Gather((prompt,), pressed_url, seconds, reports_silence=False),
        *say_to_staff("You did not press a key. Goodbye."),
    )


def announce_listener(conference: Conference, language: str) -> Flow:
    """Say that a supervisor listens, in a language of ours, then enter the conference.

    Both sides hear it at the same time, so that nobody speaks to someone who does not hear them.
    """
    voice = voice_for(language)
    return (*_spoken([voice.say("supervisor_listens")], voice), conference)


def say_to_staff(prompt: str) -> Flow:
    """Say something to an advisor, then end the call."""
    return (Say(prompt, _STAFF_LOCALE), *HANG_UP)


def ask_visitor(
    *, pressed_url: str, seconds: int, language: str, behind_switchboard: bool = False
) -> Flow:
    """Ask the visitor to press 1, which a machine cannot.

    It names neither the helpline nor the reason, since anybody may answer.

    Args:
        seconds: time to press.
        language: of the callback.
        behind_switchboard: whether their phone rings only after its extension was sent. The prompt
            is then repeated for about as long as a phone rings.
    """
    voice = voice_for(language)
    times = _TIMES_ASKED_BEHIND_SWITCHBOARD if behind_switchboard else _TIMES_ASKED
    prompts = _spoken([voice.say("you_have_a_call")] * times, voice, _REPEAT_PAUSE_SECONDS)
    return (_confirmation(prompts, pressed_url, seconds), *HANG_UP)


def ask_advisor(*, voice: Voice, pressed_url: str, seconds: int) -> Flow:
    """Ask the advisor to press 1 for an inbound call."""
    prompts = _spoken([voice.say("advisor_press_one")], voice)
    return (_confirmation(prompts, pressed_url, seconds), *HANG_UP)


def ask(
    prompts: Iterable[str],
    *,
    voice: Voice,
    input_url: str,
    seconds: int,
    whole_number: bool = False,
) -> Flow:
    """Ask the caller for a key, or for a number ended by the hash key."""
    return (Gather(tuple(_spoken(prompts, voice)), input_url, seconds, whole_number),)


def ask_language(greetings: Sequence[tuple[str, str]], *, input_url: str, seconds: int) -> Flow:
    """Ask for a language; each greeting is a pair of code and prompt."""
    prompts = [spoken for code, text in greetings for spoken in _spoken([text], voice_for(code))]
    return (Gather(tuple(prompts), input_url, seconds),)


def dial_advisor(prompts: Iterable[str], dial: Dial, *, voice: Voice) -> Flow:
    """Call an advisor's phone for an inbound call."""
    return (*_spoken(prompts, voice), dial)


def record(prompts: Iterable[str], recording: Record, *, voice: Voice) -> Flow:
    """Record a voicemail; where there was nothing to record, its end is reported all the same."""
    return (*_spoken(prompts, voice), recording, Redirect(recording.ended_url))


def say_and_end(prompts: Iterable[str], *, voice: Voice) -> Flow:
    return (*_spoken(prompts, voice), *HANG_UP)


def say_all_and_end(parts: Iterable[tuple[Voice, Iterable[str]]]) -> Flow:
    """Say prompts in one language after another, then end the call."""
    said = [step for voice, prompts in parts for step in (*_spoken(prompts, voice), Pause())]
    return (*said, *HANG_UP)


def _confirmation(prompts: Iterable[Prompt], pressed_url: str, seconds: int) -> Gather:
    return Gather(tuple(prompts), pressed_url, seconds, reports_silence=False, confirms_dial=True)


def _spoken(
    prompts: Iterable[str], voice: Voice, pause_seconds: int = _PAUSE_SECONDS
) -> Iterator[Prompt]:
    """With a short pause in between."""
    for index, text in enumerate(prompts):
        if index:
            yield Pause(pause_seconds)
        yield Say(text, voice.locale, voice.voice)
