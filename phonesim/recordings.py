"""What callers said after the tone. The sound is a quiet hum of the right length."""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from phonesim.formats import API_VERSION, rfc2822

RATE = 8000
PITCH_HZ = 220.0
LOUDNESS = 2000
LONGEST_SOUND_SECONDS = 120


@dataclass(frozen=True)
class Recording:
    """A finished recording of one call."""

    sid: str
    account_sid: str
    call_sid: str
    seconds: int
    began: datetime
    base_url: str

    @property
    def path(self) -> str:
        """Its address without an ending."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"

    def params(self) -> dict[str, str]:
        """What webhooks say about it."""
        return {
            "RecordingSid": self.sid,
            "RecordingUrl": self.base_url + self.path,
            "RecordingDuration": str(self.seconds),
        }

    def status_params(self) -> dict[str, str]:
        """What the recording status callback says besides.

        https://www.twilio.com/docs/voice/twiml/record#attributes-recording-status-callback
        """
        return self.params() | {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": rfc2822(self.began) or "",
            "ErrorCode": "0",
        }

    def resource(self) -> dict[str, Any]:
        """The Recording resource."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "call_sid": self.call_sid,
            "conference_sid": None,
            "api_version": API_VERSION,
            "channels": 1,
            "source": "RecordVerb",
            "status": "completed",
            "duration": str(self.seconds),
            "date_created": rfc2822(self.began),
            "date_updated": rfc2822(self.began),
            "start_time": rfc2822(self.began),
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "encryption_details": None,
            "media_url": self.base_url + self.path,
            "uri": f"{self.path}.json",
            "subresource_uris": {},
        }

    def sound(self) -> bytes:
        """A WAV file."""
        return hum(min(self.seconds, LONGEST_SOUND_SECONDS))


@lru_cache(maxsize=8)
def hum(seconds: int) -> bytes:
    """So many seconds of one low tone, 16 bit, one channel."""
    period = [
        round(LOUDNESS * math.sin(2 * math.pi * PITCH_HZ * step / RATE)) for step in range(RATE)
    ]
    second = struct.pack(f"<{RATE}h", *period)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(second * seconds)
    return file.getvalue()
