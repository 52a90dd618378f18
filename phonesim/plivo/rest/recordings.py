"""Recordings: list, fetch, hear, delete.

https://www.plivo.com/docs/voice/api/recordings. The sound is at an address of its own, which needs
no sign-in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from phonesim.carrier import of_carrier
from phonesim.network import Network
from phonesim.plivo.carrier import MEDIA_PATH, NAME, Plivo
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.resources import recording as recording_resource
from phonesim.plivo.rest.common import PREFIX, account_path, answer, in_time, is_asked, page
from phonesim.recordings import Recording

QUARTER = timedelta(days=90)


def register(api: Blueprint, network: Network, plivo: Plivo) -> None:
    """Recording/, and the sound."""

    def find(recording_id: str) -> Recording:
        found = network.recordings.get(recording_id)
        if found is None or found.carrier != NAME:
            raise PlivoError(404)
        return found

    def shown(one: Recording) -> dict[str, Any]:
        url = plivo.recording_url(one)
        return recording_resource(one, url, account_path(), network.clock.now())

    @api.get(f"{PREFIX}Recording/")
    def list_recordings(auth_id: str) -> Response:
        now = network.clock.now()
        with network.lock:
            found = [
                shown(one)
                for one in of_carrier(NAME, network.recordings.values())
                if is_asked("call_uuid", one.call_sid)
                and in_time("add_time", one.began, now, QUARTER)
            ]
        return page(found[::-1])

    @api.get(f"{PREFIX}Recording/<recording_id>/")
    def fetch_recording(auth_id: str, recording_id: str) -> Response:
        with network.lock:
            return answer(shown(find(recording_id)))

    @api.delete(f"{PREFIX}Recording/<recording_id>/")
    def delete_recording(auth_id: str, recording_id: str) -> Response:
        with network.lock:
            find(recording_id)
            del network.recordings[recording_id]
        return Response(status=204)

    @api.get(f"{MEDIA_PATH}/<recording_id>.wav")
    def hear_recording(recording_id: str) -> Response:
        return Response(find(recording_id).sound(), mimetype="audio/x-wav")
