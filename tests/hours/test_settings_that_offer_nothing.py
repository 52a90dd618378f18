"""Settings by which nothing could ever be booked are refused, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpline.db import db
from helpline.domain.errors import InvalidPolicy
from helpline.domain.opening_hours import Interval, OpeningHours, Week
from helpline.domain.slots import SlotPolicy, require_any_slot, slot_starts
from helpline.policy import queries as policy_queries
from tests import factories
from tests.cast import MEERA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


def hours(*intervals: str) -> OpeningHours:
    day = tuple(Interval.parse(*each.split("-")) for each in intervals)
    return OpeningHours.weekly("Asia/Kolkata", Week.every_day(*day))


MONDAY_ONLY = OpeningHours.weekly(
    "Asia/Kolkata", Week(((Interval.parse("10:00", "11:00"),), *[()] * 6))
)


@pytest.mark.parametrize(
    ("found", "policy", "field"),
    [
        (hours("10:00-18:00"), SlotPolicy(days_ahead=1, lead_minutes=24 * 60), "lead_minutes"),
        (hours("10:00-18:00"), SlotPolicy(days_ahead=2, lead_minutes=7 * 24 * 60), "lead_minutes"),
        (
            hours("10:00-11:00", "14:00-15:00"),
            SlotPolicy(last_start_before_close_minutes=61),
            "last_start_before_close_minutes",
        ),
        (
            MONDAY_ONLY,
            SlotPolicy(last_start_before_close_minutes=90),
            "last_start_before_close_minutes",
        ),
    ],
)
def test_what_offers_nothing_in_any_week_is_refused(
    found: OpeningHours, policy: SlotPolicy, field: str
) -> None:
    with pytest.raises(InvalidPolicy) as problem:
        require_any_slot(found, policy, NOW)
    assert problem.value.field == field
    assert slot_starts(found, policy, NOW) == ()


@pytest.mark.parametrize(
    ("found", "policy"),
    [
        (hours("10:00-18:00"), SlotPolicy(days_ahead=1, lead_minutes=23 * 60)),
        (hours("10:00-11:00"), SlotPolicy(last_start_before_close_minutes=60)),
        (hours("00:00-24:00"), SlotPolicy(last_start_before_close_minutes=24 * 60)),
        (MONDAY_ONLY, SlotPolicy(days_ahead=1)),
        (hours(), SlotPolicy(days_ahead=1, lead_minutes=24 * 60)),
    ],
)
def test_what_offers_something_at_some_moment_is_not(
    found: OpeningHours, policy: SlotPolicy
) -> None:
    require_any_slot(found, policy, NOW)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("button", ["save", "preview"])
def test_the_page_says_why_and_keeps_what_was_typed(client: Client, at: Clock, button: str) -> None:
    at("2026-11-23 11:00")
    factories.opening_hours(("10:00", "11:30"))
    factories.staff(MEERA)
    client.sign_in(MEERA)
    for name, typed, reason in (
        ("last_start_minutes", "120", "No opening of the week is this long"),
        ("slot_lead_minutes", "10080", "as long as the booking window"),
    ):
        page = client.get("/admin/capacity")
        answer = client.submit(page, "/capacity", do=button, **{name: typed})
        assert answer.status_code == 422
        assert reason in Page(answer.text).text
        assert f'value="{typed}"' in answer.text
    assert policy_queries.current(db.session()).last_start_minutes == 30
    page = client.get("/admin/capacity")
    assert client.submit(page, "/capacity", last_start_minutes="90").status_code == 303
    assert policy_queries.current(db.session()).last_start_minutes == 90
