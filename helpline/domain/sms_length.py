"""The length of a text message as carriers bill it, in segments."""

from __future__ import annotations

from dataclasses import dataclass

# 3GPP TS 23.038, section 6.2.1: the default alphabet, and its extension table, each character of
# which takes two septets.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
# The same, section 6.1.2, less the header of a part (3GPP TS 23.040, section 9.2.3.24.1).
_GSM_ALONE, _GSM_PART = 160, 153
_UCS2_ALONE, _UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class SmsLength:
    """The length of a text message.

    Args:
        encoding: "GSM-7" or "UCS-2".
        units: septets, or UTF-16 code units.
        segments: billed messages.
    """

    encoding: str
    units: int
    segments: int


def measure(text: str) -> SmsLength:
    """Return the length of a text message.

    One character outside the GSM alphabet, such as any of Devanagari, switches the whole message to
    UCS-2.
    """
    if all(character in _GSM or character in _GSM_EXTENSION for character in text):
        sizes = [2 if character in _GSM_EXTENSION else 1 for character in text]
        return _count_segments("GSM-7", sizes, _GSM_ALONE, _GSM_PART)
    sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _count_segments("UCS-2", sizes, _UCS2_ALONE, _UCS2_PART)


def _count_segments(encoding: str, sizes: list[int], alone: int, part: int) -> SmsLength:
    """A character of two units is never split over two segments."""
    units = sum(sizes)
    if units <= alone:
        return SmsLength(encoding, units, 1)
    segments, room = 1, part
    for size in sizes:
        if size > room:
            segments, room = segments + 1, part
        room -= size
    return SmsLength(encoding, units, segments)
