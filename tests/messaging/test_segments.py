"""What each text costs: how many segments the carrier counts, in the longest case there is."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from helpline.domain.sms_length import measure
from helpline.domain.sms_progress import When
from helpline.messaging import sms_templates

INDIA = ZoneInfo("Asia/Kolkata")
NUMBERS = "112, 14416"
MOST_OF_NEW_ONES = 2
MOST_IN_HINDI = {
    "received_at": 2,
    "received_after": 2,
    "received_soon": 2,
    "received_closing": 2,
    "received_at_one_way": 2,
    "received_after_one_way": 2,
    "received_soon_one_way": 1,
    "received_closing_one_way": 2,
    "moved_at": 1,
    "moved_after": 1,
    "moved_soon": 1,
    "moved_closing": 2,
    "tried_after": 2,
    "tried_soon": 1,
    "tried_closing": 2,
    "about_to_ring": 1,
    "cancelled_by_us_at": 2,
    "cancelled_by_us_at_one_way": 2,
    "crisis": 1,
    "on_page": 1,
    "reply_ring_at": 2,
    "reply_ring_after": 2,
    "reply_ring_soon": 2,
    "reply_ring_closing": 2,
    "reply_ring_now": 2,
    "reply_on_call": 2,
    "reply_none": 1,
    "reply_cancelled": 1,
    "reply_stopped": 1,
    "reply_started": 2,
    "reply_help": 2,
    "reply_cannot": 1,
    "reply_hint": 2,
}
"""With a letter of Devanagari a text alone holds 70 letters, and each part of a longer one 67."""


@cache
def longest_time(language: str) -> str:
    """The longest way to write a time of a year, at full hours and between."""
    first = datetime(2026, 1, 1, tzinfo=INDIA)
    moments = (
        first + timedelta(days=day, hours=hour, minutes=30 * (hour % 2))
        for day in range(365)
        for hour in range(24)
    )
    told = (sms_templates.format_time(When(at, exactly=True), language, "IN") for at in moments)
    return max(told, key=len)


def segments(key: str, language: str) -> int:
    places = sms_templates.PLACEHOLDERS[key]
    values = {"time": longest_time(language)} if "time" in places else {}
    if "numbers" in places:
        values["numbers"] = NUMBERS
    return measure(sms_templates.render(key, language, **values)).segments


@pytest.mark.parametrize("key", sms_templates.PLACEHOLDERS)
def test_a_hindi_text_takes_no_more_segments_than_it_did(key: str) -> None:
    assert segments(key, "hi") <= MOST_IN_HINDI.get(key, MOST_OF_NEW_ONES)


@pytest.mark.parametrize("key", sms_templates.PLACEHOLDERS)
def test_an_english_text_takes_one_segment(key: str) -> None:
    assert segments(key, "en") == 1
