"""Country facts: each has a source and a date, and what is not known stays unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from helpline.telephony import regions
from helpline.telephony.regions import CallingHours, Fact, RegionFacts

TODAY = datetime(2026, 12, 1, tzinfo=UTC).date()
CARRIERS = ("twilio", "plivo")


@pytest.mark.parametrize("region", regions.known_regions())
def test_every_fact_has_a_source_and_a_date(region: str) -> None:
    known = regions.facts(region)
    assert known.time_zones
    assert set(known.time_zones) <= available_timezones()
    by_carrier = [
        get(carrier)
        for get in (
            known.local_caller_id,
            known.two_way_texts,
            known.sender_registration,
            known.template_registration,
        )
        for carrier in CARRIERS
    ]
    for fact in (*by_carrier, known.not_called_back, known.calling_hours):
        assert fact.checked is not None
        assert fact.checked <= TODAY
        assert fact.value is None or fact.source.startswith(("https://", "http://"))


def test_india_by_carrier() -> None:
    india = regions.facts("IN")
    assert [india.local_caller_id(carrier).value for carrier in CARRIERS] == [False, True]
    assert [india.template_registration(carrier).value for carrier in CARRIERS] == [False, True]
    assert india.two_way_texts("twilio").value is False


def test_what_is_not_in_the_file_is_unknown() -> None:
    assert regions.facts("ZZ") == RegionFacts()
    assert regions.facts("IN").local_caller_id("another") == Fact()


@pytest.mark.parametrize(
    ("utc", "allowed"),
    [
        ("2026-12-01T03:29", False),  # 8:59 in India
        ("2026-12-01T03:30", True),
        ("2026-12-01T15:29", True),
        ("2026-12-01T15:30", False),  # 21:00
    ],
)
def test_hours_for_sales_calls_bind_requested_calls_only_when_chosen(
    utc: str, allowed: bool
) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    india = regions.facts("IN")
    assert india.may_call(now, sales_hours=True) == allowed
    assert india.may_call(now, sales_hours=False)


def test_hours_hold_in_every_time_zone_and_none_on_a_day_without() -> None:
    law = regions._calling_hours(
        {"hours": {"mon-fri": ["10:00", "13:00", "14:00", "20:00"]}, "requested_calls": True}
    )
    wide = RegionFacts(("America/New_York", "America/Los_Angeles"), calling_hours=Fact(law))
    monday = datetime(2026, 11, 30, tzinfo=UTC)
    allowed = [
        hour for hour in range(24) if wide.may_call(monday.replace(hour=hour), sales_hours=False)
    ]
    assert allowed == [19, 20, 22, 23]  # 14:00 and 11:00, 15:00 and 12:00; then 17:00 and 14:00
    assert isinstance(law, CallingHours)
    assert not law.allow(datetime(2026, 12, 5, 12))  # noqa: DTZ001 - a local time
