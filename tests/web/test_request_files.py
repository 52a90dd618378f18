"""How many files a newcomer reads to follow one request. A bound rises only for a new feature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from twilio.request_validator import RequestValidator

from helpline import clock
from helpline.calls.attempt_jobs import ATTEMPTS
from tests import factories
from tests.cast import ASHA, CARRIER_TOKEN, KAVITA, MEERA
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.request_files import files_run
from tests.support.web import Client, form_of

CALL = "CA" + "1" * 32


@contextmanager
def at_most(number: int) -> Iterator[None]:
    """Bound the files of helpline/ that run inside the block."""
    with files_run() as files:
        yield
    listed = "\n".join(sorted(files))
    assert len(files) <= number, f"{len(files)} files:\n{listed}"


def test_book_a_callback(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    form = form_of(client.get("/"), "/?region").fill(
        name="Kavita", phone=KAVITA.phone, consent="yes", when=factories.slot("15:00").isoformat()
    )
    with at_most(56):
        assert client.submit(form).status_code == 303


def test_claim_a_callback(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    factories.link(KAVITA)
    client.sign_in(ASHA)
    form = form_of(client.get("/desk/"), "/next")
    with at_most(26):
        assert client.submit(form).status_code == 303


def test_receive_a_status_webhook(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    client.get("/crisis")  # What a process reads once is read.
    attempt = factories.calling()
    carrier_jobs.take_attempt()
    ATTEMPTS.accepted(attempt.id, CALL, now=clock.now())
    path = f"/webhooks/voice/{attempt.ref}/status/advisor"
    sent = {"CallSid": CALL, "AccountSid": "AC1", "CallStatus": "ringing", "SequenceNumber": "1"}
    signature = RequestValidator(CARRIER_TOKEN).compute_signature(f"http://localhost{path}", sent)
    with at_most(21):
        response = client.post(path, data=sent, headers={"X-Twilio-Signature": signature})
        assert response.status_code == 204


def test_save_opening_hours(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = form_of(client.get("/admin/hours"), "/admin/hours")
    with at_most(34):
        assert client.submit(form.fill(**{"mon-0-closes": "19:00"})).status_code == 303
