"""Callbacks that ring an advisor's phone by themselves."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks import service as callbacks
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.dispatch.offers import OfferRefused, accept
from helpline.calls.models import DispatchRound, OfferResult
from helpline.db import db, transaction
from helpline.domain.lifecycle import Event, Status
from helpline.messaging.carrier_jobs import CarrierContext, look_up_next
from helpline.policy.models import Dispatch
from helpline.staff import advisor_line
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from helpline.staff.queries import presence_of
from tests import factories
from tests.cast import ARJUN, ASHA, HELPLINE, KAVITA, RAVI
from tests.dispatch.fixtures import (
    all_well,
    answers,
    asked,
    at_desk,
    decide,
    deeds,
    fresh,
    idle_since,
    live_offer,
    notices,
    offer,
    offers,
    post,
    presses,
    stays,
    tells,
    work,
)
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven, and callbacks ring by themselves."""
    at("2026-11-23 09:00")
    factories.opening_hours(("10:00", "18:00"))
    at("2026-11-23 11:00")
    decide()


def test_it_rings_whoever_has_been_free_longest(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    ravi, asha = at_desk(RAVI, ASHA)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    wanted = factories.callback(ARJUN)
    work(telephone)
    assert asked(wanted) == [asha]
    assert sim.phone(ASHA.phone)["rings"] or sim.get("/calls")
    assert ravi not in asked()
    all_well()


def test_it_rings_somebody_who_speaks_as_the_visitor_does(telephone: CarrierContext) -> None:
    asha, _ravi = at_desk(ASHA, RAVI)
    idle_since(RAVI, clock.now() - timedelta(hours=1))
    wanted = factories.callback(KAVITA)
    work(telephone)
    assert asked(wanted) == [asha]


def test_anybody_is_rung_where_nobody_there_speaks_as_the_visitor_does(
    telephone: CarrierContext,
) -> None:
    (ravi,) = at_desk(RAVI)
    wanted = factories.callback(KAVITA)
    work(telephone)
    assert asked(wanted) == [ravi]


def test_it_waits_for_one_who_speaks_it_and_is_busy(telephone: CarrierContext) -> None:
    at_desk(ASHA, RAVI)
    factories.claimed(ASHA, ARJUN)
    factories.callback(KAVITA)
    assert not offer()


def test_the_first_in_the_queue_is_offered_first(at: Clock, telephone: CarrierContext) -> None:
    first = factories.callback(ARJUN)
    at.later(minutes=1)
    factories.callback(KAVITA)
    (asha,) = at_desk(ASHA)
    work(telephone)
    assert asked(first) == [asha]
    assert len(offers()) == 1, "one advisor is rung with one callback"


@pytest.mark.parametrize("why", ["pull", "closed", "away", "silent", "no phone", "holding", "rung"])
def test_nobody_is_rung_who_should_not_be(at: Clock, app: Flask, why: str) -> None:
    if why == "pull":
        decide(dispatch=Dispatch.PULL)
    if why == "no phone":
        factories.staff(ASHA, phone=None)
    (asha,) = at_desk(ASHA)
    if why == "holding":
        factories.claimed(ASHA, ARJUN)
    factories.callback(KAVITA)
    if why == "closed":
        at("2026-11-23 18:00")
        at_desk(ASHA)
    if why == "away":
        accounts.set_presence(asha, PresenceState.AWAY, now=clock.now())
    if why == "silent":
        at.later(minutes=2)
    if why == "rung":
        with transaction() as session:
            assert advisor_line.occupy(session, asha, "CA-somebody-who-rang-us")
    assert not offer()


def test_one_pressed_claims_and_rings_the_visitor_in_one_step(
    telephone: CarrierContext, client: Client
) -> None:
    (asha,) = at_desk(ASHA)
    wanted = factories.callback(KAVITA, may_text=True)
    work(telephone)
    found = live_offer(ASHA)
    assert fresh(wanted).status == Status.WAITING, "it keeps its place while a phone rings"
    tells(client, found, "ringing")
    assert "Press 1" in answers(client, found)
    heard = presses(client, found)
    assert KAVITA.phone in heard and f'callerId="{HELPLINE}"' in heard
    held = fresh(wanted)
    assert (held.status, held.claimed_by) == (Status.CALLING, asha)
    attempt = factories.attempt_of(held)
    assert (attempt.ref, attempt.advisor_call) == (found.ref, found.call)
    assert offers()[0].result == OfferResult.TAKEN
    all_well()
    assert presses(client, found) == heard, "pressed twice is the same as once"
    assert factories.attempt_of(held).id == attempt.id
    all_well()


def test_what_follows_is_as_with_any_other_call(telephone: CarrierContext, client: Client) -> None:
    at_desk(ASHA)
    wanted = factories.callback(KAVITA)
    work(telephone)
    found = live_offer(ASHA)
    presses(client, found)
    child = {"CallSid": "CA" + "9" * 32, "SequenceNumber": "1"}
    post(client, f"/webhooks/voice/{found.ref}/status/visitor", **child, CallStatus="ringing")
    told = {"CallSid": found.call or "", "DialCallStatus": "no-answer"}
    post(client, f"/webhooks/voice/{found.ref}/dialled", **told)
    tells(client, found, "completed", SequenceNumber="3")
    attempt = factories.attempt_of(fresh(wanted))
    assert (attempt.result, attempt.counted) == ("no_answer", True)
    all_well()


def test_an_unanswered_offer_goes_to_the_next_advisor(
    telephone: CarrierContext, client: Client
) -> None:
    asha, ravi = at_desk(ASHA, RAVI)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    wanted = factories.callback(ARJUN)
    due_at = wanted.due_at
    work(telephone)
    tells(client, live_offer(ASHA), "no-answer")
    work(telephone)
    assert asked(wanted) == [asha, ravi]
    assert fresh(wanted).due_at == due_at
    tells(client, live_offer(RAVI), "busy")
    work(telephone)
    assert asked(wanted) == [asha, ravi], "nobody is asked twice in a round"
    assert [each.result for each in offers()] == [OfferResult.MISSED, OfferResult.DECLINED]
    assert fresh(wanted).status == Status.WAITING
    all_well()


def test_a_round_begun_a_moment_after_the_offer_was_decided_still_counts_who_was_asked(
    telephone: CarrierContext, client: Client
) -> None:
    (asha,) = at_desk(ASHA)
    wanted = factories.callback(ARJUN)
    # Two ticks look at the clock, and the later of them is the first to begin the round.
    with transaction() as session:
        began_at = clock.now() + timedelta(milliseconds=20)
        session.add(DispatchRound(callback_id=wanted.id, started_at=began_at, passed=0))
    work(telephone)
    tells(client, live_offer(ASHA), "busy")
    work(telephone)
    assert asked(wanted) == [asha], "nobody is asked twice in a round"


def test_a_voicemail_box_that_answers_has_missed_it(
    telephone: CarrierContext, client: Client
) -> None:
    at_desk(ASHA)
    wanted = factories.callback(KAVITA)
    work(telephone)
    found = live_offer(ASHA)
    answers(client, found)
    tells(client, found, "completed")
    assert offers()[0].result == OfferResult.MISSED
    assert fresh(wanted).attempts_used == 0


def test_missed_too_often_in_a_row_an_advisor_is_away_and_sees_it(
    at: Clock, telephone: CarrierContext, client: Client
) -> None:
    decide(misses_until_away=2)
    (asha,) = at_desk(ASHA)
    for visitor in (KAVITA, ARJUN):
        factories.callback(visitor)
    for _ in range(2):
        work(telephone)
        tells(client, live_offer(ASHA), "no-answer")
        tells(client, offers()[-1], "no-answer")
    presence = presence_of(db.session(), asha)
    assert presence is not None and presence.state == PresenceState.AWAY
    assert [each.subject for each in deeds("marked_away")] == [f"staff:{asha}"]
    assert ("advisor_away", f"staff:{asha}") in notices()
    assert not offer()
    client.sign_in(ASHA)
    assert "You were set to break" in client.get("/desk/").text
    client.post("/desk/presence", data={"state": "available"})
    page = client.get("/desk/")
    client.submit(page, "presence", state="available")
    assert "You were set to break" not in client.get("/desk/hand").text


def test_one_taken_in_between_begins_the_count_anew(
    telephone: CarrierContext, client: Client
) -> None:
    decide(misses_until_away=2)
    (asha,) = at_desk(ASHA)
    factories.callback(KAVITA)
    factories.callback(ARJUN)
    work(telephone)
    tells(client, live_offer(ASHA), "no-answer")
    work(telephone)
    presses(client, live_offer(ASHA))
    presence = presence_of(db.session(), asha)
    assert presence is not None and presence.missed_offers == 0


def test_of_several_rung_at_once_the_first_to_press_has_it(
    telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    decide(push_ring_at_once=2)
    asha, ravi = at_desk(ASHA, RAVI)
    wanted = factories.callback(ARJUN)
    work(telephone)
    assert sorted(asked(wanted)) == sorted([asha, ravi])
    first, second = live_offer(RAVI), live_offer(ASHA)
    answers(client, first)
    answers(client, second)
    assert ARJUN.phone in presses(client, first)
    work(telephone)
    assert sim.call(second.call or "")["status"] == "canceled"
    assert "Another advisor already has this" in presses(client, second), (
        "pressed at that very moment"
    )
    tells(client, second, "completed")
    assert fresh(wanted).claimed_by == ravi
    results = {each.advisor_id: each.result for each in offers()}
    assert results == {ravi: OfferResult.TAKEN, asha: OfferResult.WITHDRAWN}
    presence = presence_of(db.session(), asha)
    assert presence is not None and presence.missed_offers == 0
    assert presence.call_in is None, "her line is free again"
    all_well()


def test_the_phone_stops_ringing_when_the_visitor_cancels(
    telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    at_desk(ASHA)
    token = factories.link(KAVITA)
    work(telephone)
    found = live_offer(ASHA)
    callbacks.cancel(token, now=clock.now())
    work(telephone)
    assert sim.call(found.call or "")["status"] == "canceled"
    assert "Another advisor" in presses(client, found), "a 1 pressed at that very moment"
    all_well()


def test_one_pressed_after_closing_rings_nobody(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    at("2026-11-23 17:59")
    at_desk(ASHA)
    wanted = factories.callback(KAVITA)
    work(telephone)
    found = live_offer(ASHA)
    at("2026-11-23 18:00")
    assert "has closed" in presses(client, found)
    work(telephone)
    assert fresh(wanted).status == Status.WAITING
    all_well()


def test_at_closing_phones_stop_ringing_and_nothing_is_offered_that_evening(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    at("2026-11-23 17:59:30")
    (asha,) = at_desk(ASHA)
    wanted = factories.callback(KAVITA)
    work(telephone)
    found = live_offer(ASHA)
    at("2026-11-23 18:00")
    stays(ASHA)
    work(telephone)
    assert sim.call(found.call or "")["status"] == "canceled"
    tells(client, found, "canceled")
    assert offers()[0].result == OfferResult.WITHDRAWN
    at("2026-11-23 19:00")
    stays(ASHA)
    assert not offer()
    at("2026-11-24 10:00")
    stays(ASHA)
    work(telephone)
    assert asked(wanted) == [asha, asha]
    all_well()


def test_a_number_the_carrier_refuses_does_not_stand_in_the_way(
    telephone: CarrierContext, sim: Sim
) -> None:
    asha, ravi = at_desk(ASHA, RAVI)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    sim.do("POST", "/faults", {"kind": "error", "code": 21211, "to": ASHA.phone, "times": None})
    wanted = factories.callback(ARJUN)
    work(telephone)
    assert asked(wanted) == [asha, ravi]
    assert offers()[0].result == OfferResult.REFUSED


@pytest.mark.parametrize("code", [20005, 20003, 21210])
def test_a_fault_of_the_account_is_no_miss_of_the_advisors(
    at: Clock, telephone: CarrierContext, sim: Sim, code: int
) -> None:
    (asha,) = at_desk(ASHA)
    sim.do("POST", "/faults", {"kind": "error", "code": code, "to": ASHA.phone, "times": 1})
    wanted = factories.callback(ARJUN)
    work(telephone)
    assert offers(wanted)[0].result == OfferResult.NOT_PLACED
    assert ("calls_fail", f"code:{code}") in notices()
    at.later(seconds=3)
    work(telephone)
    assert asked(wanted) == [asha, asha], "they are offered it again"


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (10004, OfferResult.NOT_PLACED),
        (21219, OfferResult.NOT_PLACED),
        (21211, OfferResult.REFUSED),
    ],
)
def test_a_leg_that_fails_for_the_account_is_no_miss_of_the_advisors(
    telephone: CarrierContext, client: Client, code: int, result: OfferResult
) -> None:
    at_desk(ASHA)
    wanted = factories.callback(ARJUN)
    work(telephone)
    offer = offers(wanted)[0]
    said = {"CallSid": offer.call or "", "CallStatus": "failed", "ErrorCode": str(code)}
    post(client, f"/webhooks/offer/{offer.ref}/status", **said)
    assert offers(wanted)[0].result == result


def test_a_carrier_that_is_too_busy_costs_nobody_anything(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    (asha,) = at_desk(ASHA)
    sim.do("POST", "/faults", {"kind": "http_429", "to": ASHA.phone, "times": 1})
    wanted = factories.callback(KAVITA)
    work(telephone)
    assert offers(wanted)[0].result == OfferResult.NOT_PLACED
    assert sim.get("/calls")["calls"] == [], "nobody asks again before the pause is over"
    at.later(seconds=3)
    work(telephone)
    assert len(sim.get("/calls")["calls"]) == 1
    presence = presence_of(db.session(), asha)
    assert presence is not None and presence.missed_offers == 0


def test_a_call_made_without_our_hearing_of_it_is_found_and_not_made_again(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    at_desk(ASHA)
    sim.do("POST", "/faults", {"kind": "cut_after", "to": ASHA.phone, "times": 1})
    factories.callback(KAVITA)
    work(telephone)
    (made,) = sim.get("/calls")["calls"]
    assert live_offer(ASHA).call == made["sid"], "what is unsure is looked up at once"
    at.later(seconds=46)
    assert KAVITA.phone in presses(client, live_offer(ASHA))
    all_well()


def test_a_call_that_was_never_made_is_offered_again(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    (asha,) = at_desk(ASHA)
    sim.do("POST", "/faults", {"kind": "cut_before", "to": ASHA.phone, "times": 1})
    wanted = factories.callback(KAVITA)
    work(telephone)
    for _ in range(3):
        at.later(seconds=46)
        stays(ASHA)
        look_up_next(OFFERS, telephone)
    assert offers(wanted)[0].result == OfferResult.NOT_PLACED
    work(telephone)
    assert asked(wanted) == [asha, asha]
    all_well()


def test_an_offer_that_the_carrier_knows_no_more_goes_to_the_next(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    asha, ravi = at_desk(ASHA, RAVI)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    wanted = factories.callback(ARJUN)
    work(telephone)
    sim.do("POST", "/reset")
    at.later(seconds=46)
    stays(RAVI)
    assert look_up_next(OFFERS, telephone)
    assert offers(wanted)[0].result == OfferResult.MISSED
    work(telephone)
    assert asked(wanted) == [asha, ravi]
    all_well()


def test_one_who_wants_a_certain_advisor_is_offered_to_nobody_else(
    telephone: CarrierContext,
) -> None:
    asha, ravi = at_desk(ASHA, RAVI)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    wanted = factories.callback(ARJUN)
    wanted.wanted_advisor, wanted.wanted_until = ravi, clock.now() + timedelta(minutes=5)
    db.session.commit()
    work(telephone)
    assert asked(wanted) == [ravi]
    assert asha not in asked()


def test_while_her_phone_rings_the_desk_says_so(telephone: CarrierContext, client: Client) -> None:
    at_desk(ASHA)
    factories.callback(KAVITA)
    work(telephone)
    client.sign_in(ASHA)
    assert "about to ring" in client.get("/desk/hand").text
    tells(client, live_offer(ASHA), "ringing")
    page = client.get("/desk/hand").text
    assert "Answer it and press 1" in page
    assert KAVITA.name not in page and KAVITA.phone not in page


def test_a_colleague_may_take_it_at_the_desk_meanwhile(
    telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    _asha, ravi = at_desk(ASHA, RAVI)
    idle_since(ASHA, clock.now() - timedelta(minutes=5))
    wanted = factories.callback(ARJUN)
    work(telephone)
    found = live_offer(ASHA)
    client.sign_in(RAVI)
    client.submit(client.get("/desk/"), "next")
    assert fresh(wanted).claimed_by == ravi
    work(telephone)
    assert sim.call(found.call or "")["status"] == "canceled"
    assert "Another advisor" in presses(client, found)
    assert [each.event for each in _history(wanted)] == [Event.ASK, Event.CLAIM]
    all_well()


def test_of_two_who_press_at_the_same_moment_one_has_it(
    app: Flask, second_app: Flask, telephone: CarrierContext
) -> None:
    decide(push_ring_at_once=2)
    at_desk(ASHA, RAVI)
    wanted = factories.callback(ARJUN)
    work(telephone)
    rung = [(each.ref, each.call or "") for each in offers()]
    start, results = threading.Barrier(2), []

    def press(process: Flask, ref: str, call: str) -> None:
        with process.app_context():
            start.wait()
            results.append(accept(ref, call, now=clock.now()))

    both = [
        threading.Thread(target=press, args=(process, *each))
        for process, each in zip((app, second_app), rung, strict=True)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(results, key=str) == [None, OfferRefused.GONE]
    assert fresh(wanted).status == Status.CALLING
    all_well()


def test_two_workers_offer_a_callback_once(second_app: Flask, app: Flask) -> None:
    at_desk(ASHA, RAVI)
    factories.callback(ARJUN)
    assert offer()
    with second_app.app_context():
        assert not rounds.offer_next(now=clock.now())
    assert len(offers()) == 1
    assert queue.due_count(db.session(), clock.now()) == 1


def _history(callback: object) -> list:  # type: ignore[type-arg]
    from helpline.callbacks.queries import events_of

    return list(events_of(db.session(), callback.id))  # type: ignore[arg-type]
