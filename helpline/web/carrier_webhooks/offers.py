"""Carrier webhooks of offers: calls to advisors by automatic dispatch.

Once the advisor has pressed 1 there is an attempt with the offer's reference, and the webhooks of
calls take over.
"""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import carrier_failures, request_ids
from helpline.calls.dispatch import offers
from helpline.calls.dispatch.offers import OfferRefused
from helpline.current import settings, webhook_carrier, webhooks
from helpline.domain.call_progress import Leg
from helpline.messaging import carrier_alerts
from helpline.telephony import flow
from helpline.web.access import CARRIER, allow
from helpline.web.carrier_webhooks.blueprint import answer, carrier_webhooks, webhook_url
from helpline.web.carrier_webhooks.calls import call_pressed, call_status

_WHY = {
    OfferRefused.CLOSED: "The helpline has closed, so the visitor was not called. Goodbye.",
    OfferRefused.GONE: "Another advisor already has this callback, or the visitor is calling us. "
    "Thank you. Goodbye.",
}


@carrier_webhooks.post("/offer/<ref>/answered")
@allow(CARRIER)
def offer_answered(ref: str) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if not offers.answered(ref, event.call_id, now=clock.now()):
        return answer(flow.say_to_staff(_WHY[OfferRefused.GONE]))
    pressed_url = webhook_url("offer_pressed", ref=ref)
    return answer(
        flow.ask_to_press_one(pressed_url=pressed_url, seconds=settings().press_one_seconds)
    )


@carrier_webhooks.post("/offer/<ref>/pressed")
@allow(CARRIER)
def offer_pressed(ref: str) -> ResponseReturnValue:
    event = webhooks().key_pressed(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if event.digits != "1":
        return answer(flow.HANG_UP)
    why_not = offers.accept(ref, event.call_id, now=clock.now())
    if why_not is not None:
        return answer(flow.say_to_staff(_WHY[why_not]))
    return call_pressed(ref)


@carrier_webhooks.post("/offer/<ref>/status")
@allow(CARRIER)
def offer_status(ref: str) -> ResponseReturnValue:
    event = webhooks().call_status(request.form, Leg.ADVISOR)
    if event is not None:
        request_ids.promote(ref, event.request_id, event.call_id)
        effect = offers.status_received(
            ref, event.call_id, event.status, problem=event.problem, now=clock.now()
        )
        if effect == offers.StatusFor.TAKEN:
            return call_status(ref, Leg.ADVISOR)
        if event.error_code is not None and effect == offers.StatusFor.NEWS:
            carrier_failures.call_refused(ref, Leg.ADVISOR, event.error_code, now=clock.now())
            if event.problem in offers.NOT_ADVISOR_FAULT:  # The next offer would fail likewise.
                carrier_alerts.slow_down(webhook_carrier(), now=clock.now())
    return Response(status=204)
