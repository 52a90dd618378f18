"""What the carrier asks and tells. Every request is refused unless its signature holds.

A webhook makes no call to the carrier and waits for nothing: it keeps what it was told, and
answers. The same question gets the same answer, however often it is asked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import service as calls
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.service import Connect
from helpline.domain.call_progress import AttemptResult, Leg
from helpline.house import settings
from helpline.telephony import signature, twiml
from helpline.telephony.words import Problem, problem_of, status_of
from helpline.web.gate import CARRIER, audience

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_WHY = {
    AttemptResult.CLOSED: "The helpline has closed. The visitor was not rung. Goodbye.",
    AttemptResult.CANCELLED: "The visitor no longer needs this call. Goodbye.",
}
_NOT_NUMBERED = -1


def public_address(endpoint: str, **values: Any) -> str:
    """The address of a webhook as the carrier reaches it, whatever host this process is on."""
    return settings().public_url + urlsplit(url_for(endpoint, **values)).path


@webhooks.before_request
def _need_signature() -> None:
    address = settings().public_url + request.full_path.rstrip("?")
    token = settings().twilio_auth_token.get_secret_value()
    posted = {key: request.form.getlist(key)[0] for key in request.form}
    if not signature.is_genuine(token, address, posted, request.headers.get("X-Twilio-Signature")):
        abort(403)


@webhooks.post("/voice/<ref>/answered")
@audience(CARRIER)
def answered(ref: str) -> ResponseReturnValue:
    """The advisor's phone was answered: ask for the 1."""
    if not calls.advisor_answered(ref, _call(), now=clock.now()):
        return _twiml(twiml.hang_up())
    pressed_url = public_address("webhooks.pressed", ref=ref)
    return _twiml(
        twiml.ask_press_one(pressed_url=pressed_url, seconds=settings().press_one_seconds)
    )


@webhooks.post("/voice/<ref>/pressed")
@audience(CARRIER)
def pressed(ref: str) -> ResponseReturnValue:
    """A key was pressed: on 1, and inside hours, the visitor is rung."""
    if request.form.get("Digits") != "1":
        return _twiml(twiml.hang_up())
    decided = calls.advisor_pressed_one(ref, _call(), now=clock.now())
    if not isinstance(decided, Connect):
        words = _WHY.get(decided.why)
        return _twiml(twiml.say_and_hang_up(words) if words else twiml.hang_up())
    return _twiml(
        twiml.connect(
            decided.number,
            caller_id=settings().caller_id,
            ring_seconds=settings().visitor_ring_seconds,
            longest_seconds=settings().longest_call_minutes * 60,
            dialled_url=public_address("webhooks.dialled", ref=ref),
            status_url=public_address("webhooks.status", ref=ref, leg=Leg.VISITOR),
        )
    )


@webhooks.post("/voice/<ref>/dialled")
@audience(CARRIER)
def dialled(ref: str) -> ResponseReturnValue:
    """The try to connect the visitor is over, one way or the other."""
    outcome = status_of(request.form.get("DialCallStatus", ""))
    if outcome is not None:
        calls.dial_finished(ref, _call(), outcome, now=clock.now())
    return _twiml(twiml.hang_up())


@webhooks.post("/voice/<ref>/status/<leg>")
@audience(CARRIER)
def status(ref: str, leg: str) -> ResponseReturnValue:
    """How one leg of the call stands."""
    if leg not in tuple(Leg):
        abort(404)
    said = status_of(request.form.get("CallStatus", ""))
    if said is not None:
        code = request.form.get("ErrorCode", type=int)
        calls.heard_status(
            ref,
            Leg(leg),
            _call(),
            said,
            sequence=request.form.get("SequenceNumber", _NOT_NUMBERED, type=int),
            error_code=code,
            problem=_problem(Leg(leg), code),
            now=clock.now(),
        )
    return Response(status=204)


@webhooks.errorhandler(NoSuchAttempt)
def _no_such_attempt(_error: NoSuchAttempt) -> ResponseReturnValue:
    return Response(status=404)


def _problem(leg: Leg, code: int | None) -> str | None:
    if code is None:
        return None
    problem = problem_of(code)
    if leg == Leg.VISITOR and problem in (Problem.ADVISOR_NUMBER, Problem.REFUSED):
        return Problem.VISITOR_NUMBER
    return problem


def _call() -> str:
    return request.form.get("CallSid", "")[:34]


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
