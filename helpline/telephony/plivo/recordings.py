"""Fetch recordings: their address is asked for by id, never taken from a webhook."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

from helpline.telephony.plivo.http import PlivoApi, safe_id
from helpline.telephony.port import Rejected, RetryLater
from helpline.telephony.problems import Problem

MAX_BYTES = 8 * 1024 * 1024
"""Five minutes of WAV (8,000 samples a second of 2 bytes) are 4.8 MB."""
_CHUNK = 64 * 1024
_PLIVO, _STORE = ".plivo.com", "s3.amazonaws.com"
"""Hosts of ``recording_url`` (https://www.plivo.com/docs/voice/api/recordings)."""


def fetch(api: PlivoApi, recording_id: str) -> bytes:
    """Fetch a recording. The account's credentials go to Plivo's own hosts only.

    Raises:
        CarrierError: it is not known, too large, elsewhere, or not there yet.
    """
    address = str(api.get(f"Recording/{safe_id(recording_id)}/").get("recording_url") or "")
    own, url = urlsplit(api.base_url), urlsplit(address)
    host = url.hostname or ""
    is_plivo = url[:2] == own[:2] or (url.scheme == "https" and host.endswith(_PLIVO))
    if not is_plivo and (url.scheme, host) != ("https", _STORE):
        raise Rejected(Problem.REFUSED)
    try:
        with requests.get(
            address,
            auth=api.credentials[0] if is_plivo else None,
            timeout=api.timeout_seconds,
            stream=True,
            allow_redirects=False,
        ) as response:
            response.raise_for_status()
            sound = b""
            for chunk in response.iter_content(_CHUNK):
                sound += chunk
                if len(sound) > MAX_BYTES:
                    raise Rejected(Problem.REFUSED)
            return sound
    except requests.RequestException as error:
        raise RetryLater(Problem.UNREACHABLE) from error
