"""Render the instructions of a call, and replies to text messages, as Plivo XML.

https://www.plivo.com/docs/voice/xml and its pages, one an element.
"""

from __future__ import annotations

from plivo import plivoxml as xml

from helpline.telephony.events import InboundSms
from helpline.telephony.flow import (
    Conference,
    Dial,
    Flow,
    Gather,
    Hangup,
    Instruction,
    Pause,
    Prompt,
    Record,
    Redirect,
    Say,
)

_VOICE, LOCALES = "Polly.Aditi", frozenset({"en-IN", "hi-IN"})
"""It speaks both. With WOMAN or MAN, hi-IN breaks the call (8011). For other languages of India no
voice is documented (https://www.plivo.com/docs/voice/xml/audio-output).
"""
_BEFORE_EXTENSION = "w" * 4
"""Two seconds, half a second each: a switchboard takes no digits before its greeting."""
_VOICEMAIL_SILENCE_SECONDS = 5
_INPUT_SECONDS = range(5, 61)
_BETWEEN_DIGITS_SECONDS = range(2, 11)
"""Bounds of ``executionTimeout`` and ``digitEndTimeout`` of <GetInput>."""
_TYPING_FACTOR = 4
"""``executionTimeout`` is for the whole number, our seconds are for each digit."""
_PROMPT_SECONDS, _PROMPT_SECONDS_BEHIND_SWITCHBOARD = 15, 60
"""``confirmTimeout`` counts from the answer, our seconds from the end of the prompts."""
CONFIRM_KEY = "1"
_RETRY = "#ct=2000&rt=8000&rc=3&rp=ct,rt,5xx"
"""Retry a webhook on connect time-out, read time-out and 5xx. Plivo itself retries once, and not on
5xx (https://www.plivo.com/docs/voice/concepts/callbacks). It is not part of what is signed.
"""


def retried(url: str) -> str:
    """Return a webhook address that Plivo retries, as while the web process restarts."""
    return url + _RETRY


def render_flow(flow: Flow) -> str:
    response = xml.ResponseElement()
    for instruction in flow:
        if isinstance(instruction, Gather) and instruction.confirms_dial:
            # Dial itself judges the key and hangs up. This document may only speak and wait.
            for prompt in instruction.prompts:
                response.add(_prompt(prompt))
            break
        for element in _elements(instruction):
            response.add(element)
    return str(response.to_string(pretty=False))


def render_sms_reply(body: str | None, sms: InboundSms | None) -> str:
    """Render one reply, or none. A reply needs both numbers, so a static one has none."""
    response = xml.ResponseElement()
    if body is not None and sms is not None and sms.number is not None and sms.sent_to:
        response.add(
            xml.MessageElement(
                body, src=digits_of(sms.sent_to), dst=digits_of(sms.number), type="sms"
            )
        )
    return str(response.to_string(pretty=False))


def digits_of(number: str) -> str:
    """Return a number (E.164) as Plivo takes it.

    Raises:
        ValueError: it is no number; "<" would join several.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("not a phone number")
    return digits


def _elements(instruction: Instruction) -> list[xml.PlivoXMLElement]:
    match instruction:
        case Say() | Pause():
            return [_prompt(instruction)]
        case Gather():
            return _gather(instruction)
        case Dial():
            return [_dial(instruction)]
        case Conference():
            return [_conference(instruction)]
        case Record():
            return [_record(instruction)]
        case Redirect():
            return [xml.RedirectElement(retried(instruction.url), method="POST")]
        case Hangup():
            return [xml.HangupElement()]


def _prompt(prompt: Prompt) -> xml.PlivoXMLElement:
    if isinstance(prompt, Pause):
        return xml.WaitElement(length=prompt.seconds)
    return xml.SpeakElement(prompt.text, voice=prompt.voice or _VOICE, language=prompt.locale)


def _gather(instruction: Gather) -> list[xml.PlivoXMLElement]:
    seconds = instruction.seconds * (_TYPING_FACTOR if instruction.whole_number else 1)
    gather = xml.GetInputElement(
        action=retried(instruction.input_url),
        method="POST",
        input_type="dtmf",
        execution_timeout=_within(seconds, _INPUT_SECONDS),
        digit_end_timeout=_within(instruction.seconds, _BETWEEN_DIGITS_SECONDS),
        finish_on_key="#" if instruction.whole_number else "none",
        num_digits=None if instruction.whole_number else 1,
        log=False,
        redirect=True,
    )
    for prompt in instruction.prompts:
        if isinstance(prompt, Say):  # <GetInput> documents <Speak> and <Play> in it, no <Wait>.
            gather.add(_prompt(prompt))
    if not instruction.reports_silence:
        return [gather]
    # Without a key Plivo goes on with what stands below.
    return [gather, *_elements(Redirect(instruction.input_url))]


def _within(seconds: int, bounds: range) -> int:
    return min(max(seconds, bounds[0]), bounds[-1])


def _conference(instruction: Conference) -> xml.PlivoXMLElement:
    """Music is heard only by who may not start it, so all may. No sound is played by default
    (https://www.plivo.com/docs/voice/xml/conference).
    """
    return xml.ConferenceElement(
        instruction.name,
        action=retried(instruction.ended_url),
        method="POST",
        muted=instruction.muted,
        enter_sound="beep:1" if instruction.announced else None,
        start_conference_on_enter=True,
        end_conference_on_exit=instruction.ends_for_all,
        redirect=True,
    )


def _record(instruction: Record) -> xml.PlivoXMLElement:
    return xml.RecordElement(
        action=retried(instruction.ended_url),
        method="POST",
        timeout=_VOICEMAIL_SILENCE_SECONDS,
        finish_on_key="#",
        max_length=instruction.max_seconds,
        play_beep=True,
        file_format="wav",
        callback_url=retried(instruction.available_url),
        callback_method="POST",
        redirect=True,
    )


def _dial(instruction: Dial) -> xml.PlivoXMLElement:
    """Events and screening are of the whole <Dial>, which has one number."""
    prompts = _PROMPT_SECONDS_BEHIND_SWITCHBOARD if instruction.extension else _PROMPT_SECONDS
    dial = xml.DialElement(
        action=retried(instruction.ended_url),
        method="POST",
        time_limit=instruction.max_seconds,
        timeout=instruction.ring_seconds,
        caller_id=digits_of(instruction.caller_id),
        dial_music="real" if instruction.caller_hears_ringing else None,
        redirect=True,
    )
    if events_url := instruction.status_url or instruction.connected_url:
        dial.callback_url = retried(events_url)
        dial.callback_method = "POST"
    if instruction.answered_url is not None:
        dial.confirm_sound = retried(instruction.answered_url)
        dial.confirm_key = CONFIRM_KEY
        dial.confirm_timeout = str(prompts + instruction.answer_seconds)
    extension = instruction.extension
    dial.add(
        xml.NumberElement(
            digits_of(instruction.number),
            send_digits=_BEFORE_EXTENSION + extension if extension else None,
        )
    )
    return dial
