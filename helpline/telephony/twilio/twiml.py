"""TwiML of outbound calls. Prompts that a visitor could hear name nobody."""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpline.telephony.prompts import voice_for

_VOICE_LANGUAGE = "en-IN"
_BEFORE_EXTENSION = "w" * 4
"""Two seconds: a switchboard takes no digits before its greeting has begun. Each w is half a second
(https://www.twilio.com/docs/voice/twiml/number#senddigits).
"""
_TIMES_ASKED, _TIMES_ASKED_BEHIND_SWITCHBOARD = 2, 8


def ask_press_one(*, pressed_url: str, seconds: int) -> str:
    """Ask the advisor to press 1, which a voicemail box cannot."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    gather.say("A callback is waiting. Press 1 to be connected.", language=_VOICE_LANGUAGE)
    response.append(gather)
    response.say("You did not press a key. Goodbye.", language=_VOICE_LANGUAGE)
    response.hangup()
    return str(response)


def connect(
    number: str,
    *,
    caller_id: str,
    ring_seconds: int,
    max_seconds: int,
    dialled_url: str,
    status_url: str,
    whisper_url: str | None = None,
    machine_detection: bool = False,
    extension: str | None = None,
) -> str:
    """Dial the visitor from the advisor's call and connect the two.

    Args:
        whisper_url: instructions for the visitor's phone before the two are connected; None for
            none.
        machine_detection: detect an answering machine first. Not with an extension: Twilio ignores
            detection where digits are sent
            (https://www.twilio.com/docs/voice/answering-machine-detection), and a switchboard
            would be taken for a machine.
        extension: digits sent once the visitor's phone was answered.
    """
    response = VoiceResponse()
    dial = Dial(
        caller_id=caller_id,
        timeout=ring_seconds,
        time_limit=max_seconds,
        action=dialled_url,
        method="POST",
    )
    dial.number(
        number,
        status_callback=status_url,
        status_callback_method="POST",
        status_callback_event="ringing answered completed",
        **_whisper(whisper_url, machine_detection and not extension),
        **({"send_digits": _BEFORE_EXTENSION + extension} if extension else {}),
    )
    response.append(dial)
    return str(response)


def _whisper(url: str | None, machine_detection: bool) -> dict[str, str]:
    if url is None:
        return {}
    return {"url": url, "method": "POST"} | (
        {"machine_detection": "Enable"} if machine_detection else {}
    )


def ask_visitor(
    *, pressed_url: str, seconds: int, language: str, behind_switchboard: bool = False
) -> str:
    """Ask the visitor to press 1, which a machine cannot.

    It names neither the helpline nor the reason, since anybody may answer.

    Args:
        seconds: time to press.
        language: of the callback.
        behind_switchboard: whether their phone rings only after its extension was sent. The prompt
            is then repeated for about as long as a phone rings.
    """
    voice = voice_for(language)
    prompt = voice.say("you_have_a_call")
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    times = _TIMES_ASKED_BEHIND_SWITCHBOARD if behind_switchboard else _TIMES_ASKED
    for time in range(times):
        if time:
            gather.pause(length=2)
        gather.say(prompt, voice=voice.voice, language=voice.locale)
    response.append(gather)
    response.hangup()
    return str(response)


def continue_call() -> str:
    """Continue: the two are now connected."""
    return str(VoiceResponse())


def say_and_hang_up(prompt: str) -> str:
    response = VoiceResponse()
    response.say(prompt, language=_VOICE_LANGUAGE)
    response.hangup()
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)
