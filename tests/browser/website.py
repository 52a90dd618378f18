"""The visitors' website in this very process, for a browser: its clock can be put, and no worker
and no carrier is needed. It starts in a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.serving import make_server

from helpline import clock

INDIA = ZoneInfo("Asia/Kolkata")


@dataclass
class Website:
    """Where it is."""

    app: Flask
    url: str

    def at(self, wall: str) -> None:
        """Puts the service's clock at a wall time in India; it runs on from there."""
        wanted = datetime.fromisoformat(wall).replace(tzinfo=INDIA).timestamp()
        clock.install(self.app, wanted - time.time())


@contextmanager
def website(app: Flask) -> Iterator[Website]:
    """The application, served to a browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Website(app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
