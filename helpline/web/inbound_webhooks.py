"""Carrier webhooks of inbound calls; calls/inbound decides, this module renders.

Refused unless the signature is valid; no request to the carrier; a repeated webhook gets the same
response.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.inbound import service as inbound
from helpline.calls.inbound.ivr import CallerInput, IvrSettings
from helpline.calls.inbound.replies import Kind, Reply
from helpline.current import settings
from helpline.domain.call_progress import FINAL
from helpline.telephony import prompts
from helpline.telephony.twilio import inbound_twiml, twiml
from helpline.telephony.twilio.recordings import is_recording_sid
from helpline.telephony.twilio.statuses import caller_of, status_of
from helpline.web import inbound_fallback, metrics
from helpline.web import inbound_prompts as words
from helpline.web.access import CARRIER, allow
from helpline.web.call_webhooks import need_signature, public_address
from helpline.web.inbound_fallback import Flow
from helpline.web.int_params import parse_int
from helpline.web.request_context import other_numbers

call_in = Blueprint("call_in", __name__, url_prefix="/webhooks/voice")
call_in.before_request(need_signature)

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_SHORTEST_SECONDS = 1
_KEY_SECONDS = 6
_TYPING_SECONDS = 10
_HOLD_SECONDS = 15


@call_in.post("/inbound")
@allow(CARRIER)
def rang() -> ResponseReturnValue:
    number = _caller()
    return _said(inbound.call_received(_call(), number, rules=_rules(), now=clock.now()))


@call_in.post("/inbound/fallback")
@allow(CARRIER)
def fallback() -> ResponseReturnValue:
    """The carrier could not use our response to a call. Needs no database.

    The address is the number's VoiceFallbackUrl
    (https://www.twilio.com/docs/usage/security/availability-reliability).
    """
    log.error(
        "carrier rejected a webhook response, fallback used",
        code=request.form.get("ErrorCode", type=parse_int),
    )
    metrics.count_fallback(Flow.CALLER)
    return _twiml(inbound_fallback.spoken_to(_caller()))


@call_in.post("/inbound/<int:turn>")
@allow(CARRIER)
def heard(turn: int) -> ResponseReturnValue:
    reply = inbound.input_received(
        _call(), turn, _word(), hung_up=_is_over(), rules=_rules(), now=clock.now()
    )
    return _said(reply)


@call_in.post("/inbound/<int:turn>/advisor")
@allow(CARRIER)
def advisor_answered(turn: int) -> ResponseReturnValue:
    if not inbound.advisor_answered(_parent(), turn, _call(), now=clock.now()):
        return _twiml(twiml.hang_up())
    return _twiml(
        inbound_twiml.ask_advisor(
            voice=prompts.voice_for(settings().voice_languages[0]),
            pressed_url=public_address("call_in.advisor_pressed", turn=turn),
            seconds=settings().press_one_seconds,
        )
    )


@call_in.post("/inbound/<int:turn>/advisor/pressed")
@allow(CARRIER)
def advisor_pressed(turn: int) -> ResponseReturnValue:
    if request.form.get("Digits") != "1":
        return _twiml(twiml.hang_up())
    if inbound.advisor_pressed_one(_parent(), turn, _call(), now=clock.now()):
        return _twiml(inbound_twiml.connect())
    speak = prompts.voice_for(settings().voice_languages[0])
    return _twiml(inbound_twiml.say_and_end([speak.say("advisor_too_late")], voice=speak))


@call_in.post("/inbound/recorded")
@allow(CARRIER)
def recorded() -> ResponseReturnValue:
    word = _word()
    if word.recording and request.form.get("RecordingStatus") == "completed":
        inbound.message_recorded(_call(), word, rules=_rules(), now=clock.now())
    return Response(status=204)


@call_in.post("/inbound/status")
@allow(CARRIER)
def status() -> ResponseReturnValue:
    """The call has ended, where the number's own status callback leads here."""
    if _is_over():
        inbound.call_ended(_call(), now=clock.now())
    return Response(status=204)


@call_in.errorhandler(NoSuchAttempt)
def _no_such_call(_error: NoSuchAttempt) -> ResponseReturnValue:
    return Response(status=404)


def _said(reply: Reply) -> Response:
    speak = prompts.voice_for(reply.language)
    heard_url = public_address("call_in.heard", turn=reply.turn)
    match reply.kind:
        case Kind.ASK_LANGUAGE:
            text = inbound_twiml.ask_language(
                words.language_choices(settings().voice_languages, reply.region),
                input_url=heard_url,
                seconds=_KEY_SECONDS,
            )
        case Kind.RING_ADVISOR:
            text = _ring(reply, speak, heard_url)
        case Kind.RECORD:
            text = inbound_twiml.record(
                words.sentences_of(reply, speak),
                voice=speak,
                recorded_url=heard_url,
                available_url=public_address("call_in.recorded"),
                max_seconds=settings().longest_message_seconds,
            )
        case Kind.HOLD:
            text = inbound_twiml.ask(
                words.sentences_of(reply, speak),
                voice=speak,
                input_url=heard_url,
                seconds=_HOLD_SECONDS,
            )
        case Kind.OFFER | Kind.CLOSED | Kind.READ_BACK | Kind.ASK_NUMBER:
            typed = reply.kind == Kind.ASK_NUMBER
            text = inbound_twiml.ask(
                words.sentences_of(reply, speak),
                voice=speak,
                input_url=heard_url,
                seconds=_TYPING_SECONDS if typed else _KEY_SECONDS,
                whole_number=typed,
            )
        case Kind.HANG_UP:
            text = twiml.hang_up()
        case _:
            text = inbound_twiml.say_and_end(words.sentences_of(reply, speak), voice=speak)
    return _twiml(text)


def _ring(reply: Reply, speak: prompts.Voice, heard_url: str) -> str:
    assert reply.number is not None
    return inbound_twiml.dial_advisor(
        words.sentences_of(reply, speak),
        reply.number,
        voice=speak,
        caller_id=settings().caller_id,
        ring_seconds=settings().advisor_ring_seconds,
        max_seconds=settings().longest_call_minutes * 60,
        dialled_url=heard_url,
        whisper_url=public_address("call_in.advisor_answered", turn=reply.turn),
    )


def _caller() -> str | None:
    return caller_of(request.form.get("From", ""), settings().default_region)


def _rules() -> IvrSettings:
    return IvrSettings(
        other_numbers=other_numbers(),
        caller_id=settings().caller_id,
        languages=settings().voice_languages,
        default_region=settings().default_region,
        allowed_regions=settings().allowed_regions,
        most_advisors=settings().call_in_most_advisors,
    )


def _word() -> CallerInput:
    form = request.form
    recording = form.get("RecordingSid", "")
    return CallerInput(
        digits=form.get("Digits", "")[:40],
        recording=recording if is_recording_sid(recording) else "",
        seconds=form.get("RecordingDuration", _SHORTEST_SECONDS, type=parse_int),
        connected={"true": True, "false": False}.get(form.get("DialBridged", "")),
        error_code=form.get("ErrorCode", type=parse_int) if "DialCallStatus" in form else None,
    )


def _is_over() -> bool:
    return status_of(request.form.get("CallStatus", "")) in FINAL


def _call() -> str:
    return request.form.get("CallSid", "")[:34]


def _parent() -> str:
    return request.form.get("ParentCallSid", "")[:34]


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
