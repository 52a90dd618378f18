"""Callers who wait on the line: in order, with their place kept, and beside waiting callbacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import Outcome
from helpline.db import db
from helpline.policy import queries as policy_queries
from helpline.staff.models import Presence
from helpline.telephony import prompts
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, RAVI, Member
from tests.dispatch.fixtures import decide
from tests.inbound.caller import Caller, at_desk
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.settings(voice_languages="en")


@pytest.fixture(autouse=True)
def _open(app: Flask, at: Clock) -> Iterator[None]:
    at("2026-11-23 11:00")
    at_desk(ASHA)
    yield


def use(member: Member, call: str | None) -> None:
    """The advisor's line is in use, or free again."""
    db.session.execute(
        sa.update(Presence)
        .where(Presence.staff_id == factories.staff(member).id)
        .values(call_in=call, last_seen_at=clock.now())
    )
    db.session.commit()


def on_hold(client: Client, number: str) -> Caller:
    """A caller who found every advisor busy and waits on the line."""
    use(ASHA, "CA-other")
    caller = Caller(client, number).ring()
    assert "To wait on the line, press 3" in caller.heard
    caller.press("3")
    assert "stay on the line" in caller.heard
    return caller


def test_a_caller_may_wait_on_the_line_and_is_connected_when_an_advisor_is_free(
    client: Client, at: Clock
) -> None:
    caller = on_hold(client, KAVITA.phone)
    for _ in range(6):
        at.later(seconds=20)
        assert "You are next" in caller.silence().heard
    use(ASHA, None)
    at.later(seconds=15)
    assert caller.silence().rings == ASHA.phone
    caller.connects()
    caller.dial_ends("completed")
    assert caller.row.outcome == Outcome.TALKED


def test_whoever_missed_it_is_asked_again_while_they_hold(client: Client, at: Clock) -> None:
    caller = on_hold(client, KAVITA.phone)
    use(ASHA, None)
    assert caller.silence().rings == ASHA.phone
    caller.dial_ends("no-answer")
    assert "stay on the line" in caller.heard
    at.later(seconds=15)
    use(ASHA, None)
    assert caller.silence().rings == ASHA.phone


def test_those_on_hold_are_connected_in_the_order_of_their_calls(client: Client, at: Clock) -> None:
    first, second = on_hold(client, KAVITA.phone), on_hold(client, ARJUN.phone)
    assert "There are other callers ahead of you" in second.heard
    use(ASHA, None)
    assert second.silence().rings is None, "it is the turn of the first"
    third = Caller(client, "+919876500009").ring()
    assert third.rings is None, "a new caller does not pass them either"
    assert first.silence().rings == ASHA.phone


def test_a_caller_on_hold_who_is_gone_keeps_nobody_waiting(client: Client, at: Clock) -> None:
    on_hold(client, KAVITA.phone)
    second = on_hold(client, ARJUN.phone)
    at.later(seconds=61)  # Nothing is heard of the first, and no status callback tells.
    use(ASHA, None)
    assert second.silence().rings == ASHA.phone


def test_a_caller_on_hold_keeps_their_place_and_hangs_up(client: Client, at: Clock) -> None:
    caller = on_hold(client, KAVITA.phone)
    began = clock.now()
    at.later(minutes=4)
    other = factories.callback(ARJUN)
    caller.silence().press("1")
    assert "You keep your place" in caller.heard and caller.is_hung_up
    row = caller.row
    assert row.outcome == Outcome.BOOKED
    booked = db.session.get_one(Callback, row.callback_id)
    assert booked.due_at == began and booked.due_at < other.due_at


def test_a_withheld_number_is_asked_for_before_the_place_is_kept(client: Client, at: Clock) -> None:
    caller = on_hold(client, "anonymous")
    began = clock.now()
    at.later(minutes=2)
    caller.press("1").press("9876500001").press("1")
    assert "You keep your place" in caller.heard
    assert db.session.get_one(Callback, caller.row.callback_id).due_at == began


def test_nobody_waits_on_the_line_for_ever(client: Client, at: Clock) -> None:
    caller = on_hold(client, KAVITA.phone)
    for _ in range(21):
        if caller.is_hung_up:
            break
        at.later(minutes=1)
        use(ASHA, "CA-other")
        caller.silence()
    assert caller.is_hung_up and caller.row.outcome == Outcome.BOOKED


def test_nobody_is_asked_to_wait_where_no_advisor_is_there(client: Client) -> None:
    db.session.execute(sa.delete(Presence))
    db.session.commit()
    caller = Caller(client, KAVITA.phone).ring()
    assert "press 3" not in caller.heard
    assert caller.press("3").row.hold_began_at is None


def talked(number: str, client: Client) -> None:
    caller = Caller(client, number).ring()
    caller.connects()
    caller.dial_ends("completed")
    caller.hangs_up()


def test_after_so_many_live_callers_a_callback_comes_first(client: Client, at: Clock) -> None:
    decide(live_calls_per_callback=2)
    factories.callback(ARJUN)
    for number in ("+919876500011", "+919876500012"):
        talked(number, client)
        at.later(seconds=5)
        use(ASHA, None)
    third = Caller(client, "+919876500013").ring()
    assert third.rings is None, "the next free advisor is for the callback"
    third.press("3")
    at.later(minutes=4)
    use(ASHA, None)
    assert third.silence().rings == ASHA.phone, "nobody is held back for longer than that"


@pytest.mark.parametrize("changes", [{}, {"live_calls_per_callback": 1, "dispatch": "pull"}])
def test_live_callers_come_first_where_nothing_else_is_decided(
    client: Client, changes: dict[str, object]
) -> None:
    decide(**changes)
    factories.callback(ARJUN)
    for number in ("+919876500011", "+919876500012", "+919876500013"):
        talked(number, client)


def test_an_admin_sees_what_it_does_to_both_waits(client: Client, at: Clock) -> None:
    caller = on_hold(client, KAVITA.phone)
    at.later(seconds=40)
    use(ASHA, None)
    caller.silence()
    caller.connects()
    caller.dial_ends("completed")
    factories.claimed(RAVI, ARJUN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/calls")
    assert "Inbound calls answered by an advisor: 1. Median wait 40 s" in page.text
    assert "Callbacks claimed: 1. Median 0 min" in page.text
    client.submit(page, "/admin/calls", live_calls_per_callback="3")
    assert policy_queries.current(db.session()).live_calls_per_callback == 3
    wrong = client.submit(client.get("/admin/calls"), "/admin/calls", live_calls_per_callback="99")
    assert wrong.status_code == 422 and "from 0 to 20" in wrong.text


def test_every_language_has_the_words_of_holding() -> None:
    for code in ("en", "hi"):
        told = {prompts.voice_for(code).say(key) for key in ("hold", "hold_next", "hold_others")}
        assert len(told) == 3
    assert prompts.voice_for("hi").say("hold") != prompts.voice_for("en").say("hold")
