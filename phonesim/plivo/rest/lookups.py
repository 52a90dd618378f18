"""Calls: look one up, list them. Those queued, under way and over are three places.

https://www.plivo.com/docs/voice/api/calls: the lists of the first two give ids alone, that of calls
that are over is filtered and paged; its times are in UTC, without an offset.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from phonesim.calls import QUEUED, Call
from phonesim.carrier import of_carrier
from phonesim.network import Network
from phonesim.plivo.carrier import NAME, Plivo
from phonesim.plivo.causes import cause_of
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.resources import finished_call, live_call, queued_call
from phonesim.plivo.rest.common import (
    PREFIX,
    account_path,
    answer,
    bounds,
    in_time,
    is_asked,
    is_asked_number,
    page,
)

WEEK = timedelta(days=7)


def register(api: Blueprint, network: Network, plivo: Plivo) -> None:
    """Call/ and Call/{call_uuid}/."""

    @api.get(f"{PREFIX}Call/")
    def list_calls(auth_id: str) -> Response:
        with network.lock:
            calls = of_carrier(NAME, network.calls.values())
            place = request.args.get("status", "")
            if place in ("queued", "live"):
                return _ids([call for call in calls if _place(call) == place and _is_asked(call)])
            found = [call for call in calls if _is_listed(call, network)]
            found.sort(key=lambda call: call.ended or call.created, reverse=True)
            return page([finished_call(call, account_path()) for call in found])

    @api.get(f"{PREFIX}Call/<call_id>/")
    def fetch_call(auth_id: str, call_id: str) -> Response:
        place = request.args.get("status", "") or "finished"
        with network.lock:
            call = network.calls.get(call_id)
            if call is None or call.carrier != NAME or _place(call) != place:
                raise PlivoError(404)
            return answer(_SHOWN[place](call))


def _place(call: Call) -> str:
    if call.is_over:
        return "finished"
    return "queued" if call.status == QUEUED else "live"


_SHOWN: dict[str, Callable[[Call], dict[str, Any]]] = {
    "queued": queued_call,
    "live": live_call,
    "finished": lambda call: finished_call(call, account_path()),
}


def _ids(calls: list[Call]) -> Response:
    offset, limit = bounds()
    return answer({"calls": [call.sid for call in calls[offset : offset + limit]]})


def _is_asked(call: Call) -> bool:
    return (
        is_asked_number("from_number", call.from_)
        and is_asked_number("to_number", call.to)
        and is_asked("call_direction", live_call(call)["direction"])
    )


def _is_listed(call: Call, network: Network) -> bool:
    """Whether a call is over and passes the filters. One cancelled in the queue leaves no trace."""
    if not call.is_over or call.started is None or not _is_asked(call):
        return False
    cause = cause_of(call)
    return (
        is_asked("parent_call_uuid", call.parent.sid if call.parent else None)
        and is_asked("hangup_cause_code", cause.code)
        and is_asked("hangup_source", cause.source)
        and in_time("end_time", call.ended, network.clock.now(), WEEK)
    )
