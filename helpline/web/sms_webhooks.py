"""Carrier webhooks of text messages, signed like all others.

An inbound message is answered in the webhook's response, so that a repeated one costs nothing.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import queries as callbacks_queries
from helpline.callbacks import service as callbacks
from helpline.callbacks import sms_commands as callbacks_sms_commands
from helpline.callbacks.service import CallbackRequest
from helpline.callbacks.sms_commands import InboundCommand
from helpline.callbacks.visitor_numbers import require_visitor_number
from helpline.calls.queries import newest_attempt
from helpline.current import settings
from helpline.db import db
from helpline.domain import phone_numbers, sms_commands
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_commands import Command
from helpline.i18n import catalogs
from helpline.messaging import sms_delivery, sms_templates
from helpline.privacy.encryption import phone_hash
from helpline.telephony.twilio import sms_twiml
from helpline.telephony.twilio.codes import sms_problem_of
from helpline.telephony.twilio.statuses import sender_of, sms_status_of
from helpline.web import inbound_fallback, metrics, rate_limits
from helpline.web.access import CARRIER, allow
from helpline.web.call_webhooks import need_signature
from helpline.web.inbound_fallback import Flow
from helpline.web.int_params import parse_int
from helpline.web.request_context import directory, other_numbers, own_numbers

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_LONGEST_TEXT = 1600
"""Twilio's maximum (https://www.twilio.com/docs/api/errors/21617)."""

texts = Blueprint("texts", __name__, url_prefix="/webhooks/text")
texts.before_request(need_signature)


@texts.before_request
def _need_texts() -> None:
    if not settings().texts_enabled:
        abort(404)


@texts.post("")
@allow(CARRIER)
def came_in() -> ResponseReturnValue:
    carrier_id = request.form.get("MessageSid", "")
    if not carrier_id or len(carrier_id) > 34:
        abort(400)
    try:
        number = PhoneNumber(_sender() or "")
    except InvalidPhoneNumber:  # a short code or a name: nobody who could be answered
        return _twiml(None)
    if number.e164 in own_numbers():  # They would answer each other.
        return _twiml(None)
    text = _understood(carrier_id, number)
    if text.command == Command.CALL and text.may_ring and _is_within_limits(number):
        wish = CallbackRequest(
            phone=number, language=text.language, may_text=True, channel=callbacks.Channel.TEXT
        )
        callbacks.request_callback(wish, request_key=f"text:{carrier_id}", now=clock.now())
    return _twiml(
        callbacks_sms_commands.handle(text, newest_attempt=newest_attempt, now=clock.now())
    )


@texts.post("/fallback")
@allow(CARRIER)
def fallback() -> ResponseReturnValue:
    """The carrier could not use our response to a text message. Needs no database. The address is
    the number's SmsFallbackUrl.
    """
    log.error(
        "carrier rejected a webhook response, fallback used",
        code=request.form.get("ErrorCode", type=parse_int),
    )
    metrics.count_fallback(Flow.TEXT)
    body = request.form.get("Body", "")
    return Response(inbound_fallback.texted_to(_sender(), body), mimetype="text/xml")


@texts.post("/<ref>/status")
@allow(CARRIER)
def status(ref: str) -> ResponseReturnValue:
    message_status = sms_status_of(request.form.get("MessageStatus", ""))
    carrier_id = request.form.get("MessageSid", "")[:34]
    if message_status is not None and carrier_id:
        code = request.form.get("ErrorCode", type=parse_int)
        sms_delivery.status_received(
            ref,
            carrier_id,
            message_status,
            error_code=code,
            problem=sms_problem_of(code) if code is not None else None,
            now=clock.now(),
        )
    return Response(status=204)


@texts.errorhandler(sms_delivery.NoSuchSms)
def _no_such_text(_error: sms_delivery.NoSuchSms) -> ResponseReturnValue:
    return Response(status=404)


def _is_within_limits(number: PhoneNumber) -> bool:
    """Whether another request is accepted from this phone now. If not, it is told about the one
    it has.
    """
    return rate_limits.wait_of_phone(number) is None


def _understood(carrier_id: str, number: PhoneNumber) -> InboundCommand:
    body = request.form.get("Body", "")
    asked = sms_commands.parse(body)
    hashed = phone_hash(number.e164)
    by_carrier = request.form.get("OptOutType", "")
    region = number.region if number.region in directory().regions() else settings().default_region
    return InboundCommand(
        carrier_id=carrier_id,
        phone_hash=hashed,
        region=number.region,
        language=_language(asked.language, hashed),
        command=asked.command,
        is_danger=asked.is_danger,
        written=body[:_LONGEST_TEXT] if asked.command == Command.OTHER or asked.is_danger else "",
        stops=asked.command == Command.STOP or by_carrier == "STOP",
        starts=asked.command == Command.START or by_carrier == "START",
        carrier_answers=asked.carrier_answers or by_carrier != "",
        may_ring=_may_ring(number),
        numbers=directory().short_numbers(region, clock.now()),
    )


def _sender() -> str | None:
    return sender_of(request.form.get("From", ""), settings().default_region)


def _may_ring(number: PhoneNumber) -> bool:
    try:
        phone_numbers.parse(number.e164, settings().default_region, settings().allowed_regions)
        require_visitor_number(db.session(), number, other_numbers())
    except InvalidPhoneNumber:
        return False
    return True


def _language(written_in: str | None, hashed: str) -> str:
    """That of the message, else of the number's last callback, else the first available."""
    languages = [
        language for language in settings().spoken_languages if language in sms_templates.load()
    ]
    if written_in in languages:
        return str(written_in)
    last_language = callbacks_queries.language_of_number(db.session(), hashed)
    if last_language in sms_templates.load():
        return str(last_language)
    return languages[0] if languages else catalogs.SOURCE_LANGUAGE


def _twiml(text: str | None) -> Response:
    return Response(sms_twiml.reply(text), mimetype="text/xml")
