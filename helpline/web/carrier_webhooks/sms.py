"""Carrier webhooks of text messages.

An inbound message is answered in the webhook's response, so that a repeated one costs nothing.
"""

from __future__ import annotations

import structlog
from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import queries as callbacks_queries
from helpline.callbacks import service as callbacks
from helpline.callbacks import sms_commands as callbacks_sms_commands
from helpline.callbacks.consent import Consent
from helpline.callbacks.service import CallbackRequest
from helpline.callbacks.sms_commands import InboundCommand
from helpline.callbacks.visitor_numbers import require_visitor_number
from helpline.calls.queries import newest_attempt
from helpline.current import settings, webhooks
from helpline.db import db
from helpline.domain import phone_numbers, sms_commands
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_commands import Command
from helpline.i18n import catalogs
from helpline.messaging import sms, sms_delivery, sms_templates
from helpline.privacy.encryption import phone_hash
from helpline.telephony.events import InboundSms
from helpline.web import inbound_fallback, metrics, rate_limits
from helpline.web.access import CARRIER, allow
from helpline.web.carrier_webhooks.blueprint import carrier_webhooks
from helpline.web.inbound_fallback import WebhookKind
from helpline.web.request_context import directory, other_numbers, own_numbers, profile, sends_texts

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_LONGEST_TEXT = 1600
"""The longest that a carrier delivers."""


@carrier_webhooks.post("/text")
@allow(CARRIER)
def inbound_sms() -> ResponseReturnValue:
    event = webhooks().inbound_sms(request.form)
    if not event.sms_id:
        abort(400)
    try:
        number = PhoneNumber(event.number or "")
    except InvalidPhoneNumber:  # a short code or a name: nobody who could be answered
        return _reply(None, event)
    if number.e164 in own_numbers():  # They would answer each other.
        return _reply(None, event)
    command = _command_of(event, number)
    if not sms.enabled(db.session()):  # STOP holds for when they are on again.
        if command.stops or command.starts:
            callbacks_sms_commands.handle(command, newest_attempt=newest_attempt, now=clock.now())
        return _reply(None, event)
    if command.command == Command.CALL and command.may_ring and _is_within_limits(number):
        wish = CallbackRequest(
            phone=number,
            language=command.language,
            may_text=True,
            channel=callbacks.Channel.TEXT,
            # The visitor's own message; what else it says is nobody's business.
            consent=Consent("CALL", command.language),
        )
        callbacks.request_callback(wish, request_key=f"text:{event.sms_id}", now=clock.now())
    body = callbacks_sms_commands.handle(command, newest_attempt=newest_attempt, now=clock.now())
    return _reply(body, event)


@carrier_webhooks.post("/text/fallback")
@allow(CARRIER)
def inbound_sms_fallback() -> ResponseReturnValue:
    """The carrier could not use our response to a text message. Needs no database. The address is
    the number's fallback URL for text messages.
    """
    log.error(
        "carrier rejected a webhook response, fallback used",
        code=webhooks().error_code(request.form),
    )
    metrics.count_fallback(WebhookKind.TEXT)
    event = webhooks().inbound_sms(request.form)
    if not sends_texts():
        return _reply(None, event)
    return _reply(inbound_fallback.texted_to(event.number, event.body), event)


@carrier_webhooks.post("/text/<ref>/status")
@allow(CARRIER)
def sms_status(ref: str) -> ResponseReturnValue:
    event = webhooks().sms_report(request.form)
    if event is not None:
        sms_delivery.status_received(
            ref,
            event.sms_id,
            event.status,
            error_code=event.error_code,
            problem=event.problem,
            now=clock.now(),
        )
    return Response(status=204)


def _is_within_limits(number: PhoneNumber) -> bool:
    """Whether another request is accepted from this phone now. If not, it is told about the one
    it has.
    """
    return rate_limits.wait_of_phone(number) is None


def _command_of(event: InboundSms, number: PhoneNumber) -> InboundCommand:
    asked = sms_commands.parse(event.body)
    is_read_by_staff = asked.command == Command.OTHER or asked.is_danger
    hashed = phone_hash(number.e164)
    region = number.region if number.region in directory().regions() else settings().default_region
    return InboundCommand(
        carrier_id=event.sms_id,
        phone_hash=hashed,
        region=number.region,
        language=_language(asked.language, hashed),
        command=asked.command,
        reference=asked.reference,
        last_digits=asked.last_digits,
        is_danger=asked.is_danger,
        written=event.body[:_LONGEST_TEXT] if is_read_by_staff else "",
        stops=asked.command == Command.STOP or event.stops,
        starts=asked.command == Command.START or event.starts,
        carrier_answers=asked.carrier_answers or event.carrier_answers,
        may_ring=_may_ring(number),
        numbers=directory().short_numbers(region, clock.now()),
    )


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
        language for language in profile().spoken_languages if language in sms_templates.load()
    ]
    if written_in in languages:
        return str(written_in)
    last_language = callbacks_queries.language_of_number(db.session(), hashed)
    if last_language in sms_templates.load():
        return str(last_language)
    return languages[0] if languages else catalogs.SOURCE_LANGUAGE


def _reply(body: str | None, event: InboundSms) -> Response:
    return Response(webhooks().render_sms_reply(body, event), mimetype=webhooks().content_type)
