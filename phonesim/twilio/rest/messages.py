"""Messages: create, list, fetch, redact, delete.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from phonesim.carrier import of_carrier
from phonesim.network import Network
from phonesim.numbers import is_e164, normalised
from phonesim.texts import Message
from phonesim.twilio.carrier import NAME
from phonesim.twilio.errors import TwilioError
from phonesim.twilio.resources import message_resource
from phonesim.twilio.rest.common import PREFIX, check_url, in_time, page, with_faults

LONGEST_BODY = 1600


def register(api: Blueprint, network: Network) -> None:
    """Messages.json and Messages/{sid}.json."""

    @api.post(f"{PREFIX}/Messages.json")
    def create_message(account_sid: str) -> Response:
        to = normalised(request.form.get("To", ""))
        return with_faults(
            network, to, lambda: _create(network, account_sid, request.form), "message"
        )

    @api.get(f"{PREFIX}/Messages.json")
    def list_messages(account_sid: str) -> dict[str, Any]:
        with network.lock:
            found = [
                one for one in of_carrier(NAME, network.messages.all.values()) if _matches(one)
            ]
            found.reverse()
            return page("messages", [message_resource(one, account_sid) for one in found])

    @api.get(f"{PREFIX}/Messages/<sid>.json")
    def fetch_message(account_sid: str, sid: str) -> dict[str, Any]:
        with network.lock:
            return message_resource(_message(network, sid), account_sid)

    @api.post(f"{PREFIX}/Messages/<sid>.json")
    def redact_message(account_sid: str, sid: str) -> dict[str, Any]:
        with network.lock:
            message = _message(network, sid)
            if request.form.get("Body") == "":
                message.body = ""
            return message_resource(message, account_sid)

    @api.delete(f"{PREFIX}/Messages/<sid>.json")
    def delete_message(account_sid: str, sid: str) -> Response:
        with network.lock:
            _message(network, sid)
            del network.messages.all[sid]
        return Response(status=204)


def _message(network: Network, sid: str) -> Message:
    if sid not in network.messages.all:
        raise TwilioError(20404, request.path)
    return network.messages.all[sid]


def _create(network: Network, account_sid: str, form: MultiDict[str, str]) -> Response:
    to, from_ = normalised(form.get("To", "")), normalised(form.get("From", ""))
    body, callback = form.get("Body", ""), form.get("StatusCallback", "")
    if not to:
        raise TwilioError(21604)
    if not is_e164(to):
        raise TwilioError(21211, to)
    if not from_:
        raise TwilioError(21603)
    if from_ not in network.settings.numbers:
        raise TwilioError(21606, from_)
    if to == from_:  # https://www.twilio.com/docs/api/errors/21266
        raise TwilioError(21266, to)
    if not network.may_reach(to):
        raise TwilioError(21608, to)
    if not body:
        raise TwilioError(21602)
    if len(body) > LONGEST_BODY:
        raise TwilioError(21617)
    if callback:
        check_url(callback, code=21609)
    if network.messages.has_stopped(to, from_):
        raise TwilioError(21610)
    with network.lock:  # Described as it was made, before it can be delivered.
        message = network.messages.send(NAME, to, from_, body, callback)
        response = jsonify(message_resource(message, account_sid))
    response.status_code = 201
    return response


def _matches(message: Message) -> bool:
    asked = request.args
    for name, value in (("To", message.to), ("From", message.from_)):
        if asked.get(name, value) != value:
            return False
    return in_time("DateSent", message.sent)
