"""Carrier webhooks of supervisors who listen in, and of calls that were moved into a conference."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import carrier_events, request_ids
from helpline.calls.listening import service as listening
from helpline.calls.listening.service import Entry
from helpline.current import settings, webhooks
from helpline.domain.call_progress import Leg
from helpline.telephony import flow
from helpline.web.access import CARRIER, allow
from helpline.web.carrier_webhooks.blueprint import answer, carrier_webhooks, webhook_url

_OVER = "The call is over, or you may no longer listen to it. Goodbye."


@carrier_webhooks.post("/voice/<ref>/conference/<leg>")
@allow(CARRIER)
def leg_moved(ref: str, leg: str) -> ResponseReturnValue:
    if leg not in tuple(Leg):
        abort(404)
    return conference_of_leg(ref, Leg(leg))


def conference_of_leg(ref: str, leg: Leg) -> Response:
    """Let a leg hear that a supervisor listens, and enter the conference of its call."""
    entry = listening.entry_of_leg(ref, leg, now=clock.now())
    if entry is None:
        return answer(flow.HANG_UP)
    conference = flow.Conference(
        entry.name, webhook_url("conference_left", ref=ref, leg=leg), ends_for_all=True
    )
    return answer(flow.announce_listener(conference, entry.language))


@carrier_webhooks.post("/voice/<ref>/conference/<leg>/left")
@allow(CARRIER)
def conference_left(ref: str, leg: str) -> ResponseReturnValue:
    """A leg has left, or the conference is over: so is the call."""
    carrier_events.conference_left(ref, now=clock.now())
    return answer(flow.HANG_UP)


@carrier_webhooks.post("/listen/<ref>/answered")
@allow(CARRIER)
def listener_answered(ref: str) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if not listening.answered(ref, event.call_id, now=clock.now()):
        return answer(flow.say_to_staff(_OVER))
    pressed_url = webhook_url("listener_pressed", ref=ref)
    return answer(flow.ask_to_listen(pressed_url=pressed_url, seconds=settings().press_one_seconds))


@carrier_webhooks.post("/listen/<ref>/pressed")
@allow(CARRIER)
def listener_pressed(ref: str) -> ResponseReturnValue:
    event = webhooks().key_pressed(request.form)
    request_ids.promote(ref, event.request_id, event.call_id)
    if event.digits != "1":
        return answer(flow.HANG_UP)
    return _conference(ref, listening.pressed_one(ref, event.call_id, now=clock.now()))


@carrier_webhooks.post("/listen/<ref>/join")
@allow(CARRIER)
def listener_joins(ref: str) -> ResponseReturnValue:
    event = webhooks().phone_answered(request.form)
    return _conference(ref, listening.entered_to_speak(ref, event.call_id, now=clock.now()))


def _conference(ref: str, entry: Entry | None) -> Response:
    """Their leaving ends nothing for the other two."""
    if entry is None:
        return answer(flow.say_to_staff(_OVER))
    conference = flow.Conference(
        entry.name,
        webhook_url("listener_left", ref=ref),
        muted=not entry.joined,
        announced=entry.announced,
    )
    return answer((conference,))


@carrier_webhooks.post("/listen/<ref>/left")
@allow(CARRIER)
def listener_left(ref: str) -> ResponseReturnValue:
    """The conference is over."""
    return answer(flow.HANG_UP)


@carrier_webhooks.post("/listen/<ref>/status")
@allow(CARRIER)
def listener_status(ref: str) -> ResponseReturnValue:
    event = webhooks().call_status(request.form, Leg.ADVISOR)
    if event is not None:
        request_ids.promote(ref, event.request_id, event.call_id)
        listening.status_received(
            ref, event.call_id, event.status, problem=event.problem, now=clock.now()
        )
    return Response(status=204)
