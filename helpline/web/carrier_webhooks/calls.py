"""Carrier webhooks of outbound calls."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import carrier_events, carrier_failures, request_ids
from helpline.calls.carrier_events import Connect
from helpline.calls.listening import service as listening
from helpline.current import settings, webhooks
from helpline.domain.call_progress import AttemptResult, Leg, Screening
from helpline.telephony import flow
from helpline.web import request_log
from helpline.web.access import CARRIER, allow
from helpline.web.carrier_webhooks.blueprint import answer, carrier_webhooks, webhook_url
from helpline.web.carrier_webhooks.listening import conference_of_leg

_WHY = {
    AttemptResult.CLOSED: "The helpline has closed, so the visitor was not called. Goodbye.",
    AttemptResult.RESTS: "This number is blocked or has reached its call limit. Goodbye.",
    AttemptResult.VISITOR_ON_LINE: "The visitor is calling us right now, so they were not called. "
    "Goodbye.",
    AttemptResult.CANCELLED: "The visitor no longer needs this call. Goodbye.",
}


@carrier_webhooks.post("/voice/<ref>/answered")
@allow(CARRIER)
def call_answered(ref: str) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if not carrier_events.advisor_answered(ref, event.call_id, now=clock.now()):
        return answer(flow.HANG_UP)
    pressed_url = webhook_url("call_pressed", ref=ref)
    return answer(
        flow.ask_to_press_one(pressed_url=pressed_url, seconds=settings().press_one_seconds)
    )


@carrier_webhooks.post("/voice/<ref>/pressed")
@allow(CARRIER)
def call_pressed(ref: str) -> ResponseReturnValue:
    """A key was pressed: on 1, and inside opening hours, the visitor is called."""
    event = webhooks().key_pressed(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if event.digits != "1":
        return answer(flow.HANG_UP)
    decided = carrier_events.advisor_pressed_one(
        ref, event.call_id, now=clock.now(), screening=_screening()
    )
    if not isinstance(decided, Connect):
        prompt = _WHY.get(decided.why)
        return answer(flow.say_to_staff(prompt) if prompt else flow.HANG_UP)
    dial = flow.Dial(
        decided.number,
        caller_id=decided.caller_id,
        ring_seconds=settings().visitor_ring_seconds,
        max_seconds=settings().longest_call_minutes * 60,
        ended_url=webhook_url("call_dialled", ref=ref),
        status_url=webhook_url("call_status", ref=ref, leg=Leg.VISITOR),
        answered_url=webhook_url("visitor_answered", ref=ref) if decided.screening else None,
        machine_detection=decided.screening in (Screening.DETECTION, Screening.BOTH),
        extension=decided.extension,
        answer_seconds=settings().press_one_seconds,
    )
    return answer((dial,))


def _screening() -> Screening | None:
    return Screening.of(
        press_one=settings().visitor_press_one, detection=settings().machine_detection
    )


@carrier_webhooks.post("/voice/<ref>/visitor")
@allow(CARRIER)
def visitor_answered(ref: str) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    parent_id = event.parent_id or event.call_id  # A carrier may name the advisor's leg alone.
    next_step = carrier_events.visitor_answered(
        ref, event.call_id, parent_id, event.detection, now=clock.now()
    )
    if next_step is None:
        return answer(flow.HANG_UP)
    if not next_step.ask:
        return answer(flow.CONTINUE)
    return answer(
        flow.ask_visitor(
            pressed_url=webhook_url("visitor_pressed", ref=ref),
            seconds=settings().press_one_seconds,
            language=next_step.language,
            behind_switchboard=next_step.behind_switchboard,
        )
    )


@carrier_webhooks.post("/voice/<ref>/visitor/pressed")
@allow(CARRIER)
def visitor_pressed(ref: str) -> ResponseReturnValue:
    event = webhooks().key_pressed(request.form)
    if event.digits != "1":
        return answer(flow.HANG_UP)
    goes_on = carrier_events.visitor_confirmed(ref, event.call_id, event.parent_id, now=clock.now())
    return answer(flow.CONTINUE if goes_on else flow.HANG_UP)


@carrier_webhooks.post("/voice/<ref>/dialled")
@allow(CARRIER)
def call_dialled(ref: str) -> ResponseReturnValue:
    event = webhooks().dial_ended(request.form)
    if event is not None:
        now = clock.now()
        request_ids.promote(ref, event.request_id, event.call_id)
        if not event.hung_up and listening.enters_conference(ref, event.call_id, now=now):
            return conference_of_leg(ref, Leg.ADVISOR)
        if carrier_events.dial_finished(
            ref,
            event.call_id,
            event.outcome,
            now=now,
            rang=event.rang,
            bridged_call=event.connected_id,
            error_code=event.error_code,
            problem=event.problem,
        ):
            carrier_failures.call_refused(ref, Leg.VISITOR, event.error_code, now=now)
    return answer(flow.HANG_UP)


@carrier_webhooks.post("/voice/<ref>/status/<leg>")
@allow(CARRIER)
def call_status(ref: str, leg: str) -> ResponseReturnValue:
    if leg not in tuple(Leg):
        abort(404)
    event = webhooks().call_status(request.form, Leg(leg))
    if event is not None:
        request_log.record_webhook_delay(event.sent_at)
        if leg == Leg.ADVISOR:
            request_ids.promote(ref, event.request_id, event.call_id)
        is_new = carrier_events.status_received(
            ref,
            Leg(leg),
            event.call_id,
            event.status,
            sequence=event.sequence,
            error_code=event.error_code,
            problem=event.problem,
            connected=event.connected,
            now=clock.now(),
            occurred_at=event.sent_at,
        )
        if is_new:  # Played again, after an admin set it right, it must not shut a region anew.
            carrier_failures.call_refused(ref, Leg(leg), event.error_code, now=clock.now())
    return Response(status=204)
