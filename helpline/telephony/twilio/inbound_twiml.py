"""TwiML of inbound calls; the words are in ``prompts``.

Every question posts back also when no key was pressed, so that no call ends in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpline.telephony.prompts import Voice, voice_for

_PAUSE_SECONDS = 1
_SILENCE_SECONDS = 5


def ask(
    prompts: Iterable[str],
    *,
    voice: Voice,
    input_url: str,
    seconds: int,
    whole_number: bool = False,
) -> str:
    """Ask for a key, or for a number ended by the hash key.

    Args:
        prompts: with a short pause in between; a key interrupts them.
        input_url: webhook for the keys, also when there were none.
        seconds: time to press a key.
    """
    gather = _gather(input_url, seconds, whole_number)
    _say_all(gather, prompts, voice)
    return _response_with(gather)


def ask_language(greetings: Sequence[tuple[str, str]], *, input_url: str, seconds: int) -> str:
    """Ask for a language; each greeting is a pair of code and prompt."""
    gather = _gather(input_url, seconds, whole_number=False)
    for code, prompt in greetings:
        _say_all(gather, [prompt], voice_for(code))
    return _response_with(gather)


def dial_advisor(
    prompts: Iterable[str],
    number: str,
    *,
    voice: Voice,
    caller_id: str,
    ring_seconds: int,
    max_seconds: int,
    dialled_url: str,
    whisper_url: str,
) -> str:
    """Dial an advisor's phone while the caller hears ringing.

    The advisor is asked to press 1 first and is not shown the caller's number.
    """
    response = VoiceResponse()
    _say_all(response, prompts, voice)
    dial = Dial(
        caller_id=caller_id,
        timeout=ring_seconds,
        time_limit=max_seconds,
        action=dialled_url,
        method="POST",
        answer_on_bridge=True,
    )
    dial.number(number, url=whisper_url, method="POST")
    response.append(dial)
    return str(response)


def ask_advisor(*, voice: Voice, pressed_url: str, seconds: int) -> str:
    """Ask the advisor to press 1, which a voicemail box cannot."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    _say_all(gather, [voice.say("advisor_press_one")], voice)
    response.append(gather)
    response.hangup()
    return str(response)


def connect() -> str:
    """Connect advisor and caller."""
    return str(VoiceResponse())


def record(
    prompts: Iterable[str],
    *,
    voice: Voice,
    recorded_url: str,
    available_url: str,
    max_seconds: int,
) -> str:
    """Record a voicemail.

    Args:
        recorded_url: webhook for the end of the recording, also when there was nothing to record.
        available_url: webhook for when the recording can be fetched.
        max_seconds: maximum length.
    """
    response = VoiceResponse()
    _say_all(response, prompts, voice)
    response.record(
        action=recorded_url,
        method="POST",
        timeout=_SILENCE_SECONDS,
        finish_on_key="#",
        max_length=max_seconds,
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=available_url,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
    response.redirect(recorded_url, method="POST")
    return str(response)


def say_and_end(prompts: Iterable[str], *, voice: Voice) -> str:
    response = VoiceResponse()
    _say_all(response, prompts, voice)
    response.hangup()
    return str(response)


def say_all_and_end(parts: Iterable[tuple[Voice, Iterable[str]]]) -> str:
    """Say prompts in one language after another, then end the call."""
    response = VoiceResponse()
    for voice, prompts in parts:
        _say_all(response, prompts, voice)
        response.pause(length=_PAUSE_SECONDS)
    response.hangup()
    return str(response)


def _gather(input_url: str, seconds: int, whole_number: bool) -> Gather:
    ending = {"finish_on_key": "#"} if whole_number else {"num_digits": 1, "finish_on_key": ""}
    return Gather(
        input="dtmf",
        timeout=seconds,
        action=input_url,
        method="POST",
        action_on_empty_result=True,
        **ending,
    )


def _response_with(gather: Gather) -> str:
    response = VoiceResponse()
    response.append(gather)
    return str(response)


def _say_all(parent: VoiceResponse | Gather, prompts: Iterable[str], voice: Voice) -> None:
    for index, sentence in enumerate(prompts):
        if index:
            parent.pause(length=_PAUSE_SECONDS)
        parent.say(sentence, voice=voice.voice, language=voice.locale)
