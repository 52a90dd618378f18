"""The HTTP server: one process, a thread per request, werkzeug's own server underneath."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from phonesim import control, page
from phonesim.network import Network
from phonesim.plivo import rest as plivo_rest
from phonesim.plivo.carrier import Plivo
from phonesim.settings import Settings
from phonesim.twilio import rest as twilio_rest
from phonesim.twilio.carrier import Twilio

BACKLOG = 1024

log = logging.getLogger(__name__)


class _QuietHandler(WSGIRequestHandler):
    """No line per request: they would carry phone numbers. Connections are kept."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("%s %s", self.command, code)


def create_app(network: Network, twilio: Twilio | None, plivo: Plivo | None) -> Flask:
    """The web application: the carriers' APIs, the control API and the page."""
    app = Flask(__name__)
    if twilio is not None:
        app.register_blueprint(twilio_rest.blueprint(network, twilio))
    if plivo is not None:
        app.register_blueprint(plivo_rest.blueprint(network, plivo))
    app.register_blueprint(control.blueprint(network))
    app.register_blueprint(page.blueprint(network))
    return app


class Server:
    """A simulated phone network, served. `port` 0 takes any free port."""

    def __init__(self, settings: Settings) -> None:
        self.twilio = Twilio(settings) if settings.account_sid else None
        self.plivo = Plivo(settings) if settings.plivo_auth_id else None
        carriers = [each for each in (self.twilio, self.plivo) if each is not None]
        self.network = Network(settings, {each.name: each for each in carriers})
        self._http: BaseWSGIServer = make_server(
            settings.host,
            settings.port,
            create_app(self.network, self.twilio, self.plivo),
            threaded=True,
            request_handler=_QuietHandler,
        )
        self._http.socket.listen(BACKLOG)
        for carrier in carriers:
            carrier.base_url = self.url
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="phonesim-server",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://{self._http.host}:{self._http.port}"

    def start(self) -> None:
        """Serve, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and let nothing more happen."""
        self.network.stop()
        self._http.shutdown()
        self._http.socket.close()
        self._thread.join(timeout=1)
