"""Somebody rings the helpline inside hours: language, advisor, and what follows when none comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.errors import AdvisorBusy, StateChanged
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.calls.inbound.models import InboundCall, InboundReply, Outcome
from helpline.calls.models import Attempt, Channel
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from helpline.staff import service as accounts
from helpline.staff.models import Presence, PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, RAVI
from tests.inbound.caller import VOICE, Caller, at_desk, sid
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("app", "open_now")


@pytest.fixture
def open_now(app: Flask, at: Clock) -> None:
    """Monday, a little after eleven."""
    at("2026-11-23 11:00")


def callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback).order_by(Callback.id)))


def in_english(client: Client, number: str = ARJUN.phone) -> Caller:
    """A caller who chose English."""
    return Caller(client, number).ring().press("1")


def test_an_unsigned_call_is_refused(client: Client) -> None:
    answer = client.post(VOICE, data={"CallSid": sid("CA"), "From": ARJUN.phone})
    assert answer.status_code == 403
    assert db.session.scalar(sa.select(InboundCall.id)) is None


def test_each_language_is_offered_in_itself(client: Client) -> None:
    caller = Caller(client, ARJUN.phone).ring()
    assert caller.twiml is not None
    said = [(each.get("language"), each.text) for each in caller.twiml.iter("Say")]
    assert said == [
        ("en-IN", "If life is in danger, hang up and call 1, 1, 2. For English, press 1."),
        ("hi-IN", "जान को ख़तरा हो, तो यह फ़ोन काटकर 1, 1, 2 पर फ़ोन कीजिए। हिन्दी के लिए 2 दबाइए।"),
    ]


def test_the_chosen_language_is_spoken_from_then_on(client: Client) -> None:
    caller = Caller(client, ARJUN.phone).ring().press("2")
    assert caller.twiml is not None
    assert {each.get("language") for each in caller.twiml.iter("Say")} == {"hi-IN"}
    assert caller.row.language == "hi"


def test_no_choice_of_language_leads_to_the_first_after_the_last_time(client: Client) -> None:
    caller = Caller(client, ARJUN.phone).ring().silence().press("7").silence()
    assert "Hello. This is Helpline." in caller.heard


def test_a_caller_whose_language_we_know_is_not_asked(client: Client) -> None:
    factories.link(KAVITA)
    caller = Caller(client, KAVITA.phone).ring()
    assert caller.row.language == "hi"
    assert "नमस्ते" in caller.heard


@pytest.mark.settings(voice_languages=("hi",))
def test_with_one_language_nobody_is_asked(client: Client) -> None:
    assert "नमस्ते" in Caller(client, ARJUN.phone).ring().heard


def test_a_free_advisor_is_rung_and_the_callers_number_is_not_shown_to_them(
    client: Client,
) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    assert caller.rings == ASHA.phone
    assert "We are calling an advisor" in caller.heard
    assert caller.twiml is not None
    dial = caller.twiml.find("Dial")
    assert dial is not None
    assert dial.get("callerId") == "+911140000000"
    assert dial.get("answerOnBridge") == "true"
    assert ARJUN.phone not in ((caller.answer and caller.answer.text) or "")


def test_the_longest_idle_advisor_who_speaks_the_language_is_rung(
    client: Client, at: Clock
) -> None:
    at_desk(RAVI)
    at.later(minutes=5)
    at_desk(ASHA, RAVI)
    assert in_english(client).rings == RAVI.phone
    assert Caller(client, LEELA.phone).ring().press("2").rings == ASHA.phone


def test_two_callers_never_get_the_same_advisor(client: Client) -> None:
    at_desk(ASHA)
    first, second = in_english(client, ARJUN.phone), in_english(client, LEELA.phone)
    assert (first.rings, second.rings) == (ASHA.phone, None)
    assert "busy" in second.heard


def test_an_advisor_with_a_callback_in_hand_or_a_call_is_not_rung(client: Client) -> None:
    at_desk(ASHA, RAVI)
    factories.claimed(ASHA, ARJUN)
    factories.calling(RAVI, LEELA)
    assert in_english(client, IMRAN.phone).rings is None


@pytest.mark.parametrize("state", [PresenceState.AWAY, PresenceState.OFFLINE])
def test_an_advisor_who_is_away_is_not_rung(client: Client, state: PresenceState) -> None:
    at_desk(ASHA)
    accounts.set_presence(factories.staff(ASHA).id, state, now=clock.now())
    assert in_english(client).rings is None


def test_an_advisor_whose_desk_went_silent_is_not_rung(client: Client, at: Clock) -> None:
    at_desk(ASHA)
    at.later(minutes=3)
    assert in_english(client).rings is None


def test_an_advisor_who_is_rung_by_a_caller_cannot_take_a_callback(client: Client) -> None:
    at_desk(ASHA)
    in_english(client)
    factories.link(LEELA)
    with pytest.raises(AdvisorBusy):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert callbacks()[0].status == Status.WAITING


def test_the_one_is_asked_for_and_then_the_two_are_connected(client: Client) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    heard = caller.advisor_picks_up()
    assert "press 1" in (heard.findtext("Gather/Say") or "")
    assert list(caller.advisor_presses("1", heard)) == []
    row = caller.row
    assert row.talked_at == clock.now()
    assert row.talked_with == factories.staff(ASHA).id


def test_the_talk_ends_and_the_advisor_is_free_again(client: Client, at: Clock) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    caller.connects()
    at.later(minutes=20)
    caller.dial_ends("completed", DialBridged="true")
    assert caller.is_hung_up
    row = caller.row
    assert (row.outcome, row.ended_at, row.advisor_id) == (Outcome.TALKED, clock.now(), None)
    presence = db.session.get_one(Presence, factories.staff(ASHA).id)
    assert (presence.call_in, presence.call_in_ended_at) == (None, clock.now())
    assert callbacks() == []


@pytest.mark.parametrize("key", ["2", "", "5"])
def test_without_the_one_nobody_is_connected(client: Client, key: str) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    answer = caller.advisor_presses(key, caller.advisor_picks_up())
    assert [each.tag for each in answer] == ["Hangup"]
    assert caller.row.talked_at is None


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "completed", "canceled"])
def test_the_next_advisor_is_rung_when_the_first_does_not_take_it(
    client: Client, status: str
) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client)
    first = caller.rings
    caller.dial_ends(status, DialBridged="false")
    assert {first, caller.rings} == {ASHA.phone, RAVI.phone}
    assert "another advisor" in caller.heard


def test_nobody_is_rung_twice_for_one_caller_and_then_the_offer_comes(client: Client) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client).dial_ends("no-answer").dial_ends("busy")
    assert caller.rings is None
    assert "No advisor could answer" in caller.heard
    assert "Press 1" in caller.heard


@pytest.mark.settings(call_in_most_advisors=1)
def test_only_so_many_advisors_are_rung(client: Client) -> None:
    at_desk(ASHA, RAVI)
    assert in_english(client).dial_ends("no-answer").rings is None


def test_a_one_that_came_to_nothing_leads_to_the_next_advisor(client: Client) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client)
    first = caller.rings
    caller.connects()
    caller.dial_ends("completed", DialBridged="false")
    assert {first, caller.rings} == {ASHA.phone, RAVI.phone}
    assert (caller.row.talked_at, caller.row.ended_at) == (None, None)


def test_a_one_that_came_to_nothing_leaves_the_callback_with_that_advisor(client: Client) -> None:
    at_desk(ASHA, RAVI)
    waiting = factories.callback(ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    caller.connects()
    caller.dial_ends("completed", DialBridged="false")
    assert "We are about to call you" in caller.heard
    db.session.rollback()
    kept = db.session.get_one(Callback, waiting.id)
    assert (kept.status, kept.attempts_used) == (Status.CLAIMED, 0)
    assert kept.claimed_by == factories.staff(ASHA).id


def test_a_late_answer_of_an_advisor_who_is_not_wanted_any_more_leads_nowhere(
    client: Client,
) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client)
    old = caller.address("Number", "url")
    heard = caller.advisor_picks_up()
    caller.dial_ends("no-answer")
    assert [each.tag for each in caller.whisper(old)] == ["Hangup"]
    assert [each.tag for each in caller.advisor_presses("1", heard)] == ["Say", "Hangup"]
    assert caller.row.talked_at is None


def test_the_expected_wait_is_said_in_words(client: Client) -> None:
    at_desk(ASHA)
    factories.claimed(ASHA, LEELA)
    assert "less than 5 minutes" in in_english(client).heard


def test_with_nobody_there_no_wait_is_promised(client: Client) -> None:
    assert "as soon as we can" in in_english(client).heard


def test_with_no_advisor_signed_in_a_caller_is_not_told_that_all_are_on_calls(
    client: Client,
) -> None:
    heard = in_english(client).heard
    assert "No advisor is available right now." in heard
    assert "busy" not in heard


def test_with_every_advisor_on_a_call_a_caller_is_told_so(client: Client) -> None:
    at_desk(ASHA)
    factories.claimed(ASHA, LEELA)
    heard = in_english(client).heard
    assert "All our advisors are busy right now." in heard
    assert "No advisor is available" not in heard


def test_a_minute_before_closing_a_caller_is_told_when_we_call_back(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 17:59")
    caller = in_english(client)
    for heard in (caller.heard, caller.press("1").heard):
        assert "We close soon. If we cannot call you before then" in heard
        assert "We open on Tuesday 24 November" in heard
    assert caller.is_hung_up


def test_one_books_a_callback_on_the_callers_number(client: Client) -> None:
    caller = in_english(client).press("1")
    assert "We will call you back" in caller.heard
    assert "1, 1, 2" in caller.heard
    assert caller.is_hung_up
    (booked,) = callbacks()
    assert (booked.phone, booked.language, booked.due_at) == (ARJUN.phone, "en", clock.now())
    assert not (booked.may_leave_voicemail or booked.may_say_who or booked.may_text)
    row = caller.row
    assert (row.outcome, row.callback_id, row.ended_at) == (
        Outcome.BOOKED,
        booked.id,
        clock.now(),
    )


def test_a_doubled_webhook_gets_the_same_answer_and_books_once(client: Client) -> None:
    caller = Caller(client, ARJUN.phone).ring()
    language = caller.address("Gather", "action")
    caller.press("1")
    choice, offered = caller.address("Gather", "action"), caller.answer
    caller.press("1")
    booked = caller.answer
    for path, digits, before in ((language, "1", offered), (choice, "1", booked)):
        again = caller.post(path, Digits=digits)
        assert before is not None
        assert again.text == before.text
    assert caller.post(choice, Digits="2").text == (booked and booked.text)
    assert len(callbacks()) == 1


def test_the_first_webhook_twice_is_one_call_and_one_answer(client: Client) -> None:
    at_desk(ASHA, RAVI)
    factories.link(KAVITA)
    caller = Caller(client, KAVITA.phone).ring()
    first = caller.answer
    caller.ring()
    assert first is not None
    assert (caller.answer and caller.answer.text) == first.text
    assert db.session.scalar(sa.select(sa.func.count(InboundCall.id))) == 1
    assert caller.row.rung == [factories.staff(ASHA).id]


def test_a_doubled_one_of_the_advisor_is_one_talk(client: Client) -> None:
    at_desk(ASHA)
    factories.link(ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    heard = caller.advisor_picks_up()
    for _ in range(2):
        assert list(caller.advisor_presses("1", heard)) == []
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 1


def test_a_doubled_end_of_the_dial_rings_nobody_twice(client: Client) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client)
    path = caller.address("Dial", "action")
    caller.dial_ends("no-answer")
    first = caller.answer
    again = caller.post(path, DialCallStatus="no-answer")
    assert first is not None
    assert again.text == first.text
    assert len(caller.row.rung) == 2


def test_a_caller_who_waits_already_keeps_their_place(client: Client, at: Clock) -> None:
    waiting = factories.callback(ARJUN)
    due_at, mine = waiting.due_at, waiting.id
    at.later(minutes=10)
    factories.link(LEELA)
    caller = Caller(client, ARJUN.phone).ring().press("1")
    assert len(callbacks()) == 2
    kept = db.session.get_one(Callback, mine)
    assert (kept.status, kept.due_at) == (Status.WAITING, due_at)
    assert caller.row.callback_id == mine


def test_a_caller_whose_callback_is_due_has_it_by_talking_now(client: Client) -> None:
    at_desk(ASHA)
    waiting = factories.callback(ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    caller.connects()
    db.session.rollback()
    held = queue.current_callback(db.session(), factories.staff(ASHA).id)
    assert held is not None
    assert (held.id, held.status) == (waiting.id, Status.CALLING)
    attempt = factories.attempt_of(held)
    assert (attempt.channel, attempt.ended_at) == (Channel.CALL_IN, None)
    caller.dial_ends("completed", DialBridged="true")
    calls.record_disposition(
        held.id, factories.staff(ASHA).id, Disposition.REACHED, "", now=clock.now()
    )
    assert callbacks()[0].status == Status.REACHED


def test_a_booked_time_that_is_not_due_yet_stays_when_they_ring_before(client: Client) -> None:
    at_desk(ASHA)
    factories.link(ARJUN, slot_at=factories.slot("15:00"))
    caller = Caller(client, ARJUN.phone).ring()
    caller.connects()
    caller.dial_ends("completed", DialBridged="true")
    (booked,) = callbacks()
    assert (booked.status, booked.slot_at) == (Status.WAITING, factories.slot("15:00"))


def test_whoever_has_the_callers_callback_in_hand_is_the_one_who_is_rung(client: Client) -> None:
    at_desk(ASHA, RAVI)
    held = factories.claimed(RAVI, ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    assert caller.rings == RAVI.phone
    with pytest.raises(StateChanged):
        calls.start_call(held.id, factories.staff(RAVI).id, now=clock.now())
    caller.connects()
    db.session.rollback()
    assert db.session.get_one(Callback, held.id).status == Status.CALLING


def test_a_caller_whose_advisor_cannot_answer_is_told_to_keep_the_phone_free(
    client: Client,
) -> None:
    at_desk(ASHA, RAVI)
    factories.claimed(RAVI, ARJUN)
    caller = Caller(client, ARJUN.phone).ring().dial_ends("no-answer")
    assert "keep your phone free" in caller.heard
    assert caller.row.outcome == Outcome.HELD


def test_a_caller_who_is_being_rung_is_told_so(client: Client) -> None:
    at_desk(ASHA, RAVI)
    factories.calling(RAVI, ARJUN)
    caller = Caller(client, ARJUN.phone).ring()
    assert caller.rings is None
    assert "keep your phone free" in caller.heard
    assert caller.is_hung_up


def test_a_call_that_was_cut_off_leads_back_to_the_same_advisor(client: Client) -> None:
    at_desk(ASHA, RAVI)
    factories.link(ARJUN)
    first = Caller(client, ARJUN.phone).ring()
    assert first.rings == ASHA.phone
    first.connects()
    first.dial_ends("completed", DialBridged="true")
    second = Caller(client, ARJUN.phone).ring()
    assert second.rings == ASHA.phone
    second.connects()
    second.dial_ends("completed", DialBridged="true")
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 1


def test_a_key_that_means_nothing_is_said_so_and_silence_ends_kindly(client: Client) -> None:
    caller = in_english(client).press("9")
    assert "is not one of the choices" in caller.heard
    caller.silence().silence()
    assert "call us again at any time" in caller.heard
    assert caller.is_hung_up
    assert caller.row.outcome == Outcome.LEFT
    assert callbacks() == []


def test_an_advisor_who_is_free_by_now_is_rung_when_the_caller_still_waits(
    client: Client,
) -> None:
    caller = in_english(client)
    at_desk(ASHA)
    assert caller.silence().rings == ASHA.phone


def _nothing(caller: Caller) -> None:
    """Rings only."""


def _language(caller: Caller) -> None:
    caller.press("1")


def _ringing(caller: Caller) -> None:
    at_desk(ASHA)
    caller.press("1")


def _asked_for_the_one(caller: Caller) -> None:
    _ringing(caller)
    caller.advisor_picks_up()


def _talking(caller: Caller) -> None:
    _ringing(caller)
    caller.connects()


def _record(caller: Caller) -> None:
    caller.press("1").press("2")


@pytest.mark.parametrize(
    ("until_then", "outcome"),
    [
        (_nothing, Outcome.LEFT),
        (_language, Outcome.LEFT),
        (_ringing, Outcome.LEFT),
        (_asked_for_the_one, Outcome.LEFT),
        (_talking, Outcome.TALKED),
        (_record, Outcome.LEFT),
    ],
)
def test_hanging_up_at_any_step_ends_the_call_and_frees_the_advisor(
    client: Client, until_then: Callable[[Caller], None], outcome: Outcome
) -> None:
    caller = Caller(client, ARJUN.phone).ring()
    until_then(caller)
    caller.hangs_up()
    row = caller.row
    assert (row.outcome, row.ended_at, row.advisor_id) == (outcome, clock.now(), None)
    assert (
        db.session.scalar(sa.select(Presence.staff_id).where(Presence.call_in.is_not(None))) is None
    )
    assert callbacks() == []
    caller.hangs_up()
    assert caller.row.outcome == outcome


def test_hanging_up_while_the_advisors_phone_rings_is_told_by_the_dial(client: Client) -> None:
    at_desk(ASHA, RAVI)
    caller = in_english(client)
    caller.dial_ends("no-answer", CallStatus="completed")
    assert caller.is_hung_up
    assert caller.rings is None
    assert (caller.row.outcome, caller.row.advisor_id) == (Outcome.LEFT, None)


def test_a_press_after_the_caller_has_gone_connects_nobody(client: Client) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    heard = caller.advisor_picks_up()
    caller.hangs_up()
    assert [each.tag for each in caller.advisor_presses("1", heard)] == ["Say", "Hangup"]


def test_a_word_of_a_call_we_never_heard_of_leads_to_the_crisis_numbers(client: Client) -> None:
    caller = Caller(client, ARJUN.phone)
    assert "1, 1, 2" in caller.post(f"{VOICE}/1", Digits="1").text
    assert caller.post(f"{VOICE}/status", CallStatus="completed").status_code == 204
    caller.ring()
    assert "1, 1, 2" in caller.post(f"{VOICE}/7", Digits="1").text


def test_no_number_is_readable_in_the_database_or_in_the_audit_log(client: Client) -> None:
    at_desk(ASHA)
    caller = in_english(client)
    caller.connects()
    stored = [
        db.session.execute(sa.text("SELECT phone, phone_hash FROM inbound_call")).one(),
        *db.session.execute(sa.text("SELECT reply, turn FROM inbound_reply")).all(),
    ]
    told = [(each.subject, str(each.detail)) for each in db.session.scalars(sa.select(AuditEntry))]
    for number in (ARJUN.phone, ASHA.phone):
        assert number not in str(stored)
        assert number not in str(told)
    assert db.session.scalar(sa.select(sa.func.count(InboundReply.id))) == 2
