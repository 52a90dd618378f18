"""Recordings: list, fetch, hear, delete.

https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from phonesim.carrier import of_carrier
from phonesim.network import Network
from phonesim.recordings import Recording
from phonesim.twilio.carrier import NAME, Twilio
from phonesim.twilio.errors import TwilioError
from phonesim.twilio.resources import recording_resource
from phonesim.twilio.rest.common import PREFIX, page


def register(api: Blueprint, network: Network, account: Twilio) -> None:
    """Recordings of the account, and of one call; the sound itself without .json."""

    @api.get(f"{PREFIX}/Recordings.json")
    def list_recordings(account_sid: str) -> dict[str, Any]:
        return _listed(network, account, request.args.get("CallSid", ""))

    @api.get(f"{PREFIX}/Calls/<call_sid>/Recordings.json")
    def list_of_call(account_sid: str, call_sid: str) -> dict[str, Any]:
        return _listed(network, account, call_sid)

    @api.get(f"{PREFIX}/Recordings/<sid>.json")
    def fetch_recording(account_sid: str, sid: str) -> dict[str, Any]:
        with network.lock:
            return recording_resource(_recording(network, sid), account_sid, account.base_url)

    @api.get(f"{PREFIX}/Recordings/<sid>.wav")
    @api.get(f"{PREFIX}/Recordings/<sid>")
    def hear_recording(account_sid: str, sid: str) -> Response:
        return Response(_recording(network, sid).sound(), mimetype="audio/x-wav")

    @api.delete(f"{PREFIX}/Recordings/<sid>.json")
    @api.delete(f"{PREFIX}/Recordings/<sid>")
    def delete_recording(account_sid: str, sid: str) -> Response:
        with network.lock:
            _recording(network, sid)
            del network.recordings[sid]
        return Response(status=204)


def _recording(network: Network, sid: str) -> Recording:
    if sid not in network.recordings:
        raise TwilioError(20404, request.path)
    return network.recordings[sid]


def _listed(network: Network, account: Twilio, call_sid: str) -> dict[str, Any]:
    with network.lock:
        found = [
            recording_resource(one, account.sid, account.base_url)
            for one in of_carrier(NAME, network.recordings.values())
            if call_sid in ("", one.call_sid)
        ]
    return page("recordings", found[::-1])
