"""Cache key of visitor pages."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from flask import request

from helpline.domain.queue_order import wait_band
from helpline.reports.page_data import PageData
from helpline.web.visitor_context import visitor_page_key


def cache_key(page_data: PageData, now: datetime) -> Hashable:
    """Return all that a page about hours and wait depends on.

    Whether we are open is exact; the rest of the clock counts to the minute.
    """
    return (
        visitor_page_key(request.endpoint or "", now),
        (page_data.hours.is_open, page_data.hours.closes_at, page_data.hours.opens_at),
        wait_band(page_data.wait_minutes),
        page_data.wait_minutes is None and page_data.is_staff_alerted,
        page_data.stored_policy,
    )
