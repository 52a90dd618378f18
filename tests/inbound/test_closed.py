"""Somebody rings the helpline outside hours, or as it closes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from helpline.callbacks.models import Callback, Channel
from helpline.calls.inbound.models import Outcome
from helpline.db import db
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.inbound.caller import Caller, at_desk
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("app")

BEHIND_THE_NUMBERS = "Press 1"


@pytest.mark.settings(voice_languages=("en",))
def test_the_regions_crisis_numbers_are_said_twice_and_slowly_before_anything_is_offered(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 21:00")
    at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring()
    numbers = caller.heard.partition(BEHIND_THE_NUMBERS)[0]
    for spoken_slowly in ("danger, call 1, 1, 2. Emergency", "someone: 1, 4, 4, 1, 6. Tele-MANAS."):
        assert numbers.count(spoken_slowly) == 2
    assert "Once more." in numbers
    assert "We open on Tuesday 24 November at 10 AM." in numbers
    assert caller.rings is None


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(voice_languages=("hi",))
def test_times_and_numbers_are_said_the_languages_way(client: Client, at: Clock) -> None:
    at("2026-11-23 21:00")
    heard = Caller(client, ARJUN.phone).ring().heard
    assert "किसी से बात करने के लिए: 1, 4, 4, 1, 6। टेली-मानस।" in heard
    assert "1, 1, 2, यानी एक सौ बारह। इमरजेंसी सेवा।" in heard
    assert "हेल्पलाइन मंगलवार, 24 नवंबर को सुबह 10 बजे खुलेगी।" in heard
    factories.opening_hours(("15:30", "18:00"))
    later = Caller(client, KAVITA.phone).ring().heard
    assert "हेल्पलाइन मंगलवार, 24 नवंबर को दोपहर 3 बजकर 30 मिनट पर खुलेगी।" in later


@pytest.mark.settings(voice_languages=("en",))
def test_a_caller_from_abroad_hears_the_numbers_of_their_own_country(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 21:00")
    caller = Caller(client, "+12025550143").ring()
    assert caller.heard.count("To talk to someone: 9, 8, 8.") == 2
    assert "1, 4, 4, 1, 6" not in caller.heard


@pytest.mark.settings(voice_languages=("en",))
def test_a_country_without_a_crisis_line_hears_where_to_look(client: Client, at: Clock) -> None:
    at("2026-11-23 21:00")
    caller = Caller(client, "+8112345678").ring()
    assert caller.heard.count("danger: 1, 1, 9.") == 2
    assert "find a helpline dot com" in caller.heard


def test_the_numbers_are_said_in_the_callers_language(client: Client, at: Clock) -> None:
    at("2026-11-23 17:00")
    factories.link(KAVITA)
    at("2026-11-23 21:00")
    caller = Caller(client, KAVITA.phone).ring()
    assert caller.heard.count("1, 4, 4, 1, 6। टेली-मानस।") == 2
    assert "मंगलवार" in caller.heard


def test_a_callback_for_the_next_opening_is_booked_and_nobody_is_rung_before(
    client: Client, at: Clock
) -> None:
    asked_at = at("2026-11-23 21:00")
    caller = Caller(client, ARJUN.phone).ring().press("1").press("1")
    assert "We will call you back after we open" in caller.heard
    assert "We open on Tuesday" in caller.heard
    (booked,) = db.session.scalars(sa.select(Callback)).all()
    assert (booked.due_at, booked.channel) == (asked_at, Channel.PHONE)
    assert caller.row.outcome == Outcome.BOOKED


def test_a_caller_at_the_last_minute_is_still_connected(client: Client, at: Clock) -> None:
    at("2026-11-23 17:59")
    at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring().press("1")
    assert caller.rings == ASHA.phone
    heard = caller.advisor_picks_up()
    at.later(seconds=70)
    assert list(caller.advisor_presses("1", heard)) == []
    at.later(minutes=30)
    caller.dial_ends("completed", DialBridged="true")
    assert caller.row.outcome == Outcome.TALKED


def test_a_callback_is_not_taken_into_hand_once_the_clock_has_struck(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 17:58")
    waiting = factories.callback(ARJUN)
    at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring()
    heard = caller.advisor_picks_up()
    at("2026-11-23 18:00")
    assert list(caller.advisor_presses("1", heard)) == []
    caller.dial_ends("completed", DialBridged="true")
    assert caller.row.outcome == Outcome.TALKED
    assert db.session.get_one(Callback, waiting.id).status == Status.WAITING


def test_no_further_advisor_is_rung_once_the_clock_has_struck(client: Client, at: Clock) -> None:
    at("2026-11-23 17:59")
    at_desk(ASHA, RAVI)
    caller = Caller(client, ARJUN.phone).ring().press("1")
    at("2026-11-23 18:00")
    at_desk(ASHA, RAVI)
    caller.dial_ends("no-answer")
    assert caller.rings is None
    assert "We are closed" in caller.heard
    assert caller.row.advisor_id is None


def test_a_caller_who_chooses_the_language_as_the_helpline_closes_hears_the_numbers(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 17:59")
    at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring()
    at("2026-11-23 18:00")
    assert "We are closed" in caller.press("1").heard


def test_a_helpline_that_never_opens_promises_no_opening(client: Client, at: Clock) -> None:
    at("2026-11-23 21:00")
    factories.opening_hours()
    caller = Caller(client, ARJUN.phone).ring().press("1")
    assert "We open" not in caller.heard
    assert caller.heard.count("danger, call 1, 1, 2.") == 2
