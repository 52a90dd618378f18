"""Carrier webhooks of outbound calls; each is refused unless its signature is valid.

A webhook makes no request to the carrier and waits for nothing: it stores the event and responds. A
repeated webhook gets the same response.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import carrier_failures, screening
from helpline.calls import service as calls
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.service import Connect
from helpline.current import settings
from helpline.domain.call_progress import AttemptResult, Leg, Screening
from helpline.telephony.twilio import twiml
from helpline.telephony.twilio import webhooks as signature
from helpline.telephony.twilio.codes import problem_of
from helpline.telephony.twilio.statuses import detection_of, dial_outcome_of, status_of
from helpline.web import metrics
from helpline.web.access import CARRIER, allow
from helpline.web.int_params import parse_int

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_WHY = {
    AttemptResult.CLOSED: "The helpline has closed, so the visitor was not called. Goodbye.",
    AttemptResult.RESTS: "This number is blocked or has reached its call limit. Goodbye.",
    AttemptResult.VISITOR_ON_LINE: "The visitor is calling us right now, so they were not called. "
    "Goodbye.",
    AttemptResult.CANCELLED: "The visitor no longer needs this call. Goodbye.",
}
_NOT_NUMBERED = -1


def public_address(endpoint: str, **values: Any) -> str:
    """Return the address of a webhook as the carrier reaches it, whatever the host of this
    process.
    """
    return settings().public_url + urlsplit(url_for(endpoint, **values)).path


@webhooks.before_request
def need_signature() -> None:
    address = settings().public_url + request.full_path.rstrip("?")
    if not signature.is_genuine(
        settings().webhook_secrets,
        address,
        request.form,
        request.headers.get(signature.SIGNATURE_HEADER),
        request.headers.get(signature.SIGNATURE_SETTINGS_HEADER),
    ):
        abort(403)


@webhooks.post("/preflight")
@allow(CARRIER)
def preflight() -> ResponseReturnValue:
    """Our own signed request: did it arrive as it was sent?"""
    return {"nonce": request.form.get("Nonce", "")[:64]}


@webhooks.post("/voice/<ref>/answered")
@allow(CARRIER)
def answered(ref: str) -> ResponseReturnValue:
    if not calls.advisor_answered(ref, _call(), now=clock.now()):
        return _twiml(twiml.hang_up())
    pressed_url = public_address("webhooks.pressed", ref=ref)
    return _twiml(
        twiml.ask_press_one(pressed_url=pressed_url, seconds=settings().press_one_seconds)
    )


@webhooks.post("/voice/<ref>/pressed")
@allow(CARRIER)
def pressed(ref: str) -> ResponseReturnValue:
    """A key was pressed: on 1, and inside opening hours, the visitor is called."""
    if request.form.get("Digits") != "1":
        return _twiml(twiml.hang_up())
    decided = calls.advisor_pressed_one(ref, _call(), now=clock.now(), screening=_screening())
    if not isinstance(decided, Connect):
        prompt = _WHY.get(decided.why)
        return _twiml(twiml.say_and_hang_up(prompt) if prompt else twiml.hang_up())
    return _twiml(
        twiml.connect(
            decided.number,
            caller_id=decided.caller_id or settings().caller_id,
            ring_seconds=settings().visitor_ring_seconds,
            max_seconds=settings().longest_call_minutes * 60,
            dialled_url=public_address("webhooks.dialled", ref=ref),
            status_url=public_address("webhooks.status", ref=ref, leg=Leg.VISITOR),
            whisper_url=decided.screening and public_address("webhooks.visitor_answered", ref=ref),
            machine_detection=decided.screening in (Screening.DETECTION, Screening.BOTH),
            extension=decided.extension,
        )
    )


def _screening() -> Screening | None:
    return Screening.of(
        press_one=settings().visitor_press_one, detection=settings().machine_detection
    )


@webhooks.post("/voice/<ref>/visitor")
@allow(CARRIER)
def visitor_answered(ref: str) -> ResponseReturnValue:
    detection = detection_of(request.form.get("AnsweredBy", ""))
    next_step = screening.visitor_answered(ref, _call(), _parent(), detection, now=clock.now())
    if next_step is None:
        return _twiml(twiml.hang_up())
    if not next_step.ask:
        return _twiml(twiml.continue_call())
    return _twiml(
        twiml.ask_visitor(
            pressed_url=public_address("webhooks.visitor_pressed", ref=ref),
            seconds=settings().press_one_seconds,
            language=next_step.language,
            behind_switchboard=next_step.behind_switchboard,
        )
    )


@webhooks.post("/voice/<ref>/visitor/pressed")
@allow(CARRIER)
def visitor_pressed(ref: str) -> ResponseReturnValue:
    if request.form.get("Digits") != "1":
        return _twiml(twiml.hang_up())
    goes_on = screening.visitor_confirmed(ref, _call(), _parent(), now=clock.now())
    return _twiml(twiml.continue_call() if goes_on else twiml.hang_up())


@webhooks.post("/voice/<ref>/dialled")
@allow(CARRIER)
def dialled(ref: str) -> ResponseReturnValue:
    """The Dial has ended.

    Where <Dial> itself is rejected (callerId, say) there is no visitor's leg and no status
    callback: only this request has ErrorCode and ErrorMessage then, and no DialCallSid.
    """
    outcome = dial_outcome_of(
        request.form.get("DialCallStatus", ""), request.form.get("CallStatus", "")
    )
    if outcome is not None:
        bridged = request.form.get("DialBridged") == "true"
        bridged_call = request.form.get("DialCallSid", "")[:34] if bridged else None
        now, code = clock.now(), request.form.get("ErrorCode", type=parse_int)
        if calls.dial_finished(
            ref,
            _call(),
            outcome,
            now=now,
            bridged_call=bridged_call,
            error_code=code,
            problem=_problem(Leg.VISITOR, code),
        ):
            carrier_failures.call_refused(ref, Leg.VISITOR, code, now=now)
    return _twiml(twiml.hang_up())


@webhooks.post("/voice/<ref>/status/<leg>")
@allow(CARRIER)
def status(ref: str, leg: str) -> ResponseReturnValue:
    if leg not in tuple(Leg):
        abort(404)
    metrics.record_webhook_delay(request.form.get("Timestamp"))
    call_status = status_of(request.form.get("CallStatus", ""))
    if call_status is not None:
        code = request.form.get("ErrorCode", type=parse_int)
        is_new = calls.status_received(
            ref,
            Leg(leg),
            _call(),
            call_status,
            sequence=request.form.get("SequenceNumber", _NOT_NUMBERED, type=parse_int),
            error_code=code,
            problem=_problem(Leg(leg), code),
            now=clock.now(),
        )
        if is_new:  # Played again, after an admin set it right, it must not shut a region anew.
            carrier_failures.call_refused(ref, Leg(leg), code, now=clock.now())
    return Response(status=204)


@webhooks.errorhandler(NoSuchAttempt)
def _no_such_attempt(_error: NoSuchAttempt) -> ResponseReturnValue:
    return Response(status=404)


def _problem(leg: Leg, code: int | None) -> str | None:
    return None if code is None else problem_of(code, leg)


def _call() -> str:
    return request.form.get("CallSid", "")[:34]


def _parent() -> str:
    return request.form.get("ParentCallSid", "")[:34]


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
