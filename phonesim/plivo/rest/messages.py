"""Messages: send, list, fetch.

https://www.plivo.com/docs/messaging/api/messages. Into India, where countries have rules, a text is
carried only with the ids of its registration (DLT).
"""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Blueprint, Response

from phonesim.carrier import of_carrier
from phonesim.network import Network
from phonesim.numbers import INDIA, is_e164
from phonesim.plivo.carrier import NAME, Plivo
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.resources import message as message_resource
from phonesim.plivo.rest.common import (
    PREFIX,
    Limit,
    account_path,
    answer,
    check_url,
    in_time,
    is_asked,
    is_asked_number,
    number_of,
    page,
    told,
    with_faults,
)
from phonesim.texts import GSM, Message

DAY = timedelta(days=1)
LISTS, SECONDS = 20, 60.0
LONGEST_GSM, LONGEST_UNICODE = 1600, 737
SENDER = re.compile(r"[A-Za-z0-9]{3,11}")
REGISTRATION = ("dlt_entity_id", "dlt_template_id", "dlt_template_category")
CATEGORIES = ("transactional", "promotional", "service_implicit", "service_explicit")
NOT_REGISTERED = 100  # "Prohibited by carrier"
STOPPED = 200  # "Source number blocked by STOP from destination number"


def register(api: Blueprint, network: Network, plivo: Plivo) -> None:
    """Message/ and Message/{message_uuid}/."""
    limit = Limit(network.clock, LISTS, SECONDS)

    @api.post(f"{PREFIX}Message/")
    def send_message(auth_id: str) -> Response:
        params = told()
        to = number_of(params.get("dst", ""))
        return with_faults(network, to, lambda: _send(network, plivo, params), "message")

    @api.get(f"{PREFIX}Message/")
    def list_messages(auth_id: str) -> Response:
        limit.count()
        with network.lock:
            found = [
                one
                for one in of_carrier(NAME, network.messages.all.values())
                if _is_listed(one, network)
            ]
            return page([message_resource(one, account_path()) for one in found[::-1]])

    @api.get(f"{PREFIX}Message/<message_id>/")
    def fetch_message(auth_id: str, message_id: str) -> Response:
        with network.lock:
            found = network.messages.all.get(message_id)
            if found is None or found.carrier != NAME:
                raise PlivoError(404)
            return answer(message_resource(found, account_path()))


def _send(network: Network, plivo: Plivo, params: dict[str, str]) -> Response:
    for name in ("src", "dst", "text"):
        if not params.get(name):
            raise PlivoError(400, f"{name} parameter not present")
    text, to = params["text"], number_of(params["dst"])
    source = params["src"]
    if SENDER.fullmatch(source) is None or source.isdigit():
        source = number_of(source)
        if source not in plivo.numbers:
            raise PlivoError(400, "src number is not associated with your account")
    if not is_e164(to) or source == to:
        raise PlivoError(400, "dst parameter is invalid")
    if not network.may_reach(to):
        raise PlivoError(403, "a trial account texts verified numbers only")
    if len(text) > (LONGEST_GSM if set(text) <= GSM else LONGEST_UNICODE):
        raise PlivoError(400, "text parameter is too long")
    if params.get(REGISTRATION[2], CATEGORIES[0]) not in CATEGORIES:
        raise PlivoError(400, f"{REGISTRATION[2]} parameter is invalid")
    callback = check_url(params, "url")
    registered = all(params.get(name) for name in REGISTRATION)
    with network.lock:  # Its end is decided before it can be delivered.
        message = network.messages.send(NAME, to, source, text, callback)
        if network.settings.country_rules and to.startswith(INDIA) and not registered:
            message.doomed_by = NOT_REGISTERED
        if network.messages.has_stopped(to, source):
            message.doomed_by = STOPPED
    return answer({"message": "message(s) queued", "message_uuid": [message.sid]}, 202)


def _is_listed(message: Message, network: Network) -> bool:
    direction = "inbound" if message.direction == "inbound" else "outbound"
    return (
        is_asked("message_direction", direction)
        and is_asked("message_state", message.status)
        and is_asked_number("from_number", message.from_)
        and is_asked_number("to_number", message.to)
        and in_time("message_time", message.created, network.clock.now(), DAY)
    )
