"""What somebody who rings us hears and does, as TwiML. The words come from ``spoken``.

Every question comes back to us also when no key was pressed, so that no call ends in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpline.telephony.spoken import Tongue, tongue

_A_MOMENT_SECONDS = 1
_SILENCE_SECONDS = 5


def ask(
    words: Iterable[str], *, speak: Tongue, heard_url: str, seconds: int, whole_number: bool = False
) -> str:
    """Asks for a key, or for a whole number that ends with the hash key.

    Args:
        words: said one after the other, with a short pause in between; a key cuts them short.
        heard_url: where the keys, or that there were none, are told.
        seconds: how long we wait for a key.
    """
    gather = _gather(heard_url, seconds, whole_number)
    _say_all(gather, words, speak)
    return _only(gather)


def ask_language(greetings: Sequence[tuple[str, str]], *, heard_url: str, seconds: int) -> str:
    """Asks for a language, each in its own words: pairs of code and words."""
    gather = _gather(heard_url, seconds, whole_number=False)
    for code, words in greetings:
        _say_all(gather, [words], tongue(code))
    return _only(gather)


def ring_advisor(
    words: Iterable[str],
    number: str,
    *,
    speak: Tongue,
    caller_id: str,
    ring_seconds: int,
    longest_seconds: int,
    dialled_url: str,
    whisper_url: str,
) -> str:
    """Lets the caller hear ringing while an advisor's phone rings. The advisor is asked for the 1
    before the two are connected; the caller's number is not shown to them."""
    response = VoiceResponse()
    _say_all(response, words, speak)
    dial = Dial(
        caller_id=caller_id,
        timeout=ring_seconds,
        time_limit=longest_seconds,
        action=dialled_url,
        method="POST",
        answer_on_bridge=True,
    )
    dial.number(number, url=whisper_url, method="POST")
    response.append(dial)
    return str(response)


def ask_advisor(*, speak: Tongue, pressed_url: str, seconds: int) -> str:
    """To the advisor's phone, before the caller is connected: press 1. A voicemail box cannot."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    _say_all(gather, [speak.say("advisor_press_one")], speak)
    response.append(gather)
    response.hangup()
    return str(response)


def connect() -> str:
    """To the advisor's phone, after the 1: nothing more is said, and the two are connected."""
    return str(VoiceResponse())


def record(
    words: Iterable[str],
    *,
    speak: Tongue,
    recorded_url: str,
    kept_url: str,
    most_seconds: int,
) -> str:
    """Records a message.

    Args:
        recorded_url: where the end of the recording is told, and that there was nothing to record.
        kept_url: where the carrier tells that the recording can be fetched.
        most_seconds: how long it may be.
    """
    response = VoiceResponse()
    _say_all(response, words, speak)
    response.record(
        action=recorded_url,
        method="POST",
        timeout=_SILENCE_SECONDS,
        finish_on_key="#",
        max_length=most_seconds,
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=kept_url,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
    response.redirect(recorded_url, method="POST")
    return str(response)


def say_and_end(words: Iterable[str], *, speak: Tongue) -> str:
    """Words, then the end of the call."""
    response = VoiceResponse()
    _say_all(response, words, speak)
    response.hangup()
    return str(response)


def say_all_and_end(parts: Iterable[tuple[Tongue, Iterable[str]]]) -> str:
    """Words in one language after the other, then the end of the call."""
    response = VoiceResponse()
    for speak, words in parts:
        _say_all(response, words, speak)
        response.pause(length=_A_MOMENT_SECONDS)
    response.hangup()
    return str(response)


def _gather(heard_url: str, seconds: int, whole_number: bool) -> Gather:
    ending = {"finish_on_key": "#"} if whole_number else {"num_digits": 1, "finish_on_key": ""}
    return Gather(
        input="dtmf",
        timeout=seconds,
        action=heard_url,
        method="POST",
        action_on_empty_result=True,
        **ending,
    )


def _only(gather: Gather) -> str:
    response = VoiceResponse()
    response.append(gather)
    return str(response)


def _say_all(where: VoiceResponse | Gather, words: Iterable[str], speak: Tongue) -> None:
    for place, sentence in enumerate(words):
        if place:
            where.pause(length=_A_MOMENT_SECONDS)
        where.say(sentence, voice=speak.voice, language=speak.locale)
