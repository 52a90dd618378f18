"""The hour that the clock shows twice in autumn: its two showings have names of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from helpline.db import db
from helpline.domain.clock_changes import Showing, offset_name, showing
from helpline.messaging.models import OutboundSms
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

NEW_YORK = ZoneInfo("America/New_York")
FIRST = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
SECOND = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_only_the_repeated_hour_has_two_showings() -> None:
    found = {
        f"{at:%H:%M}": showing(at)
        for hour in range(3, 10)
        if (at := datetime(2026, 11, 1, hour, 30, tzinfo=UTC).astimezone(NEW_YORK))
        and hour not in (5, 6)
    }
    assert set(found.values()) == {Showing.ONLY}
    first, second = FIRST.astimezone(NEW_YORK), SECOND.astimezone(NEW_YORK)
    assert (showing(first), showing(second)) == (Showing.FIRST, Showing.SECOND)
    assert (offset_name(first), offset_name(second)) == ("UTC-4", "UTC-5")
    skipped = datetime(2026, 3, 8, 7, 30, tzinfo=UTC).astimezone(NEW_YORK)
    assert showing(skipped) == Showing.ONLY
    assert offset_name(FIRST.astimezone(ZoneInfo("Asia/Kolkata"))) == "UTC+5:30"
    assert offset_name(FIRST) == "UTC+0"
    lord_howe = ZoneInfo("Australia/Lord_Howe")  # It puts the clock back by half an hour.
    at = datetime(2026, 4, 4, 14, 45, tzinfo=UTC).astimezone(lord_howe)
    assert (showing(at), offset_name(at)) == (Showing.FIRST, "UTC+11")


@on_sqlite
@pytest.mark.settings(texts_enabled=True)
def test_chips_pages_api_and_texts_name_the_two_showings_apart(client: Client, at: Clock) -> None:
    at("2026-10-31 12:00", "America/New_York")
    factories.opening_hours(("00:00", "06:00"), zone="America/New_York")
    front = Page(client.get("/").text).text
    assert "1:30 AM, first (UTC-4)" in front
    assert "1:30 AM, second (UTC-5)" in front
    assert "2:00 AM, first" not in front
    slots = client.get("/api/v1/slots").get_json()
    words = [each["words"] for each in slots["slots"]]
    assert len(words) == len(set(words))
    first = factories.link(KAVITA, slot_at=FIRST, may_text=True, language="en")
    second = factories.link(ARJUN, slot_at=SECOND, may_text=True, language="hi")
    page = Page(client.get(f"/request/{first}").text).text
    assert "tomorrow at about 1:30 AM, first (UTC-4)" in page
    assert "1:30 AM, second (UTC-5)" in Page(client.get(f"/request/{second}").text).text
    texts = db.session.scalars(sa.select(OutboundSms.words).order_by(OutboundSms.id)).all()
    assert "1:30 AM, first (UTC-4)" in str(texts[0])
    assert "दूसरी बार (UTC-5)" in str(texts[1])
