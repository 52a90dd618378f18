"""Calls: create, end, cancel.

https://www.plivo.com/docs/voice/api/calls. A number that cannot be called is accepted, and refused
later by the hang-up cause. `DELETE Call/` without an id ends every call of the account, as
documented.
"""

from __future__ import annotations

from flask import Blueprint, Response

from phonesim.calls import (
    COMPLETED,
    IN_PROGRESS,
    OUTBOUND_API,
    QUEUED,
    Call,
    Source,
    StatusCallback,
)
from phonesim.carrier import BLOCKED, INVALID_NUMBER, of_carrier
from phonesim.dialling import Dialling
from phonesim.faults import REDIRECT
from phonesim.network import Network
from phonesim.numbers import is_e164
from phonesim.plivo.carrier import NAME, Plivo
from phonesim.plivo.causes import CODES
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.formats import new_uuid
from phonesim.plivo.rest.common import (
    PREFIX,
    answer,
    check_url,
    method,
    number_of,
    told,
    with_faults,
)

RING_SECONDS = 120
LONGEST_SECONDS = 14_400


def register(api: Blueprint, network: Network, plivo: Plivo) -> None:
    """Call/ and Request/."""

    @api.post(f"{PREFIX}Call/")
    def create_call(auth_id: str) -> Response:
        params = told()
        to = number_of(params.get("to", ""))
        return with_faults(network, to, lambda: _create(network, plivo, params))

    @api.post(f"{PREFIX}Call/<call_id>/")
    def transfer_call(auth_id: str, call_id: str) -> Response:
        with network.lock:
            call = network.calls.get(call_id)
            to = call.to if call is not None else ""
        params = told()
        return with_faults(network, to, lambda: _transfer(network, call, params), REDIRECT)

    @api.delete(f"{PREFIX}Call/")
    def end_all_calls(auth_id: str) -> Response:
        with network.lock:
            for call in of_carrier(NAME, network.calls.values()):
                if not call.is_over:
                    network.complete(call)
        return Response(status=204)

    @api.delete(f"{PREFIX}Call/<call_id>/")
    def end_call(auth_id: str, call_id: str) -> Response:
        with network.lock:
            for call in of_carrier(NAME, network.calls.values()):
                if call_id in (call.sid, call.request_id) and not call.is_over:
                    network.complete(call)
                    return Response(status=204)
        raise PlivoError(404)

    @api.delete(f"{PREFIX}Request/<request_id>/")
    def cancel_request(auth_id: str, request_id: str) -> Response:
        with network.lock:
            for call in of_carrier(NAME, network.calls.values()):
                waits = not call.is_over and call.status != IN_PROGRESS
                if call.request_id == request_id and waits:
                    network.cancel(call)
                    return Response(status=204)
        raise PlivoError(404)


def _create(network: Network, plivo: Plivo, params: dict[str, str]) -> Response:
    call = _read_call(network, plivo, params)
    waits = network.place(call)
    message = "call queued" if waits else "call fired"
    return answer({"message": message, "request_uuid": call.request_id}, 201)


def _transfer(network: Network, call: Call | None, params: dict[str, str]) -> Response:
    """https://www.plivo.com/docs/voice/api/call/transfer-a-call

    Whether Dial reports its end then is not documented. Here it does, of the leg, as that asks
    most of a service.
    """
    with network.lock:
        if call is None or call.status != IN_PROGRESS:
            raise PlivoError(404)
        legs = params.get("legs", "aleg")
        if legs not in ("aleg", "both"):
            raise PlivoError(400, "the simulation transfers aleg or both")
        source = Source(check_url(params, "aleg_url"), method(params, "aleg_method"))
        leg = call.dialling.bridged if isinstance(call.dialling, Dialling) else None
        if not source.url:
            raise PlivoError(400, "aleg_url parameter not present")
        if legs == "aleg":
            network.run(call, source)
        elif leg is None:
            raise PlivoError(400, "bleg not found")
        else:
            leg_source = Source(check_url(params, "bleg_url"), method(params, "bleg_method"))
            network.report(leg, "completed", COMPLETED)
            leg.status_callbacks = ()
            network.transfer(call, source, leg, leg_source)
    return answer({"message": "call transferred"}, 202)


def _read_call(network: Network, plivo: Plivo, params: dict[str, str]) -> Call:
    for name in ("from", "to", "answer_url"):
        if not params.get(name):
            raise PlivoError(400, f"{name} parameter not present")
    if "<" in params["to"]:
        raise PlivoError(400, "the simulation calls one number at a time")
    from_, to = number_of(params["from"]), number_of(params["to"])
    if from_ == to:
        raise PlivoError(400, "src and destination cannot overlap")
    if from_ not in plivo.numbers:
        raise PlivoError(400, "from number is not associated with your account")
    if not network.may_reach(to):
        raise PlivoError(403, "a trial account calls verified numbers only")
    return Call(
        sid=new_uuid(),
        request_id=new_uuid(),
        carrier=NAME,
        from_=from_,
        to=to,
        direction=OUTBOUND_API,
        created=network.clock.now(),
        status=QUEUED,
        source=Source(
            check_url(params, "answer_url"),
            method(params, "answer_method"),
            fallback_url=check_url(params, "fallback_url"),
            fallback_method=method(params, "fallback_method"),
        ),
        status_callbacks=(
            _callback(params, "ring", "ringing"),
            _callback(params, "hangup", "completed"),
        ),
        ring_timeout=_seconds(params, "ring_timeout", RING_SECONDS),
        time_limit=_seconds(params, "time_limit", LONGEST_SECONDS),
        error_code=_doomed(plivo, from_, to),
    )


def _doomed(plivo: Plivo, from_: str, to: str) -> int | None:
    """The hang-up cause of a call that cannot be made, and yet is accepted."""
    if not is_e164(to):
        return CODES[INVALID_NUMBER]
    return CODES[BLOCKED] if plivo.blocks(from_, to) else None


def _callback(params: dict[str, str], name: str, event: str) -> StatusCallback:
    url = check_url(params, f"{name}_url")
    return StatusCallback(url, method(params, f"{name}_method"), (event,))


def _seconds(params: dict[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise PlivoError(400, f"{name} parameter is invalid")
    return int(text)
