"""The sentence of every state, in every language, wherever it is told: page, API, embed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.visitor_state import Outlook, VisitorState
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from helpline.web.state_text import state_words
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

OPEN, CLOSING, CLOSED = "2026-11-23 11:00", "2026-11-23 17:59", "2026-11-23 18:00"


def available(*, minutes_ago: int = 0) -> int:
    """Asha at her desk, heard of so many minutes ago."""
    asha = factories.staff(ASHA).id
    accounts.set_presence(
        asha, PresenceState.AVAILABLE, now=clock.now() - timedelta(minutes=minutes_ago)
    )
    return asha


def page_of(client: Client, token: str, language: str = "") -> Page:
    """The page of a request."""
    answer = client.get(f"{language}/request/{token}")
    assert answer.status_code == 200
    return Page(answer.text)


def put_attempt(token: str, state: AttemptState, result: AttemptResult | None = None) -> None:
    """The call for this request has come so far."""
    callback = factories.by_token(token)
    attempt = factories.attempt_of(callback)
    db.session.get_one(Attempt, attempt.id).state = state
    attempt.result = result
    attempt.ended_at = clock.now() if result else None
    db.session.commit()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_state_has_a_heading_and_a_sentence_in_every_language(
    app: Flask, at: Clock, language: str
) -> None:
    at(CLOSING)
    tomorrow, six = factories.slot("2026-11-24 10:00"), factories.slot("18:00")
    outlooks = [Outlook(state, when, six) for state in VisitorState for when in (tomorrow, None)]
    with app.test_request_context("/" if language == "en" else "/hi/"):
        for outlook in outlooks:
            if outlook.call_at is None and not outlook.state.endswith("closing"):
                continue  # Only a helpline that closes for good has no next opening.
            for attempts_used in (0, 1, 3):
                told = state_words(outlook, attempts_used=attempts_used)
                for words in (told.heading, told.sentence):
                    assert words
                    assert "%(" not in words
                    assert words.isascii() is (language == "en"), words


@pytest.mark.parametrize(
    ("moment", "staffed", "words"),
    [
        (OPEN, True, "We will call you as soon as we can Please keep your phone near you."),
        (OPEN, False, "We have your request No advisor is available right now. We will call you"),
        (CLOSING, True, "as soon as we can We close at 6:00 PM. If we cannot call you before then"),
        (CLOSING, False, "No advisor is available right now, and we close at 6:00 PM."),
        (CLOSED, False, "We will call you after we open, tomorrow at 10:00 AM"),
        (CLOSED, True, "We will call you after we open, tomorrow at 10:00 AM"),
    ],
)
def test_who_waits_is_told_the_truth(
    app: Flask, client: Client, at: Clock, moment: str, staffed: bool, words: str
) -> None:
    at(moment)
    token = factories.link(KAVITA)
    if staffed:
        available()
    page = page_of(client, token)
    assert words in page.text
    assert ("no one, you are next" in page.text) is (staffed and moment != CLOSED)


def test_with_no_advisor_signed_in_for_38_minutes_nobody_is_next(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    available(minutes_ago=38)
    page = page_of(client, factories.link(KAVITA))
    assert "you are next" not in page.text
    assert "Likely wait" not in page.text
    assert "No advisor is available right now" in page.text
    home = client.get("/").text
    assert "No advisor is available right now. We will call you as soon as one is." in home
    told = client.get("/api/v1/availability").json
    assert (told["state"], told["words"]["wait"]) == (
        "queued_unstaffed",
        "No advisor is available right now. We will call you as soon as one is.",
    )


def test_a_minute_before_closing_the_first_page_and_the_embed_say_so(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSING)
    available()
    words = "We close at 6:00 PM. If we cannot call you before then, we will call you after we open"
    assert words in client.get("/").text
    told = client.get("/api/v1/availability").json
    assert told["state"] == "queued_closing"
    assert words in told["words"]["wait"]


@pytest.mark.parametrize(
    ("state", "result", "english", "hindi"),
    [
        (AttemptState.QUEUED, None, "We are about to call you", "हम आपको फ़ोन करने वाले हैं"),
        (AttemptState.ADVISOR_RINGING, None, "We are about to call you", "करने वाले हैं"),
        (AttemptState.VISITOR_RINGING, None, "We are calling you now", "हम अभी आपको फ़ोन कर रहे हैं"),
        (AttemptState.TALKING, None, "You are on a call with us", "फ़ोन पर बात चल रही है"),
        (AttemptState.ENDED, AttemptResult.TALKED, "The call has ended", "फ़ोन कट गया है"),
        (AttemptState.ENDED, AttemptResult.NO_ANSWER, "did not reach you", "बात नहीं हो पाई"),
    ],
)
def test_during_a_call_the_page_says_which_phone_rings_and_when_it_is_over(
    app: Flask,
    client: Client,
    at: Clock,
    state: AttemptState,
    result: AttemptResult | None,
    english: str,
    hindi: str,
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    asha = available()
    claims.claim_next(asha, now=clock.now())
    calls.start_call(factories.by_token(token).id, asha, now=clock.now())
    put_attempt(token, state, result)
    page = page_of(client, token)
    assert english in page.all("h1")[0].text
    assert ("Please pick up" in page.text) is (state == AttemptState.VISITOR_RINGING)
    is_made = state == AttemptState.TALKING or result == AttemptResult.TALKED
    assert ("If you miss our call" in page.text) is not is_made
    assert 'data-refresh="5"' in page.html, "which phone rings changes within seconds"
    assert hindi in page_of(client, token, "/hi").all("h1")[0].text
    told = client.get("/api/v1/callback", headers={"Authorization": f"Bearer {token}"}).json
    assert english in told["heading"]
    assert told["ahead"] is None


def test_a_claim_returns_at_closing_and_the_page_knows_it_at_once(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSING)
    token = factories.link(KAVITA)
    asha = available()
    claims.claim_next(asha, now=clock.now())
    assert "An advisor has your request" in page_of(client, token).text
    assert not claims.release_one_at_closing(now=clock.now())
    before = factories.by_token(token)
    due_at, used = before.due_at, before.attempts_used
    at(CLOSED)
    page = page_of(client, token)
    assert page.all("h1")[0].text == "We will call you after we open, tomorrow at 10:00 AM"
    assert claims.release_one_at_closing(now=clock.now())
    assert not claims.release_one_at_closing(now=clock.now())
    db.session.expire_all()
    after = factories.by_token(token)
    assert (after.status, after.claimed_by) == (Status.WAITING, None)
    assert (after.due_at, after.attempts_used) == (due_at, used)


def test_at_closing_every_claim_returns_and_a_call_goes_on(
    app: Flask, client: Client, at: Clock
) -> None:
    at(CLOSING)
    talking = factories.calling(ASHA, KAVITA)
    put_attempt_of(talking, AttemptState.TALKING)
    claimed = factories.link(ARJUN)
    other = factories.staff(ASHA, email="other@helpline.example", phone="+911140000077")
    claims.claim_next(other.id, now=clock.now())
    at(CLOSED)
    assert claims.release_one_at_closing(now=clock.now())
    assert not claims.release_one_at_closing(now=clock.now())
    db.session.expire_all()
    assert factories.by_token(claimed).status == Status.WAITING
    assert db.session.get_one(Callback, talking.callback_id).status == Status.CALLING


def put_attempt_of(attempt: Attempt, state: AttemptState) -> None:
    """The call has come so far."""
    attempt.state = state
    db.session.commit()


@pytest.mark.settings(twilio_account_sid="", twilio_auth_token="")
def test_where_advisors_use_their_own_phones_no_number_of_ours_is_promised(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    available()
    page = page_of(client, token)
    assert "We will call from" not in page.text
    hidden = "Your phone may show a number you do not know, or hide the number."
    assert hidden in page.text
    assert hidden in client.get("/").text
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/callback", headers=headers).json["rings_from"] is None


@pytest.mark.parametrize(("tries", "a_day"), [(1, 1), (3, 8), (5, 12)])
def test_limits_and_retries_are_told_as_the_policy_says_now(
    app: Flask, client: Client, at: Clock, tries: int, a_day: int
) -> None:
    at(OPEN)
    factories.policy(max_attempts=tries, most_rings_a_day=a_day)
    text = page_of(client, factories.link(KAVITA)).text
    times = "time" if a_day == 1 else "times"
    assert f"we call any one number at most {a_day} {times} in 24 hours" in text
    assert (f"{tries} calls in all" in text) is (tries > 1)
