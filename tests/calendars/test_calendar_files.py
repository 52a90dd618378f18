"""The visitor's calendar file, read back by two programs that calendars are built on."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from helpline.callbacks import service as callbacks
from helpline.web.visitor.calendar import appointment
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
ICAL_JS = FOLDER / "node_modules" / "ical.js"
ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York"),
    *("America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Vancouver"),
    *("Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata"),
    *("Asia/Tehran", "Australia/Adelaide", "Australia/Lord_Howe", "Europe/Dublin"),
    *("Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham"),
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 90
with_ical_js = pytest.mark.skipif(
    NODE is None or not ICAL_JS.is_dir(),
    reason="needs node, and ical.js: npm ci --prefix tests/calendars",
)


def starts_in(zone_name: str) -> list[datetime]:
    """Starts around each clock change of 2026 in a zone, and one in each season."""
    zone = ZoneInfo(zone_name)
    starts = [datetime(2026, 1, 15, 10, tzinfo=zone), datetime(2026, 7, 15, 23, 30, tzinfo=zone)]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year == 2026:
        after = at + timedelta(hours=1)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            starts += [(at + timedelta(minutes=each)).astimezone(zone) for each in (-60, 0, 30)]
        at = after
    return starts


def file_of(starts_at: datetime, **changes: Any) -> bytes:
    told: dict[str, Any] = {"title": "Dentist", "token_hash": "t", "sequence": 0, "now": NOW}
    return appointment(starts_at=starts_at, minutes=MINUTES, **(told | changes))


def read_by_ical_js(files: list[bytes]) -> list[dict[str, Any]]:
    """What ical.js reads of each file."""
    assert NODE is not None
    found = subprocess.run(
        [NODE, "read.mjs"],
        cwd=FOLDER,
        input=json.dumps([each.decode() for each in files]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    read: list[dict[str, Any]] = json.loads(found.stdout)
    return read


@pytest.mark.parametrize("zone", ZONES)
def test_icalendar_reads_the_instants_that_were_booked(zone: str) -> None:
    for starts_at in starts_in(zone):
        file = file_of(starts_at)
        (entry,) = Calendar.from_ical(file).walk("VEVENT")
        assert entry.decoded("DTSTART").astimezone(UTC) == starts_at.astimezone(UTC)
        assert entry.decoded("DTEND") - entry.decoded("DTSTART") == timedelta(minutes=MINUTES)
        assert b"VTIMEZONE" not in file
        assert b"TZID" not in file


@with_ical_js
def test_ical_js_reads_the_instants_that_were_booked() -> None:
    starts = [each for zone in ZONES for each in starts_in(zone)]
    read = read_by_ical_js([file_of(each) for each in starts])
    for starts_at, found in zip(starts, read, strict=True):
        (entry,) = found["entries"]
        begins, ends = (datetime.fromisoformat(entry[each]) for each in ("starts", "ends"))
        assert begins == starts_at.astimezone(UTC), starts_at
        assert ends - begins == timedelta(minutes=MINUTES)
        assert found["zones"] == 0
    assert len(read) > 100


@with_ical_js
def test_ical_js_reads_a_move_and_a_cancellation() -> None:
    starts_at = datetime(2026, 11, 24, 10, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    files = [
        file_of(starts_at),
        file_of(starts_at + timedelta(days=1), sequence=1),
        file_of(starts_at + timedelta(days=1), sequence=2, is_cancelled=True),
    ]
    entries = [each["entries"][0] for each in read_by_ical_js(files)]
    assert [each["sequence"] for each in entries] == [0, 1, 2]
    assert [each["status"] for each in entries] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({each["uid"] for each in entries}) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_each_move_raises_the_sequence_and_a_cancellation_gives_a_file_that_cancels(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA, slot_at=factories.slot("2026-11-24 10:30"))

    def entry() -> Any:
        page = client.get(f"/request/{token}")
        (found,) = Calendar.from_ical(client.submit(page, "/calendar").data).walk("VEVENT")
        return found

    first = entry()
    assert (first["SEQUENCE"], first["STATUS"]) == (0, "CONFIRMED")
    at.later(minutes=1)
    callbacks.reschedule(token, factories.slot("2026-11-25 12:00"), now=at.later(minutes=1))
    moved = entry()
    assert (moved["SEQUENCE"], moved["STATUS"]) == (1, "CONFIRMED")
    assert moved.decoded("DTSTART") == factories.slot("2026-11-25 12:00")
    callbacks.cancel(token, now=at.later(minutes=1))
    assert "Remove the call from my calendar" in Page(client.get(f"/request/{token}").text).text
    gone = entry()
    assert (gone["SEQUENCE"], gone["STATUS"]) == (2, "CANCELLED")
    assert gone.decoded("DTSTART") == moved.decoded("DTSTART")
    assert gone["UID"] == first["UID"]
    at("2026-11-26 11:00")
    assert "from my calendar" not in Page(client.get(f"/request/{token}").text).text
    assert client.post(f"/request/{token}/calendar").location == f"/request/{token}"
    never_booked = factories.link(ARJUN)
    callbacks.cancel(never_booked, now=at.later(minutes=1))
    page = Page(client.get(f"/request/{never_booked}").text)
    assert "from my calendar" not in page.text
