"""What callers said after the tone. The sound is a quiet hum of the right length."""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

RATE = 8000
PITCH_HZ = 220.0
LOUDNESS = 2000
LONGEST_SOUND_SECONDS = 120


@dataclass(frozen=True)
class Recording:
    """A finished recording of one call."""

    sid: str
    call_sid: str
    carrier: str
    seconds: int
    began: datetime

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
