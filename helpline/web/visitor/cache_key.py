"""What visitors' pages follow from, to tell one from itself at another moment."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from flask import request

from helpline.domain.queue_order import wait_band
from helpline.reports.page_data import PageData
from helpline.web.language import chosen_language
from helpline.web.request_context import published_mark


def cache_key(seen: PageData, now: datetime) -> Hashable:
    """All that a page follows from which tells of the hours and of the wait, whoever looks at it.
    Whether we are open is known to the instant; what else goes by the clock, to the minute and
    whether it just struck."""
    minute = now.replace(second=0, microsecond=0)
    return (
        (request.endpoint, request.script_root, chosen_language(), request.query_string),
        (minute, now > minute),
        (seen.hours.is_open, seen.hours.closes_at, seen.hours.opens_at),
        wait_band(seen.wait_minutes),
        seen.decided,
        published_mark(),
    )
