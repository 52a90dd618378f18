"""Render the instructions of a call, and replies to text messages, as TwiML."""

from __future__ import annotations

from typing import Any

from twilio.twiml import voice_response as twiml
from twilio.twiml.messaging_response import MessagingResponse

from helpline.telephony.flow import (
    Conference,
    Dial,
    Flow,
    Gather,
    Hangup,
    Instruction,
    Pause,
    Record,
    Redirect,
    Say,
)

_BEFORE_EXTENSION = "w" * 4
"""Two seconds: a switchboard takes no digits before its greeting has begun. Each w is half a second
(https://www.twilio.com/docs/voice/twiml/number#senddigits).
"""
_VOICEMAIL_SILENCE_SECONDS = 5


def render_flow(flow: Flow) -> str:
    response = twiml.VoiceResponse()
    for instruction in flow:
        _append(response, instruction)
    return str(response)


def render_sms_reply(body: str | None) -> str:
    """Render one reply, or none."""
    response = MessagingResponse()
    if body is not None:
        response.message(body)
    return str(response)


def _append(parent: twiml.VoiceResponse | twiml.Gather, instruction: Instruction) -> None:
    match instruction:
        case Say():
            parent.say(instruction.text, voice=instruction.voice, language=instruction.locale)
        case Pause():
            parent.pause(length=instruction.seconds)
        case Gather():
            parent.append(_gather(instruction))
        case Dial():
            parent.append(_dial(instruction))
        case Conference():
            parent.append(_conference(instruction))
        case Record():
            parent.record(
                action=instruction.ended_url,
                method="POST",
                timeout=_VOICEMAIL_SILENCE_SECONDS,
                finish_on_key="#",
                max_length=instruction.max_seconds,
                play_beep=True,
                trim="do-not-trim",
                recording_status_callback=instruction.available_url,
                recording_status_callback_method="POST",
                recording_status_callback_event="completed",
            )
        case Redirect():
            parent.redirect(instruction.url, method="POST")
        case Hangup():
            parent.hangup()


def _conference(instruction: Conference) -> twiml.Dial:
    """By default two minutes of music are heard alone, and a beep whenever somebody enters or
    leaves (https://www.twilio.com/docs/voice/twiml/conference).
    """
    dial = twiml.Dial(action=instruction.ended_url, method="POST")
    dial.conference(
        instruction.name,
        muted=instruction.muted,
        beep="onEnter" if instruction.announced else "false",
        wait_url="",
        start_conference_on_enter=True,
        end_conference_on_exit=instruction.ends_for_all,
    )
    return dial


def _gather(instruction: Gather) -> twiml.Gather:
    options: dict[str, Any] = {}
    if not instruction.whole_number:
        options["num_digits"] = 1
    if instruction.reports_silence:
        finish_on_key = "#" if instruction.whole_number else ""
        options |= {"input": "dtmf", "action_on_empty_result": True, "finish_on_key": finish_on_key}
    gather = twiml.Gather(
        timeout=instruction.seconds, action=instruction.input_url, method="POST", **options
    )
    for prompt in instruction.prompts:
        _append(gather, prompt)
    return gather


def _dial(instruction: Dial) -> twiml.Dial:
    dial = twiml.Dial(
        caller_id=instruction.caller_id,
        timeout=instruction.ring_seconds,
        time_limit=instruction.max_seconds,
        action=instruction.ended_url,
        method="POST",
        answer_on_bridge=instruction.caller_hears_ringing or None,
    )
    options: dict[str, str] = {}
    if instruction.status_url is not None:
        options |= {
            "status_callback": instruction.status_url,
            "status_callback_method": "POST",
            "status_callback_event": "ringing answered completed",
        }
    if instruction.answered_url is not None:
        options |= {"url": instruction.answered_url, "method": "POST"}
        # Twilio ignores detection where digits are sent
        # (https://www.twilio.com/docs/voice/answering-machine-detection).
        if instruction.machine_detection and not instruction.extension:
            options["machine_detection"] = "Enable"
    if instruction.extension:
        options["send_digits"] = _BEFORE_EXTENSION + instruction.extension
    dial.number(instruction.number, **options)
    return dial
