"""Carrier webhooks of offers: calls to advisors by automatic dispatch.

Once the advisor has pressed 1 there is an attempt with the offer's reference, and the webhooks of
calls take over.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import carrier_failures, offers
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.offers import OfferRefused
from helpline.current import settings
from helpline.domain.call_progress import Leg
from helpline.messaging import carrier_alerts
from helpline.telephony.twilio import twiml
from helpline.telephony.twilio.codes import problem_of
from helpline.telephony.twilio.statuses import status_of
from helpline.web.access import CARRIER, allow
from helpline.web.call_webhooks import need_signature, pressed, public_address, status
from helpline.web.int_params import parse_int

offer_webhooks = Blueprint("offers", __name__, url_prefix="/webhooks/offer")
offer_webhooks.before_request(need_signature)

_WHY = {
    OfferRefused.CLOSED: "The helpline has closed, so the visitor was not called. Goodbye.",
    OfferRefused.GONE: "Another advisor already has this callback, or the visitor is calling us. "
    "Thank you. Goodbye.",
}


@offer_webhooks.post("/<ref>/answered")
@allow(CARRIER)
def answered(ref: str) -> ResponseReturnValue:
    if not offers.answered(ref, _call(), now=clock.now()):
        return _twiml(twiml.say_and_hang_up(_WHY[OfferRefused.GONE]))
    pressed_url = public_address("offers.pressed_one", ref=ref)
    return _twiml(
        twiml.ask_press_one(pressed_url=pressed_url, seconds=settings().press_one_seconds)
    )


@offer_webhooks.post("/<ref>/pressed")
@allow(CARRIER)
def pressed_one(ref: str) -> ResponseReturnValue:
    if request.form.get("Digits") != "1":
        return _twiml(twiml.hang_up())
    why_not = offers.accept(ref, _call(), now=clock.now())
    if why_not is not None:
        return _twiml(twiml.say_and_hang_up(_WHY[why_not]))
    return pressed(ref)


@offer_webhooks.post("/<ref>/status")
@allow(CARRIER)
def heard(ref: str) -> ResponseReturnValue:
    call_status = status_of(request.form.get("CallStatus", ""))
    code = request.form.get("ErrorCode", type=parse_int)
    if call_status is not None:
        problem = problem_of(code) if code is not None else None
        effect = offers.status_received(ref, _call(), call_status, problem=problem, now=clock.now())
        if effect == offers.StatusFor.TAKEN:
            return status(ref, Leg.ADVISOR)
        if code is not None and effect == offers.StatusFor.NEWS:
            carrier_failures.call_refused(ref, Leg.ADVISOR, code, now=clock.now())
            if problem in offers.NOT_ADVISOR_FAULT:  # The next offer would fail in the same way.
                carrier_alerts.slow_down(now=clock.now())
    return Response(status=204)


@offer_webhooks.errorhandler(NoSuchAttempt)
def _no_such_offer(_error: NoSuchAttempt) -> ResponseReturnValue:
    return Response(status=404)


def _call() -> str:
    return request.form.get("CallSid", "")[:34]


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
