"""What visitors text to us, what is done, and what they are answered."""

from __future__ import annotations

import secrets

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis.strategies import text

from helpline import clock
from helpline.callbacks.models import Callback, Channel
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.references import shown
from helpline.domain.sms_commands import Command, parse
from helpline.messaging import inbound_sms, sms
from helpline.messaging.models import InboundSms
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, Visitor
from tests.messaging.fixtures import hash_of, new_sid, post, texts_out, write
from tests.support.clock import Clock
from tests.support.web import Client

SOON = (
    "We will call this phone as soon as we can. Text CANCEL to cancel, HELP for numbers you can "
    "call now, STOP to end texts."
)
HINT = (
    "We do not read texts at once. Call now: 112, 14416. Or text CALL for a call from us, WHEN for "
    "the time, CANCEL to cancel, STOP to end texts."
)
NUMBERS = "We do not read texts at once. Call now: 112, 14416. Text CALL for a call from us."
NONE = "No call is booked for this phone. Text CALL and we will call you."


def callbacks_of(visitor: Visitor = ARJUN) -> list[Callback]:
    db.session.rollback()
    return list(
        db.session.scalars(
            sa.select(Callback).where(Callback.phone_hash == hash_of(visitor)).order_by(Callback.id)
        )
    )


def statuses(visitor: Visitor = ARJUN) -> list[str]:
    return [str(each.status) for each in callbacks_of(visitor)]


def has_stopped(visitor: Visitor = ARJUN) -> bool:
    return sms.has_opted_out(db.session(), hash_of(visitor))


# CALL


@pytest.mark.parametrize("body", ["CALL", " call ", "Call.", "c a l l", "Call me!", "CALL\n"])
def test_call_books_as_soon_as_possible(client: Client, at: Clock, body: str) -> None:
    at("2026-11-23 11:00")
    assert write(client, body, ARJUN) == SOON
    (asked,) = callbacks_of()
    assert (asked.status, asked.slot_at, asked.phone) == (Status.WAITING, None, ARJUN.phone)
    assert asked.may_text
    assert asked.channel == Channel.TEXT
    assert not asked.may_leave_voicemail
    assert texts_out() == [], "the answer is enough"


@pytest.mark.parametrize("body", ["कॉल करें", "फ़ोन करो", "फोन", "phone karo", "Call Karo"])
def test_call_in_hindi_is_answered_in_hindi(client: Client, at: Clock, body: str) -> None:
    at("2026-11-23 11:00")
    answer = write(client, body, ARJUN)
    assert answer is not None
    assert answer.startswith("हम जल्द से जल्द इस नंबर पर फ़ोन करेंगे।")
    assert callbacks_of()[0].language == "hi"


def test_call_outside_hours_tells_the_next_opening(client: Client, at: Clock) -> None:
    at("2026-11-23 21:00")
    answer = write(client, "CALL", ARJUN)
    assert answer is not None
    assert answer.startswith("We will call this phone after Tue 24 Nov, 10:00 AM.")


def test_call_told_twice_is_one_callback_and_one_answer(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    first = write(client, "CALL", ARJUN, sid)
    at.later(hours=9)
    assert write(client, "CALL", ARJUN, sid) == first == SOON
    assert statuses() == ["waiting"]


def test_call_told_again_after_a_cancel_does_not_book_anew(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    write(client, "CALL", ARJUN, sid)
    write(client, "CANCEL", ARJUN)
    assert write(client, "CALL", ARJUN, sid) == SOON
    assert statuses() == ["cancelled"]


def test_call_from_a_number_with_a_booked_time_tells_that_time(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, slot_at=factories.slot("14:00"))
    answer = write(client, "CALL", ARJUN)
    assert answer is not None
    assert answer.startswith("We will call this phone around Mon 23 Nov, 2:00 PM.")
    assert statuses() == ["waiting", "joined"]


def test_call_from_a_region_that_we_do_not_ring_gets_numbers(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    abroad = Visitor("Grace", "+442079460018")
    answer = write(client, "CALL", abroad)
    assert answer is not None
    assert answer.startswith("We cannot call this number. Numbers you can call now: 999")
    assert statuses(abroad) == []


def test_a_callback_asked_for_by_text_is_told_of_later_by_text(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    write(client, "CALL", ARJUN)
    from helpline.callbacks.notifications import notify
    from helpline.domain.sms_progress import SmsKind

    asked_id = callbacks_of()[0].id
    with transaction() as session:
        asked = session.get_one(Callback, asked_id)
        assert notify(session, asked, SmsKind.TRIED, now=clock.now())
    assert [each.kind for each in texts_out()] == ["tried"]


# CANCEL and WHEN


def test_cancel_cancels_and_says_so(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN)
    assert write(client, "cancel", ARJUN) == (
        "Cancelled. We will not call this phone. Text CALL if you change your mind."
    )
    assert statuses() == ["cancelled"]
    assert write(client, "CANCEL", ARJUN) == NONE


def test_cancel_cancels_also_those_behind_so_that_nobody_is_rung(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for _ in range(3):
        factories.link(ARJUN)
    assert statuses() == ["waiting", "joined", "joined"]
    write(client, "रद्द करें", ARJUN)
    assert statuses() == ["cancelled"] * 3


def test_cancel_stops_a_call_that_is_being_set_up(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.calling(ASHA, ARJUN)
    write(client, "CANCEL", ARJUN)
    assert statuses() == ["cancelled"]


def test_a_late_second_cancel_does_not_cancel_what_was_asked_since(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN)
    sid = new_sid()
    first = write(client, "CANCEL", ARJUN, sid)
    write(client, "CALL", ARJUN)
    assert write(client, "CANCEL", ARJUN, sid) == first
    assert statuses() == ["cancelled", "waiting"]


def test_cancel_touches_nobody_elses_callback(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA)
    assert write(client, "CANCEL", ARJUN) == NONE
    assert statuses(KAVITA) == ["waiting"]


def test_when_tells_the_time(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    assert write(client, "When?", ARJUN) == NONE
    factories.link(ARJUN, slot_at=factories.slot("2026-11-24 10:30"))
    answer = write(client, "WHEN", ARJUN)
    assert answer is not None
    assert answer.startswith("We will call this phone around Tue 24 Nov, 10:30 AM.")


def test_when_in_the_language_of_the_callback(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA)
    assert (write(client, "WHEN", KAVITA) or "").startswith("हम जल्द से जल्द इस नंबर पर")
    assert (write(client, "कब", KAVITA) or "").startswith("हम जल्द से जल्द इस नंबर पर")


def test_when_while_we_are_ringing(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.calling(ASHA, ARJUN)
    assert (write(client, "WHEN", ARJUN) or "").startswith("We are about to call this phone.")


# STOP and START


@pytest.mark.parametrize("body", ["STOP", " stop. ", "Stop All", "unsubscribe"])
def test_stop_is_kept_and_left_to_the_carrier_to_answer(
    client: Client, at: Clock, body: str
) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    assert write(client, body, ARJUN) is None
    assert has_stopped()
    assert [each.status for each in texts_out()] == ["not_sent"]
    assert statuses() == ["waiting"], "they are still rung"


@pytest.mark.parametrize("body", ["बंद करें", "band karo", "रोको"])
def test_stop_in_words_that_the_carrier_does_not_know_is_answered_once(
    client: Client, at: Clock, body: str
) -> None:
    at("2026-11-23 11:00")
    assert (write(client, body, ARJUN) or "").startswith("अब हमारा कोई एसएमएस नहीं आएगा")
    assert write(client, body, ARJUN) is None
    assert has_stopped()


def test_a_stopped_number_is_answered_only_to_start_and_help(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    write(client, "STOP", ARJUN)
    at.later(days=400)
    for body in ("CALL", "WHEN", "CANCEL", "hello", "STOP"):
        assert write(client, body, ARJUN) is None
    assert statuses() == ["cancelled"], "what they ask for is done all the same"
    assert "112" in (write(client, "HELP", ARJUN) or "")
    assert (write(client, "START", ARJUN) or "").startswith("You will get texts from us again.")
    assert not has_stopped()
    assert write(client, "CALL", ARJUN) == SOON


def test_a_stop_told_again_after_start_does_not_stop_again(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    write(client, "STOP", ARJUN, sid)
    write(client, "START", ARJUN)
    write(client, "STOP", ARJUN, sid)
    assert not has_stopped()


@pytest.mark.parametrize("body", ["START", "yes", "शुरू करें"])
def test_start_from_one_who_never_stopped_is_told_what_can_be_texted(
    client: Client, at: Clock, body: str
) -> None:
    at("2026-11-23 11:00")
    assert "CALL" in (write(client, body, ARJUN) or "")
    assert not has_stopped()


def test_what_the_carrier_took_for_a_stop_is_one(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN)
    assert write(client, "CANCEL", ARJUN, OptOutType="STOP") is None
    assert has_stopped()
    assert statuses() == ["cancelled"]
    write(client, "back please", ARJUN, OptOutType="START")
    assert not has_stopped()


# HELP, and all else


@pytest.mark.parametrize(
    ("body", "words"),
    [("HELP", "Numbers you can call now: 112, "), ("मदद", "112, 14416 पर अभी फ़ोन करें।")],
)
def test_help_brings_crisis_numbers_every_time(
    client: Client, at: Clock, body: str, words: str
) -> None:
    at("2026-11-23 23:00")
    for _ in range(3):
        assert (write(client, body, ARJUN) or "").startswith(words)


def test_help_brings_the_numbers_of_the_phones_own_region(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    answer = write(client, "HELP", Visitor("Grace", "+442079460018"))
    assert (answer or "").startswith("Numbers you can call now: 999")


def test_anything_else_gets_the_numbers_every_time_and_one_hint_an_hour(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    assert write(client, "please ring my sister instead", ARJUN) == HINT
    at.later(minutes=59)
    assert write(client, "hello?", ARJUN) == NUMBERS, "and the numbers every time"
    assert write(client, "hello?", KAVITA) == HINT, "everybody has an hour of their own"
    at.later(minutes=1)
    assert write(client, "hello?", ARJUN) == HINT


def test_a_hint_told_twice_is_the_same_hint(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    assert [write(client, "hello", ARJUN, sid) for _ in range(2)] == [HINT, HINT]


def test_a_hint_in_the_script_of_the_text(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    assert (write(client, "मुझे बात करनी है", ARJUN) or "").startswith("एसएमएस तुरंत नहीं पढ़े जाते।")


DANGER = (
    *("I want to die", "suicide", "please, I took all the pills", "he will kill me"),
    *("वह मुझे मार रहा है", "बचाओ मुझे", "मैं मरना चाहती हूँ", "ज़हर खा लिया", "खुदकुशी"),
    *("bachao mujhe", "main mar jaunga", "woh mujhe maar raha hai", "jaan se maar dega"),
)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_sounds_like_danger_gets_the_numbers_at_once_also_after_stop(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 20:30")
    for body in DANGER:
        assert "112, 14416" in (write(client, body, KAVITA) or ""), body
    write(client, "STOP", KAVITA)
    for body in DANGER:
        assert "112, 14416" in (write(client, body, KAVITA) or ""), body


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("body", ["phone mat karo", "please phone mat karo, woh sun raha hai"])
def test_do_not_call_in_everyday_hindi_cancels(client: Client, at: Clock, body: str) -> None:
    at("2026-11-23 11:00")
    write(client, "CALL", ARJUN)
    assert "रद्द हो गई" in (write(client, body, ARJUN) or "")
    assert statuses() == ["cancelled"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_do_not_call_in_danger_cancels_and_gives_the_numbers(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    write(client, "CALL", ARJUN)
    answer = write(client, "don't call me, he will kill me", ARJUN) or ""
    assert answer.startswith("Cancelled")
    assert "112, 14416" in answer
    assert statuses() == ["cancelled"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_two_programs_that_answer_each_other_stop_within_the_hour(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    answers = [
        write(client, f"automatic answer {n}", ARJUN)
        for n in range(inbound_sms.MAX_SMS_PER_HOUR + 5)
    ]
    assert all(answers[: inbound_sms.MAX_SMS_PER_HOUR])
    assert answers[-5:] == [None] * 5
    assert write(client, "hello", KAVITA) == HINT, "others are answered meanwhile"
    at.later(hours=1, seconds=1)
    assert "112" in (write(client, "hello", ARJUN) or "")


@pytest.mark.parametrize("database_kind", ["sqlite"])
@hypothesis.settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(body=text(max_size=60))
def test_any_unknown_text_is_answered_with_an_emergency_number(client: Client, body: str) -> None:
    hypothesis.assume(parse(body).command == Command.OTHER)
    visitor = Visitor("Somebody", f"+9198765{secrets.randbelow(10**5):05}")
    for _ in range(3):
        assert "112" in (write(client, body, visitor) or ""), body


def test_a_command_is_not_kept_in_its_words(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for body in ("CALL", "please call me now", "WHEN", "STOP", "HELP"):
        write(client, body, ARJUN)
    assert [row.words for row in db.session.scalars(sa.select(InboundSms))] == [None] * 5


def test_what_was_written_is_kept_encrypted(client: Client, at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    write(client, "my name is Arjun and I am afraid", ARJUN)
    row = db.session.scalars(sa.select(InboundSms)).one()
    assert row.command == "other"
    stored = db.session.execute(sa.text("SELECT * FROM text_in")).one()
    assert not any("Arjun" in str(value) or ARJUN.phone in str(value) for value in stored)


# The door


def test_a_text_without_the_carriers_signature_is_refused(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    told = {"MessageSid": new_sid(), "From": ARJUN.phone, "Body": "CALL"}
    assert post(client, "/webhooks/text", told, signed=False).status_code == 403
    assert post(client, "/webhooks/text/abc/status", told, signed=False).status_code == 403
    assert statuses() == []


@pytest.mark.settings(texts_enabled=False)
def test_where_they_are_off_nothing_is_answered_and_stop_is_recorded(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    for words in ("CALL", "HELP", "STOP"):
        assert write(client, words, ARJUN) is None
    assert statuses() == []
    assert sms.has_opted_out(db.session(), hash_of(ARJUN))


def test_a_sender_that_is_no_phone_is_not_answered(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for sender in ("BANK", "57575", "+91"):
        assert write(client, "hello", Visitor("A machine", sender)) is None


def test_a_text_without_an_id_is_refused(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    assert post(client, "/webhooks/text", {"From": ARJUN.phone, "Body": "CALL"}).status_code == 400


@pytest.mark.settings(spoken_languages=("en",))
def test_a_language_that_is_not_configured_is_understood_but_not_written(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    assert write(client, "कॉल करें", ARJUN) == SOON


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AttemptState.ADVISOR_RINGING, "We are about to"),
        (AttemptState.VISITOR_RINGING, "We are about to"),
        (AttemptState.TALKING, "This phone is on a call with us, or the call has just ended."),
        (AttemptState.ENDED, "This phone is on a call with us, or the call has just ended."),
    ],
)
def test_when_during_a_call_tells_whether_the_call_is_still_to_come(
    client: Client, at: Clock, state: AttemptState, words: str
) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling(ASHA, ARJUN)
    attempt.state = state
    if state == AttemptState.ENDED:
        attempt.result, attempt.ended_at = AttemptResult.TALKED, clock.now()
    db.session.commit()
    assert words in (write(client, "WHEN", ARJUN) or "")


# A reference, from another phone


def told(visitor: Visitor, before: str) -> str:
    """What is texted about a visitor's request."""
    (asked,) = callbacks_of(visitor)
    return f"{before} {shown(asked.reference or '')} {visitor.phone[-4:]}"


def test_a_reference_tells_when_and_cancels_that_request_alone(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA, slot_at=factories.slot("14:00"))
    factories.link(ARJUN)
    assert write(client, told(KAVITA, "when"), ARJUN) == "We will call around Mon 23 Nov, 2:00 PM."
    assert write(client, told(KAVITA, ""), ARJUN) == "We will call around Mon 23 Nov, 2:00 PM."
    assert write(client, told(KAVITA, "Cancel my call"), ARJUN) == (
        "Cancelled. We will not call about it."
    )
    assert (statuses(KAVITA), statuses(ARJUN)) == (["cancelled"], ["waiting"])
    over = "That request is closed. We will not call about it."
    assert write(client, told(KAVITA, "cancel"), ARJUN) == over
    assert write(client, told(KAVITA, "कब"), ARJUN) == (
        "यह अनुरोध बंद हो गया है। इसके लिए हम फ़ोन नहीं करेंगे।"
    )


def test_wrong_digits_and_unknown_references_are_one_answer_and_bounded_by_phone(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA)
    right = told(KAVITA, "cancel")
    (asked,) = callbacks_of(KAVITA)
    tries = [f"cancel {asked.reference} 9999", "when 333-333 9999"]
    tries += [f"cancel {first}2222{last} 9999" for first in "45678" for last in "3456"]
    answers = {write(client, each, ARJUN) for each in tries}
    refused = write(client, right, ARJUN)
    assert answers == {refused}
    assert refused is not None
    assert refused.startswith("We cannot find that request.")
    assert statuses(KAVITA) == ["waiting"]
    assert write(client, right, LEELA) == "Cancelled. We will not call about it."


def test_danger_beside_a_reference_gets_the_numbers(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA)
    factories.link(ARJUN)
    answer = write(client, told(KAVITA, "he will kill me, do not call"), ARJUN)
    assert answer is not None
    assert answer.startswith("Cancelled. We will not call about it.")
    assert "112" in answer
    assert (statuses(KAVITA), statuses(ARJUN)) == (["cancelled"], ["waiting"])
