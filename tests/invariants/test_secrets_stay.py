"""What people tell us stays: not in an address, a title, a log line, a metric, an error page, the
audit log or a text, and in the database only encrypted. Secrets are planted wherever anybody can
write or say something, and then looked for everywhere."""

from __future__ import annotations

import io
import logging
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from config import Settings
from helpline import clock, log_config
from helpline.callbacks.models import Callback
from helpline.calls.inbound import recordings
from helpline.calls.models import Attempt
from helpline.cli.worker import carrier_contexts
from helpline.current import settings
from helpline.db import db
from helpline.domain.call_progress import Leg
from helpline.messaging.models import InboundSms, OutboundSms
from helpline.privacy import audit_chain
from helpline.privacy.models import AuditEntry
from helpline.staff.two_factor.models import CodeApp
from helpline.worker import runner, schedule
from tests import factories
from tests.cast import ARJUN, ASHA, CARRIER_TOKEN, IMRAN, MEERA, RAVI, Visitor
from tests.inbound.caller import Caller, messages, sid
from tests.messaging.fixtures import write
from tests.support.clock import Clock
from tests.support.database import programs
from tests.support.web import Client

NAME, NOTE, ASKED_BY = "Zubeidamarker", "notewordthatnobodywrites", "askedbynobodyelse"
WRITTEN, HANDED = "callnotethatnobodywrites", "handoverwordnobodywrites"
TEXTED, TITLE = "textedwordthatnobodywrites", "articletitlenobodywrites"
SOUND, CODE_SECRET = b"soundthatnobodymakes" * 9, "TOTPSECRETNOBODYHASX"
WRONG_PASSWORD = "passwordthatnobodyhas"
PHONE, TYPED = "+919876512345", "98765 12345"
ZUBEIDA = Visitor(NAME, PHONE)
SPELT = ("9876512345", TYPED, "098765-12345")
SECRETS = (
    *(NAME, NOTE, ASKED_BY, WRITTEN, HANDED, TEXTED, TITLE, SOUND.decode(), CODE_SECRET),
    *(WRONG_PASSWORD, ASHA.password, *SPELT, ARJUN.phone[3:]),
)
METRICS = "a-token-for-metrics-in-tests"

pytestmark = pytest.mark.settings(
    texts_enabled=True, metrics_token=METRICS, voice_languages=("en",)
)


def told(text: str, *more: str) -> list[str]:
    """Which secrets a text gives away, however they are written there.

    Args:
        more: secrets that this story had alone.
    """
    bare = re.sub(r"[\s()-]", "", text)
    found = []
    for secret in (*SECRETS, *more):
        spelt = {secret, quote(secret), secret.encode().hex()}
        if any(each in text for each in spelt) or secret.replace(" ", "") in bare:
            found.append(secret)
    return found


@dataclass
class Story:
    """What was seen and said, and the secret of the status link."""

    token: str = ""
    pages: list[tuple[str, str]] = field(default_factory=list)

    def look(self, page: TestResponse) -> TestResponse:
        """Notes the address and the title of a page that somebody saw."""
        title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
        address = f"{page.request.path}?{page.request.query_string.decode()}"
        told_address = address + page.headers.get("Location", "")
        self.pages.append((told_address, title.group(1) if title else ""))
        return page


def the_whole_story(app: Flask, client: Client, at: Clock) -> Story:
    """Somebody asks, is handed on and rung; somebody leaves a message; somebody texts; staff sign
    in; a few things go wrong."""
    at("2026-11-23 12:00")
    for member in (ASHA, RAVI, MEERA):
        factories.staff(member)
    story = Story()
    look = story.look
    visitor, asha, ravi = client, Client(app, app.response_class), Client(app, app.response_class)
    wish = {
        "phone": TYPED,
        "name": NAME,
        "note": NOTE,
        "when": "asap",
        "consent": "yes",
        "may_text": "yes",
        "for_whom": "other",
        "asked_by": ASKED_BY,
        "about": "suicide",
        "whose_phone": "theirs",
        "person_knows": "yes",
        "may_say_who_asked": "yes",
    }
    look(visitor.post("/", data=wish | {"may_say_who": "perhaps"}))
    asked = look(visitor.post("/", data=wish))
    story.token = asked.location.rsplit("/", 1)[1]
    look(visitor.get(asked.location))
    look(visitor.get(f"{asked.location}/move"))
    look(visitor.post("/", data=wish | {"phone": SPELT[2]}))
    look(visitor.get(f"/request/{TEXTED}"))

    wrong = asha.submit(asha.get("/login"), email=ASHA.email, password=WRONG_PASSWORD)
    assert wrong.status_code == 422
    look(asha.sign_in(ASHA))
    look(ravi.sign_in(RAVI))
    look(asha.submit(asha.get("/desk/"), "/next"))
    look(
        asha.submit(
            asha.get("/desk/"),
            "/hand-over",
            hand_to=factories.staff(RAVI).id,
            hand_note=HANDED,
        )
    )
    look(ravi.submit(ravi.get("/desk/"), "/next"))
    desk = look(ravi.get("/desk/"))
    assert NAME in desk.text and NOTE in desk.text and HANDED in desk.text
    held = db.session.scalars(sa.select(Callback).where(Callback.claimed_by.is_not(None))).one()
    look(ravi.submit(desk, f"/{held.id}/call"))
    _carrier_speaks(app, visitor, factories.attempt_of(held))
    look(ravi.get("/desk/"))
    look(ravi.submit(ravi.get("/desk/"), "/disposition", disposition="no_answer", notes=WRITTEN))
    look(visitor.get(asked.location))

    caller = Caller(visitor, ARJUN.phone).ring()
    while caller.rings:
        caller.dial_ends("no-answer")
    caller.press("2").recorded(sid("RE"))
    (message,) = messages()
    recordings.store(message.id, SOUND, now=clock.now())
    write(visitor, f"WHEN will you ring? {TEXTED}", ZUBEIDA)
    write(visitor, "HELP", ZUBEIDA)
    factories.callback(IMRAN, source_title=TITLE)
    db.session.add(
        CodeApp(
            staff_id=factories.staff(MEERA).id,
            secret=CODE_SECRET,
            last_counter=0,
            added_at=clock.now(),
        )
    )
    db.session.commit()
    audit_chain.seal_batch(audit_chain.KnownEnd(settings().instance_dir))
    return story


def _carrier_speaks(app: Flask, client: Client, attempt: Attempt) -> None:
    """A worker asks a carrier that does not answer; then calls come in all the same."""
    from twilio.request_validator import RequestValidator

    ticks = runner.build_jobs("worker", carrier_contexts(app), settings().published_crisis_file)
    schedule.run_until_idle(ticks["place_call"], app.app_context, name="place_call")
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


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that a process writes to its log at its most talkative."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    libraries = {name: logging.getLogger(name).level for name in log_config._LIBRARY_LEVELS}
    log_config.install(level="debug", readable=False, stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in libraries.items():
        logging.getLogger(name).setLevel(was)


def test_secrets_told_everywhere_come_out_nowhere(
    app: Flask,
    client: Client,
    at: Clock,
    settings: Settings,
    logged: io.StringIO,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        story = the_whole_story(app, client, at)

    for address, title in story.pages:
        assert told(address.replace(f"/request/{TEXTED}", "")) == []
        assert told(title) == []

    said = logged.getvalue()
    assert '"endpoint": "visitor.status"' in said
    assert '"tick": "place_call"' in said
    assert '"event": "audit log entries sealed"' in said
    for line in (said, caplog.text):
        assert told(line, story.token) == []
        assert "suicide" not in line, "what it is about"

    metrics = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"})
    assert metrics.status_code == 200
    assert told(metrics.text, story.token) == []

    for page in (
        client.get(f"/request/{TEXTED}"),
        client.post("/", data={"note": NOTE * 9999}),
        client.post(f"/request/{story.token}/nothing", data={"name": NAME}),
        client.get(f"/{quote(NAME)}?phone={TYPED}"),
    ):
        assert page.status_code >= 400
        # It may lead to itself in another language.
        assert told(re.sub(r'href="[^"]*"', "", page.text), story.token) == []

    entries = db.session.scalars(sa.select(AuditEntry)).all()
    deeds = {"callback_claimed", "number_shown", "call_started", "visitor_dialled", "signed_in"}
    assert deeds <= {entry.deed for entry in entries}
    for entry in entries:
        what = f"{entry.actor} {entry.deed} {entry.subject} {entry.detail}"
        assert told(what, story.token) == []

    texts = [*db.session.scalars(sa.select(OutboundSms.words)), *db.session.scalars(_ANSWERS)]
    assert len([each for each in texts if each]) >= 3
    for words in texts:
        assert told(words or "", story.token) == []

    at_rest = _at_rest(settings)
    assert b"visitor_dialled" in at_rest, "the story is in there"
    assert told(at_rest.decode("latin-1"), story.token) == []


_ANSWERS = sa.select(InboundSms.answer)


def _at_rest(settings: Settings) -> bytes:
    """What a thief has: the bytes of the SQLite file and its log, or a dump of PostgreSQL."""
    db.session.rollback()
    url = sa.make_url(settings.sqlalchemy_url)
    if url.get_backend_name() == "sqlite":
        files = (Path(f"{url.database}{end}") for end in ("", "-wal"))
        return b"".join(each.read_bytes() for each in files if each.exists())
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [programs() / "pg_dump", "--inserts", f"--dbname={address}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


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
    telephone = carrier_contexts(app)[0]
    assert telephone is not None
    with caplog.at_level(logging.INFO), pytest.raises(Exception, match="unreachable"):
        telephone.carrier.find_calls(PHONE, since=clock.now())

    assert told(caplog.text) == []
