"""What a phone hears and does, as TwiML. Words that a visitor could hear name nobody."""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

_VOICE_LANGUAGE = "en-IN"


def ask_press_one(*, pressed_url: str, seconds: int) -> str:
    """To the advisor's phone: press 1 to be connected. A voicemail box cannot."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    gather.say("A callback is waiting. Press 1 to be connected.", language=_VOICE_LANGUAGE)
    response.append(gather)
    response.say("No key was pressed. Goodbye.", language=_VOICE_LANGUAGE)
    response.hangup()
    return str(response)


def connect(
    number: str,
    *,
    caller_id: str,
    ring_seconds: int,
    longest_seconds: int,
    dialled_url: str,
    status_url: str,
) -> str:
    """To the advisor's phone: ring the visitor and connect the two."""
    response = VoiceResponse()
    dial = Dial(
        caller_id=caller_id,
        timeout=ring_seconds,
        time_limit=longest_seconds,
        action=dialled_url,
        method="POST",
    )
    dial.number(
        number,
        status_callback=status_url,
        status_callback_method="POST",
        status_callback_event="initiated ringing answered completed",
    )
    response.append(dial)
    return str(response)


def say_and_hang_up(words: str) -> str:
    """One sentence, then the end of the call."""
    response = VoiceResponse()
    response.say(words, language=_VOICE_LANGUAGE)
    response.hangup()
    return str(response)


def hang_up() -> str:
    """The end of the call."""
    response = VoiceResponse()
    response.hangup()
    return str(response)
