"""What a phone hears and does, as TwiML. Words that a visitor could hear name nobody."""

from __future__ import annotations

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpline.telephony.spoken import tongue

_VOICE_LANGUAGE = "en-IN"
_BEFORE_EXTENSION = "w" * 4
"""Two seconds: a switchboard hears no digits before its greeting has begun. Each w is half a second
(https://www.twilio.com/docs/voice/twiml/number#senddigits)."""
_TIMES_ASKED, _TIMES_ASKED_BEHIND_SWITCHBOARD = 2, 8


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
    whisper_url: str | None = None,
    machine_detection: bool = False,
    extension: str | None = None,
) -> str:
    """To the advisor's phone: ring the visitor and connect the two.

    Args:
        whisper_url: what the visitor's phone hears before the two are connected comes from there;
            None: nothing.
        machine_detection: the carrier finds out first whether a machine has answered, and tells
            that address. Not with an extension: Twilio ignores detection where digits are sent
            (https://www.twilio.com/docs/voice/answering-machine-detection), and a switchboard
            would be taken for a machine.
        extension: digits that are sent once the visitor's phone has been answered.
    """
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
    """To the visitor's phone: press 1 to take the call. A machine cannot. The words name neither
    us nor the reason, since anybody may answer.

    Args:
        seconds: how long they have to press.
        language: code of the language of the callback.
        behind_switchboard: whether their phone begins to ring only after its extension was sent.
            The words are repeated for about as long as a phone rings.
    """
    speak = tongue(language)
    words = speak.say("you_have_a_call")
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=seconds, action=pressed_url, method="POST")
    times = _TIMES_ASKED_BEHIND_SWITCHBOARD if behind_switchboard else _TIMES_ASKED
    for time in range(times):
        if time:
            gather.pause(length=2)
        gather.say(words, voice=speak.voice, language=speak.locale)
    response.append(gather)
    response.hangup()
    return str(response)


def go_on() -> str:
    """Nothing more: whoever was asked first is now connected."""
    return str(VoiceResponse())


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
