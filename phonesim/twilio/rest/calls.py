"""Calls: create, list, fetch, update.

https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from phonesim.calls import IN_PROGRESS, OUTBOUND_API, QUEUED, Call, Source, StatusCallback
from phonesim.carrier import of_carrier
from phonesim.faults import REDIRECT
from phonesim.instructions import COMPLETED_ONLY, DocumentError
from phonesim.network import Network
from phonesim.numbers import is_e164, normalised
from phonesim.twilio.carrier import NAME
from phonesim.twilio.errors import TwilioError
from phonesim.twilio.formats import new_sid
from phonesim.twilio.resources import call_resource
from phonesim.twilio.rest.common import (
    PREFIX,
    check_url,
    in_time,
    method,
    page,
    with_faults,
)
from phonesim.twilio.twiml import parse

MOST_RING_SECONDS = 600
LONGEST_SECONDS = 4 * 60 * 60
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def register(api: Blueprint, network: Network) -> None:
    """Calls: create, list, fetch, update."""

    @api.post(f"{PREFIX}/Calls.json")
    def create_call(account_sid: str) -> Response:
        to = normalised(request.form.get("To", ""))
        return with_faults(network, to, lambda: _create_call(network, account_sid, request.form))

    @api.get(f"{PREFIX}/Calls.json")
    def list_calls(account_sid: str) -> dict[str, Any]:
        with network.lock:
            found = [
                call for call in of_carrier(NAME, network.calls.values()) if _matches(call, network)
            ]
            found.reverse()
            return page("calls", [call_resource(call, account_sid) for call in found])

    @api.get(f"{PREFIX}/Calls/<sid>.json")
    def fetch_call(account_sid: str, sid: str) -> dict[str, Any]:
        with network.lock:
            return call_resource(_call(network, sid), account_sid)

    @api.post(f"{PREFIX}/Calls/<sid>.json")
    def update_call(account_sid: str, sid: str) -> Response:
        form = request.form
        with network.lock:
            call = _call(network, sid)

        def update() -> Response:
            with network.lock:
                _update_call(network, call, form)
                return jsonify(call_resource(call, account_sid))

        is_redirect = "Url" in form or "Twiml" in form
        return with_faults(network, call.to, update, REDIRECT) if is_redirect else update()


def _call(network: Network, sid: str) -> Call:
    if sid not in network.calls:
        raise TwilioError(20404, request.path)
    return network.calls[sid]


def _create_call(network: Network, account_sid: str, form: MultiDict[str, str]) -> Response:
    call = _read_call(network, form)
    with network.lock:  # Described as it was made, before it can start.
        network.place(call)
        resource = call_resource(call, account_sid)
    # As in Twilio's own answers, the dates are not there yet.
    resource |= {"date_created": None, "date_updated": None, "status": QUEUED}
    response = jsonify(resource)
    response.status_code = 201
    return response


def _read_call(network: Network, form: MultiDict[str, str]) -> Call:
    to, from_ = checked_parties(network, form)
    if network.carriers[NAME].blocks(from_, to):
        raise TwilioError(21216, to)
    return Call(
        sid=new_sid("CA"),
        carrier=NAME,
        from_=from_,
        to=to,
        direction=OUTBOUND_API,
        created=network.clock.now(),
        source=_read_source(form),
        status_callbacks=(_read_callback(form),),
        ring_timeout=min(_seconds(form, "Timeout", 60, code=21208), MOST_RING_SECONDS),
        time_limit=_time_limit(form),
        machine_detection=form.get("MachineDetection", ""),
        amd_callback=_read_amd_callback(form),
        amd_in_background=form.get("AsyncAmd", "").lower() == "true",
    )


def _seconds(form: MultiDict[str, str], name: str, default: int, *, code: int) -> int:
    """A positive whole number (https://www.twilio.com/docs/api/errors/21208 for Timeout)."""
    text = form.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise TwilioError(code, name)
    return int(text)


def _time_limit(form: MultiDict[str, str]) -> int | None:
    """How long the call may last. No account may have longer calls than four hours unasked."""
    if not form.get("TimeLimit"):
        return None
    return min(_seconds(form, "TimeLimit", LONGEST_SECONDS, code=20001), LONGEST_SECONDS)


def checked_parties(network: Network, form: MultiDict[str, str]) -> tuple[str, str]:
    """To and From, or the refusal that Twilio would give."""
    to, from_ = normalised(form.get("To", "")), normalised(form.get("From", ""))
    if not to:
        raise TwilioError(21201)
    if not from_:
        raise TwilioError(21213)
    if not is_e164(to):
        raise TwilioError(21211, to)
    if not is_e164(from_):
        raise TwilioError(21212, from_)
    if from_ not in network.settings.numbers:
        raise TwilioError(21210, from_)
    if not network.may_reach(to):
        raise TwilioError(21219, to)
    return to, from_


def _read_source(form: MultiDict[str, str]) -> Source:
    twiml, url = form.get("Twiml", ""), form.get("Url", "")
    if not twiml:
        check_url(url)
    else:
        _check_twiml(twiml)
    fallback = form.get("FallbackUrl", "")
    if fallback:
        check_url(fallback)
    return Source(
        url="" if twiml else url,
        method=method(form, "Method"),
        document=twiml,
        fallback_url=fallback,
        fallback_method=method(form, "FallbackMethod"),
    )


def _check_twiml(twiml: str) -> None:
    try:
        parse(twiml, "about:twiml")
    except DocumentError as problem:
        raise TwilioError(20001, "Twiml") from problem


def _read_callback(form: MultiDict[str, str]) -> StatusCallback:
    url = form.get("StatusCallback", "")
    if url:
        check_url(url)
    # Some clients send the events as one text with blanks, as TwiML does.
    events = " ".join(form.getlist("StatusCallbackEvent")).split()
    if set(events) - EVENTS:  # https://www.twilio.com/docs/api/errors/21626
        raise TwilioError(21626)
    return StatusCallback(
        url, method(form, "StatusCallbackMethod"), tuple(events) or COMPLETED_ONLY
    )


def _read_amd_callback(form: MultiDict[str, str]) -> StatusCallback:
    url = form.get("AsyncAmdStatusCallback", "")
    if url:
        check_url(url)
    return StatusCallback(url, method(form, "AsyncAmdStatusCallbackMethod"))


def _update_call(network: Network, call: Call, form: MultiDict[str, str]) -> None:
    """Cancel, end, or send elsewhere.

    `canceled` leaves a call in progress alone; a call that is over answers 21220.
    """
    status = form.get("Status", "")
    if call.is_over:
        raise TwilioError(21220)
    if status == "canceled":
        network.cancel(call)
    elif status == "completed":
        network.complete(call)
    elif status:
        raise TwilioError(20001, "Status")
    elif form.get("Url") or form.get("Twiml"):
        if call.status != IN_PROGRESS:
            raise TwilioError(21220)
        network.redirect(call, _read_source(form))


def _matches(call: Call, network: Network) -> bool:
    asked = request.args
    resource = call_resource(call, "")
    for name, field in (
        ("To", "to"),
        ("From", "from"),
        ("Status", "status"),
        ("ParentCallSid", "parent_call_sid"),
    ):
        if name in asked and asked[name] and resource[field] != asked[name]:
            return False
    return in_time("StartTime", network.since(call)) and in_time("EndTime", call.ended)
