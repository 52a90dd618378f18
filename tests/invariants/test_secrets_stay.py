"""No name, number or note in an address, a title, a log line, the audit log or the raw database."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from config import Settings
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt
from helpline.cli.commands import telephone_of
from helpline.db import db
from helpline.domain.call_progress import Leg
from helpline.privacy.models import AuditEntry
from helpline.worker import runner
from tests import factories
from tests.cast import ASHA, CARRIER_TOKEN, MEERA
from tests.support.clock import Clock
from tests.support.web import Client

NAME, NOTE = "Zubeidamarker", "notewordthatnobodywrites"
WRITTEN = "callnotethatnobodywrites"
PHONE, TYPED = "+919876512345", "98765 12345"
SECRETS = (NAME, NOTE, WRITTEN, "9876512345", TYPED)


def told(text: str) -> list[str]:
    """Which secrets a text gives away, however they are written there."""
    bare = re.sub(r"[\s()-]", "", text)
    return [s for s in SECRETS if s in text or quote(s) in text or s.replace(" ", "") in bare]


def the_whole_story(app: Flask, client: Client, at: Clock) -> list[tuple[str, str]]:
    """A request goes all the way, a few things go wrong; gives the address and title of every
    page that anyone saw."""
    at("2026-11-23 12:00")
    factories.staff(ASHA)
    factories.staff(MEERA)
    seen: list[tuple[str, str]] = []

    def look(page: TestResponse) -> None:
        title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
        address = f"{page.request.path}?{page.request.query_string.decode()}"
        seen.append((address + page.headers.get("Location", ""), title.group(1) if title else ""))

    visitor, advisor = client, Client(app, app.response_class)
    wish = {"phone": TYPED, "name": NAME, "note": NOTE, "when": "asap", "consent": "yes"}
    look(visitor.post("/", data=wish | {"may_say_who": "perhaps"}))
    asked = visitor.post("/", data=wish)
    look(asked)
    look(visitor.get(asked.location))
    look(visitor.get(f"{asked.location}/move"))
    look(visitor.post("/", data=wish))
    look(advisor.sign_in(ASHA))
    look(advisor.submit(advisor.get("/desk/"), "/next"))
    desk = advisor.get("/desk/")
    look(desk)
    assert NAME in desk.text and NOTE in desk.text
    held = db.session.scalars(sa.select(Callback).where(Callback.claimed_by.is_not(None))).one()
    look(advisor.submit(desk, f"/{held.id}/call"))
    _carrier_speaks(app, visitor, factories.attempt_of(held))
    look(advisor.get("/desk/"))
    look(
        advisor.submit(
            advisor.get("/desk/"), "/disposition", disposition="no_answer", notes=WRITTEN
        )
    )
    look(visitor.get(asked.location))
    return seen


def _carrier_speaks(app: Flask, client: Client, attempt: Attempt) -> None:
    """A worker asks a carrier that does not answer; then calls come in all the same."""
    from twilio.request_validator import RequestValidator

    ticks = runner.ticks_of("worker", telephone_of(app), Path("unused"))
    ticks["place_call"]()
    sign = RequestValidator(CARRIER_TOKEN).compute_signature

    def webhook(path: str, **form: str) -> str:
        address = f"/webhooks/voice/{attempt.ref}/{path}"
        signature = sign(f"http://localhost{address}", form)
        answer = client.post(address, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code < 300
        return answer.text

    webhook("answered", CallSid="CA1", To=PHONE)
    assert PHONE in webhook("pressed", CallSid="CA1", Digits="1")
    visitor_leg = f"status/{Leg.VISITOR}"
    webhook(visitor_leg, CallSid="CA2", CallStatus="ringing", SequenceNumber="1", To=PHONE)
    webhook(visitor_leg, CallSid="CA2", CallStatus="no-answer", SequenceNumber="2", To=PHONE)
    webhook("dialled", CallSid="CA1", DialCallStatus="no-answer", To=PHONE)
    webhook("status/advisor", CallSid="CA1", CallStatus="completed", SequenceNumber="3")


def test_no_address_and_no_title_tells_a_secret(app: Flask, client: Client, at: Clock) -> None:
    for address, title in the_whole_story(app, client, at):
        assert told(address) == []
        assert told(title) == []


def test_no_log_line_tells_a_secret(
    app: Flask, client: Client, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        the_whole_story(app, client, at)

    assert told(caplog.text) == []


def test_an_error_in_the_middle_of_storing_is_logged_without_what_was_to_be_stored(
    app: Flask, client: Client, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    at("2026-11-23 12:00")
    db.session.execute(sa.text("DROP TABLE callback_event"))
    db.session.commit()

    with caplog.at_level(logging.DEBUG):
        wish = {"phone": TYPED, "name": NAME, "note": NOTE, "when": "asap", "consent": "yes"}
        page = client.post("/", data=wish)

    assert page.status_code in (500, 503)
    assert caplog.records
    assert told(caplog.text) == []
    assert told(page.text.replace(f'value="{TYPED}"', "")) == []


def test_the_carriers_client_logs_no_request(
    app: Flask, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    at("2026-11-23 12:00")
    telephone = telephone_of(app)
    assert telephone is not None
    with caplog.at_level(logging.INFO), pytest.raises(Exception, match="unreachable"):
        telephone.carrier.find(PHONE, since=clock.now())

    assert told(caplog.text) == []


def test_the_audit_log_tells_who_did_what_and_no_secret(
    app: Flask, client: Client, at: Clock
) -> None:
    the_whole_story(app, client, at)
    entries = db.session.scalars(sa.select(AuditEntry)).all()

    assert {"callback_claimed", "number_shown", "call_started", "visitor_dialled"} <= {
        entry.deed for entry in entries
    }
    for entry in entries:
        assert told(f"{entry.actor} {entry.deed} {entry.subject} {entry.detail}") == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_bytes_of_the_database_file_hold_no_secret(
    app: Flask, client: Client, at: Clock, settings: Settings
) -> None:
    the_whole_story(app, client, at)
    file = settings.sqlalchemy_url.removeprefix("sqlite:///")
    raw = b"".join(
        Path(file + end).read_bytes() for end in ("", "-wal") if Path(file + end).exists()
    )

    assert b"visitor_dialled" in raw, "the story is in there"
    assert [secret for secret in SECRETS if secret.encode() in raw] == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_no_column_of_any_table_holds_a_secret(app: Flask, client: Client, at: Clock) -> None:
    the_whole_story(app, client, at)
    with db.engine.connect() as connection:
        for table in sa.inspect(db.engine).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):
                assert told(" ".join(map(str, row))) == []
