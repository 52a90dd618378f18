"""Fetch recordings, of limited size and with a valid id."""

from __future__ import annotations

import re
from typing import Any

from helpline.domain.errors import HelplineError

MAX_BYTES = 8 * 1024 * 1024
"""Five minutes of the carrier's WAV (8,000 samples a second of 2 bytes) are 4.8 MB."""

_SID = re.compile(r"RE[0-9a-f]{32}")
_CHUNK = 64 * 1024


class TooLarge(HelplineError):
    """The recording is larger than any voicemail."""


def is_recording_sid(text: str) -> bool:
    """Return whether this is a recording's id, safe in an address."""
    return _SID.fullmatch(text) is not None


def fetch(address: str, auth: Any, *, timeout_seconds: float, max_bytes: int) -> bytes:
    """Fetch a recording.

    Raises:
        TooLarge: it has more than ``max_bytes``.
        requests.RequestException: it is not available.
    """
    import requests  # noqa: PLC0415 slow, and webhooks are read without it

    with requests.get(address, auth=auth, timeout=timeout_seconds, stream=True) as response:
        response.raise_for_status()
        sound = b""
        for chunk in response.iter_content(_CHUNK):
            sound += chunk
            if len(sound) > max_bytes:
                raise TooLarge
    return sound
