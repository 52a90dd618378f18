"""What is said to whoever else answers, a code word, safe times, and asking for someone else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.intake_answers import Answers, Cover, ForWhom, WhosePhone
from helpline.domain.safety_facts import safety_facts
from helpline.privacy.pii_inventory import INVENTORY
from helpline.web.consent_text import no_who_words, voicemail_words, who_words
from tests import factories
from tests.cast import ASHA, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

OPEN = "2026-11-23 11:00"
ASK = "/?region"
SECRETS = {"code_word": "mango-tree", "safe_times": "two to four only", "cover": "hang_up"}

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def stored_answers() -> Answers:
    db.session.rollback()
    return Answers.from_text(db.session.scalars(sa.select(Callback.answers)).one())


def test_nothing_that_we_say_to_others_announces_a_call_or_that_somebody_asked(app: Flask) -> None:
    with app.test_request_context("/"):
        said = [
            *(no_who_words("en", cover) for cover in (None, *Cover)),
            *(who_words("en"), voicemail_words("en")),
        ]
    for words in said:
        for telling in ("again", "later", "asked", "another time", "request", "will call"):
            assert telling not in words.casefold(), words
    assert "" in said, "who wishes it hears nothing"


def test_code_word_and_safe_times_are_encrypted_and_erased(
    app: Flask, client: Client, at: Clock
) -> None:
    at(OPEN)
    asked = client.submit(client.get("/"), ASK, phone=KAVITA.phone, consent="yes", **SECRETS)
    found = stored_answers()
    assert (found.code_word, found.safe_times) == ("mango-tree", "two to four only")
    assert found.cover == Cover.HANG_UP
    raw = db.session.execute(sa.text("SELECT answers FROM callback")).scalar_one()
    assert "mango" not in str(raw)
    assert any(each.table == "callback" and "answers" in each.columns for each in INVENTORY)
    assert "mango" not in client.get(asked.location).text
    client.post(f"{asked.location}/erase")
    assert db.session.execute(sa.text("SELECT answers FROM callback")).scalar_one() is None


def test_the_advisor_reads_them_before_the_call(
    app: Flask, client: Client, new_client: type[Client], at: Clock
) -> None:
    at(OPEN)
    client.submit(client.get("/"), ASK, phone=KAVITA.phone, consent="yes", **SECRETS)
    asha = new_client()
    factories.staff(ASHA)
    asha.sign_in(ASHA)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    desk = Page(asha.get("/desk/").text).text
    assert "When it is safe to call: two to four only" in desk
    assert "Say the code word first: mango-tree" in desk
    assert "Someone else answers: say nothing and hang up" in desk
    assert "Never tell anyone else that you will call again" in desk


def test_somebody_who_does_not_know_is_not_called(client: Client, at: Clock) -> None:
    at(OPEN)
    told = {"for_whom": "other", "whose_phone": "theirs", "asked_by": "her sister"}
    answer = client.submit(client.get("/"), ASK, phone=KAVITA.phone, consent="yes", **told)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert (
        "We only call someone who knows that we will." in page.the("div", cls="error-summary").text
    )
    assert page.form(ASK)["asked_by"] == "her sister"
    assert client.submit(answer, ASK, person_knows="yes").status_code == 303
    assert stored_answers().person_knows


@pytest.mark.parametrize(
    ("whose", "says"),
    [
        (WhosePhone.MINE, "We will call your phone and help you to help them."),
        (WhosePhone.THEIRS, "We will call their phone."),
        (None, "We will call your phone and help you to help them."),
    ],
)
def test_the_page_of_a_request_for_someone_else_fits_and_helps_the_helper(
    app: Flask, client: Client, at: Clock, whose: WhosePhone | None, says: str
) -> None:
    at(OPEN)
    told = Answers(for_whom=ForWhom.OTHER, whose_phone=whose, person_knows=True)
    page = client.get(f"/request/{factories.link(KAVITA, answers=told)}").text
    assert says in page
    assert "Do not leave them alone." in page
    assert len(safety_facts()["helper"].items) == 5
    own = client.get(f"/request/{factories.link(KAVITA)}").text
    assert "Do not leave them alone." not in own


def test_the_limits_of_silence_are_told_before_consent(client: Client, at: Clock) -> None:
    at(OPEN)
    html = client.get("/").text
    told = html.index("If a life is in danger, or a child is being hurt, we may have to get help.")
    assert told < html.index('name="consent"')
    box = Page(html).the("input", id="consent")
    assert "confidentiality" in box.attrs["aria-describedby"].split()


def test_exit_help_tells_what_stays_on_a_phone(client: Client) -> None:
    page = Page(client.get("/exit-help").text).text
    for words in (
        "It does not stop spy apps",
        "Our call stays in the list of calls",
        "A text shows on a locked screen",
        "Do not erase the whole history at once",
    ):
        assert words in page, words
    assert "is safer" not in page
