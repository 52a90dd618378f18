"""Request, reschedule and cancel callbacks; the rules are those of the website's form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from helpline import clock
from helpline.callbacks import queries, queue
from helpline.callbacks import service as callback_service
from helpline.callbacks.consent import Consent
from helpline.callbacks.errors import (
    IdempotencyConflict,
    NoSuchCallback,
    SlotUnavailable,
    StateChanged,
    TooManyBookings,
)
from helpline.callbacks.models import Channel
from helpline.callbacks.phone_limits.checks import may_call_region
from helpline.callbacks.service import CallbackRequest
from helpline.current import settings
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from helpline.domain.safe_times import IfMissed, IfNoAnswer
from helpline.domain.visitor_state import QUEUED_WITH_ADVISORS, VisitorState, visitor_state
from helpline.domain.web_origins import path_of_page, title_of_page
from helpline.privacy.encryption import request_hash
from helpline.reports.page_data import load_request_page
from helpline.web import formatting, rate_limits
from helpline.web.api import websites
from helpline.web.api.blueprint import endpoint
from helpline.web.api.schemas import (
    MIN_DISTINCT_KEY_DIGITS,
    AskedSchema,
    AskSchema,
    CallbackSchema,
    MoveSchema,
    SlotsSchema,
)
from helpline.web.caller_text import shown_caller
from helpline.web.language import chosen_language, page_language
from helpline.web.problem_json import Problem
from helpline.web.request_context import opening_hours, show_zone
from helpline.web.state_text import state_words
from helpline.web.visitor.forms import ASAP, RequestForm

_ONE_DAY = timedelta(days=1)
_BEARER = "Bearer "
_READS = "reads"
_CHANGES = "changes"


@endpoint("/slots", SlotsSchema, operation_id="listSlots", limit=_READS)
def slots(_locale: dict[str, str]) -> dict[str, Any]:
    """List times that can be booked, and the estimated wait for a call as soon as possible."""
    now, session = clock.now(), db.session()
    hours = opening_hours(now)
    ahead = queue.queue_position(session, Priority.ASAP, now, now)
    return {
        "accepting": hours.first_open_instant(now) is not None,
        "likely_wait": formatting.wait_words(queue.load_wait_estimate(session, ahead, now)),
        "zone": str(hours.zone),
        "slots": [
            {
                "starts_at": slot.starts_at,
                "full": slot.full,
                "words": formatting.moment_words(slot.starts_at),
            }
            for slot in queries.offered_slots(session, hours, now)
        ],
    }


@endpoint(
    "/callbacks",
    AskedSchema,
    operation_id="requestCallback",
    method="POST",
    code=201,
    key=True,
    body=AskSchema,
    conflicts=True,
)
def ask(headers: dict[str, str], _locale: dict[str, str], body: dict[str, Any]) -> dict[str, str]:
    """Request a callback.

    Sending the same request again with the same key creates no second callback and returns the
    same response. A different request with a used key returns 422 (`key-used`). A time that is
    fully booked or no longer offered returns 409 (`slot-gone`) with the nearest free times. Too
    many bookings from one network within an hour return 429 (`too-many-bookings`).
    """
    now = clock.now()
    key = _checked_key(UUID(headers["idempotency_key"]))
    callback_request = _validated_request(body)
    request_key = f"api:{websites.origin() or 'server'}:{key}"
    # Before any shared limit is counted: a repeated request must not use up the limit of others.
    is_again = queries.is_key_used(db.session(), request_key)
    rate_limits.require_no_wait(
        rate_limits.seconds_to_wait(rate_limits.replay())
        if is_again
        else rate_limits.wait_to_ask(callback_request.phone)
    )
    if not is_again and opening_hours(now).first_open_instant(now) is None:
        raise Problem(
            409,
            "The helpline has no opening hours planned, so it cannot take requests.",
            kind="no-opening",
        )
    try:
        token = callback_service.request_callback(
            callback_request,
            request_key=request_key,
            request_hash=request_hash(json.dumps(body, sort_keys=True, default=str)),
            now=now,
        )
    except IdempotencyConflict as used:
        raise Problem(
            422, "This Idempotency-Key was already used for a different request.", kind="key-used"
        ) from used
    except TooManyBookings as many:
        raise _too_many_bookings() from many
    except SlotUnavailable as unavailable:
        raise _slot_gone(unavailable) from unavailable
    page = settings().public_url + url_for("visitor.status", token=token)
    return {"token": token, "status_url": page}


@endpoint("/callback", CallbackSchema, operation_id="getCallback", limit=_READS, token=True)
def look(_locale: dict[str, str]) -> dict[str, Any]:
    """Get the status of a request."""
    return _status(_token())


@endpoint(
    "/callback",
    CallbackSchema,
    operation_id="rescheduleCallback",
    method="PATCH",
    limit=_CHANGES,
    body=MoveSchema,
    token=True,
    conflicts=True,
)
def move(_locale: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Reschedule a request.

    Returns 409 if the time is no longer available (`slot-gone`; the earlier time stays), or if an
    advisor has already claimed the request or it is closed (`overtaken`).
    """
    token, slot_at = _token(), body["slot_at"]
    try:
        region = queries.by_link(db.session(), token).phone_region
        if slot_at is not None and not may_call_region(db.session(), region, slot_at):
            raise Problem(
                422,
                "The request is not valid. See 'errors' for details.",
                errors=[{"field": "slot_at", "message": "No calls are allowed there then."}],
            )
        callback_service.reschedule(
            token,
            slot_at,
            now=clock.now(),
            origin=rate_limits.origin(),
            if_no_answer=_if_no_answer(body),
        )
    except NoSuchCallback as unknown:
        raise _wrong_token() from unknown
    except TooManyBookings as many:
        raise _too_many_bookings() from many
    except SlotUnavailable as unavailable:
        raise _slot_gone(unavailable) from unavailable
    except StateChanged as overtaken:
        raise _overtaken() from overtaken
    return _status(token)


@endpoint(
    "/callback",
    CallbackSchema,
    operation_id="cancelCallback",
    method="DELETE",
    limit=_CHANGES,
    token=True,
    conflicts=True,
)
def cancel(_locale: dict[str, str]) -> dict[str, Any]:
    """Cancel a request.

    Cancelling twice has the same result as once. Returns 409 (`overtaken`) if it is closed.
    """
    token = _token()
    try:
        callback_service.cancel(token, now=clock.now())
    except NoSuchCallback as unknown:
        raise _wrong_token() from unknown
    except StateChanged as overtaken:
        raise _overtaken() from overtaken
    return _status(token)


def _validated_request(body: dict[str, Any]) -> CallbackRequest:
    """Validate with the website's form and return the request."""
    form = RequestForm(MultiDict(_as_form_data(body)))
    if not form.validate():
        raise Problem(
            422,
            "The request is not valid. See 'errors' for details.",
            errors=[
                {"field": "slot_at" if name == "when" else name, "message": str(message)}
                for name, messages in form.errors.items()
                for message in messages
            ],
        )
    call_until = _call_until(body)
    source = body.get("source") if websites.may_name_page() else None
    return replace(
        form.to_request(),
        if_missed=IfMissed.UNTIL if call_until else form.chosen_if_missed,
        call_until=call_until,
        reads=chosen_language(),
        channel=Channel.API,
        consent=Consent("consent: true", page_language()),
        source_page=path_of_page(source["page"]) if source else None,
        source_title=title_of_page(source.get("title")) if source else None,
    )


def _if_no_answer(body: dict[str, Any]) -> IfNoAnswer | None:
    until = _call_until(body)
    if until is not None:
        return IfNoAnswer(IfMissed.UNTIL, until)
    value = body.get("if_no_answer")
    return IfNoAnswer(IfMissed(value), None) if value else None


def _call_until(body: dict[str, Any]) -> datetime | None:
    until: datetime | None = body.get("call_until")
    if until is None:
        return None
    now = clock.now()
    earliest = body.get("slot_at") or opening_hours(now).first_open_instant(now) or now
    wrong = ""
    if "if_no_answer" in body:
        wrong = "Send either call_until or if_no_answer, not both."
    elif not earliest < until <= earliest + _ONE_DAY:
        wrong = "Choose a time at most one day after the time of the call."
    if wrong:
        raise Problem(422, errors=[{"field": "call_until", "message": wrong}])
    return until


def _as_form_data(body: dict[str, Any]) -> dict[str, str]:
    slot_at: datetime | None = body.get("slot_at")
    sent = {"when": slot_at.isoformat() if slot_at else ASAP}
    if "if_no_answer" in body:
        sent["if_missed"] = body["if_no_answer"]
    for name, value in body.items():
        if isinstance(value, bool):
            sent[name] = "yes" if value else "no"
        elif isinstance(value, str):
            sent[name] = value
    return sent


def _checked_key(key: UUID) -> str:
    """A key that can be guessed would give access to someone's request."""
    if len(set(key.hex)) < MIN_DISTINCT_KEY_DIGITS:
        wrong = {"field": "Idempotency-Key", "message": "Use a random UUID (version 4)."}
        raise Problem(422, errors=[wrong])
    return key.hex


def _token() -> str:
    """The token is in a header so that it is in no log."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(_BEARER) or not header[len(_BEARER) :].strip():
        raise _unauthorized()
    return header[len(_BEARER) :].strip()


def _wrong_token() -> Problem:
    rate_limits.require_within_limits(rate_limits.wrong_link())
    return _unauthorized()


def _unauthorized() -> Problem:
    return Problem(401, headers={"WWW-Authenticate": "Bearer"})


def _overtaken() -> Problem:
    return Problem(
        409, "An advisor has already claimed this request, or it is closed.", kind="overtaken"
    )


def _too_many_bookings() -> Problem:
    return Problem(
        429,
        "Too many times were booked from this network in the last hour. Send the request without "
        "a time, or try again later.",
        kind="too-many-bookings",
        headers={"Retry-After": "3600"},
    )


def _slot_gone(unavailable: SlotUnavailable) -> Problem:
    return Problem(
        409,
        "This time is fully booked or no longer offered.",
        kind="slot-gone",
        nearest=[start.isoformat() for start in unavailable.nearest],
    )


def _status(token: str) -> dict[str, Any]:
    now, session = clock.now(), db.session()
    try:
        callback, page_data = load_request_page(session, token, now)
    except NoSuchCallback as unknown:
        raise _wrong_token() from unknown
    show_zone(page_data.hours.plan.zone)
    status = queries.shown_status(callback)
    outlook = visitor_state(
        callback, callback.attempt, page_data.hours, page_data.wait_minutes, now
    )
    text = state_words(outlook, attempts_used=callback.attempts_used)
    has_position = outlook.state in QUEUED_WITH_ADVISORS and callback.held_at is None
    own_phone = outlook.state == VisitorState.CALLING_OWN_PHONE
    caller = shown_caller(page_data.route, callback.phone_region)
    return {
        "status": status,
        "state": outlook.state,
        "heading": text.heading,
        "sentence": text.sentence,
        "requested_at": callback.requested_at,
        "slot_at": callback.slot_at,
        "due_at": callback.due_at,
        "call_until": callback.call_until,
        "ended_at": callback.ended_at,
        "ahead": page_data.ahead if has_position else None,
        "likely_wait": formatting.wait_words(page_data.wait_minutes) if has_position else None,
        "rings_from": None if own_phone else caller.number,
        "can_move": status == Status.WAITING,
        "can_cancel": status in (Status.WAITING, Status.CLAIMED, Status.CALLING),
    }
