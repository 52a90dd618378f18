"""The service and a simulated phone network that meet over HTTP, both in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from config import Settings
from tests.cast import HELPLINE
from tests.phonesim.fixtures import Sim, start


@contextmanager
def served(app: Flask, settings: Settings) -> Iterator[Sim]:
    """The network, whose calls and texts come to the service at its public address."""
    port = int(settings.public_url.rpartition(":")[2])
    http = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    sim = start(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        numbers=(HELPLINE,),
        voice_url=f"{settings.public_url}/webhooks/voice/inbound",
        sms_url=f"{settings.public_url}/webhooks/text",
    )
    try:
        yield sim
    finally:
        sim.server.stop()
        http.shutdown()
        thread.join()
        http.server_close()
