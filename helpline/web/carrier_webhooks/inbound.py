"""Carrier webhooks of inbound calls; calls/inbound decides what to say and do next."""

from __future__ import annotations

import structlog
from flask import Response, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls.inbound import service as inbound
from helpline.calls.inbound.ivr import IvrSettings
from helpline.calls.inbound.replies import Kind, Reply
from helpline.current import settings, webhook_caller_id, webhook_carrier, webhooks
from helpline.domain.call_progress import FINAL, Leg
from helpline.telephony import flow, prompts
from helpline.web import inbound_fallback, metrics
from helpline.web.access import CARRIER, allow
from helpline.web.carrier_webhooks import inbound_prompts as words
from helpline.web.carrier_webhooks.blueprint import answer, carrier_webhooks, webhook_url
from helpline.web.inbound_fallback import WebhookKind
from helpline.web.request_context import other_numbers

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_KEY_SECONDS = 6
_TYPING_SECONDS = 10
_HOLD_SECONDS = 15


@carrier_webhooks.post("/voice/inbound")
@allow(CARRIER)
def inbound_call() -> ResponseReturnValue:
    event = webhooks().inbound_call(request.form)
    reply = inbound.call_received(event.call_id, event.number, rules=_rules(), now=clock.now())
    return _answer(reply, event.call_id)


@carrier_webhooks.post("/voice/inbound/fallback")
@allow(CARRIER)
def inbound_call_fallback() -> ResponseReturnValue:
    """The carrier could not use our response to a call. Needs no database.

    The address is the number's fallback URL for voice.
    """
    log.error(
        "carrier rejected a webhook response, fallback used",
        code=webhooks().error_code(request.form),
    )
    metrics.count_fallback(WebhookKind.CALLER)
    return answer(inbound_fallback.spoken_to(webhooks().inbound_call(request.form).number))


@carrier_webhooks.post("/voice/inbound/<int:turn>")
@allow(CARRIER)
def inbound_input(turn: int) -> ResponseReturnValue:
    event = webhooks().caller_input(request.form)
    reply = inbound.input_received(event.call_id, turn, event, rules=_rules(), now=clock.now())
    return _answer(reply, event.call_id)


@carrier_webhooks.post("/voice/inbound/<int:turn>/advisor")
@allow(CARRIER)
def inbound_advisor_answered(turn: int) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    if event.parent_id and not inbound.advisor_answered(
        event.parent_id, turn, event.call_id, now=clock.now()
    ):
        return answer(flow.HANG_UP)
    return answer(
        flow.ask_advisor(
            voice=prompts.voice_for(settings().voice_languages[0]),
            pressed_url=webhook_url("inbound_advisor_pressed", turn=turn),
            seconds=settings().press_one_seconds,
        )
    )


@carrier_webhooks.post("/voice/inbound/<int:turn>/advisor/pressed")
@allow(CARRIER)
def inbound_advisor_pressed(turn: int) -> ResponseReturnValue:
    event = webhooks().key_pressed(request.form)
    if event.digits != "1":
        return answer(flow.HANG_UP)
    if inbound.advisor_pressed_one(event.parent_id, turn, event.call_id, now=clock.now()):
        return answer(flow.CONTINUE)
    speak = prompts.voice_for(settings().voice_languages[0])
    return answer(flow.say_and_end([speak.say("advisor_too_late")], voice=speak))


@carrier_webhooks.post("/voice/inbound/<int:turn>/advisor/connected")
@allow(CARRIER)
def inbound_advisor_connected(turn: int) -> ResponseReturnValue:
    """Where the carrier judges the advisor's key itself, it reports here that the two talk."""
    event = webhooks().call_status(request.form, Leg.ADVISOR)
    if (
        event is not None
        and event.connected
        and inbound.advisor_answered(event.parent_id, turn, event.call_id, now=clock.now())
    ):
        inbound.advisor_pressed_one(event.parent_id, turn, event.call_id, now=clock.now())
    return Response(status=204)


@carrier_webhooks.post("/voice/inbound/recorded")
@carrier_webhooks.post("/voice/inbound/recorded/<call>")
@allow(CARRIER)
def inbound_recording(call: str = "") -> ResponseReturnValue:
    """A carrier may name the recording alone, and not the call that it is of."""
    event = webhooks().recording_ready(request.form)
    if event is not None:
        inbound.message_recorded(event.call_id or call, event, rules=_rules(), now=clock.now())
    return Response(status=204)


@carrier_webhooks.post("/voice/inbound/status")
@allow(CARRIER)
def inbound_status() -> ResponseReturnValue:
    """The call has ended, where the number's own status callback leads here."""
    event = webhooks().call_status(request.form, Leg.VISITOR)
    if event is not None and event.status in FINAL:
        inbound.call_ended(event.call_id, now=clock.now())
    return Response(status=204)


def _answer(reply: Reply, call_id: str) -> Response:
    return answer(_flow_of(reply, call_id))


def _flow_of(reply: Reply, call_id: str) -> flow.Flow:
    speak = prompts.voice_for(reply.language)
    input_url = webhook_url("inbound_input", turn=reply.turn)
    if reply.kind == Kind.ASK_LANGUAGE:
        greetings = words.language_choices(settings().voice_languages, reply.region)
        return flow.ask_language(greetings, input_url=input_url, seconds=_KEY_SECONDS)
    if reply.kind == Kind.HANG_UP:
        return flow.HANG_UP
    sentences = words.sentences_of(reply, speak)
    match reply.kind:
        case Kind.RING_ADVISOR:
            return flow.dial_advisor(sentences, _dial(reply, input_url), voice=speak)
        case Kind.RECORD:
            recording = flow.Record(
                ended_url=input_url,
                available_url=webhook_url("inbound_recording", call=call_id),
                max_seconds=settings().longest_message_seconds,
            )
            return flow.record(sentences, recording, voice=speak)
        case Kind.HOLD:
            return flow.ask(sentences, voice=speak, input_url=input_url, seconds=_HOLD_SECONDS)
        case (
            Kind.OFFER
            | Kind.CLOSED
            | Kind.READ_BACK
            | Kind.ASK_NUMBER
            | Kind.ASK_REFERENCE
            | Kind.REFERENCE
        ):
            typed = reply.kind in (Kind.ASK_NUMBER, Kind.ASK_REFERENCE)
            return flow.ask(
                sentences,
                voice=speak,
                input_url=input_url,
                seconds=_TYPING_SECONDS if typed else _KEY_SECONDS,
                whole_number=typed,
            )
    return flow.say_and_end(sentences, voice=speak)


def _dial(reply: Reply, ended_url: str) -> flow.Dial:
    """The caller hears ringing; the advisor is not shown the caller's number."""
    assert reply.number is not None
    return flow.Dial(
        reply.number,
        caller_id=webhook_caller_id(),
        ring_seconds=settings().advisor_ring_seconds,
        max_seconds=settings().longest_call_minutes * 60,
        ended_url=ended_url,
        answered_url=webhook_url("inbound_advisor_answered", turn=reply.turn),
        caller_hears_ringing=True,
        connected_url=webhook_url("inbound_advisor_connected", turn=reply.turn),
        answer_seconds=settings().press_one_seconds,
    )


def _rules() -> IvrSettings:
    return IvrSettings(
        other_numbers=other_numbers(),
        carrier=webhook_carrier(),
        caller_id=webhook_caller_id(),
        languages=settings().voice_languages,
        default_region=settings().default_region,
        allowed_regions=settings().allowed_regions,
        most_advisors=settings().call_in_most_advisors,
    )
