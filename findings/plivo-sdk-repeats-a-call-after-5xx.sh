#!/bin/sh
# Topic: carriers' Python SDKs
# Expected: a request that starts a call is sent once. When the carrier answers 5xx, nobody knows whether
#   the call was placed, so a client hands the error to its caller, as Twilio's SDK does.
# What happens: Plivo's SDK sends the same POST again at once, three requests in all, with nothing that
#   would let the carrier recognise a repetition, and it prints to standard output. It counts the
#   repetitions on the client and resets the count only after a success: after one failure the same client
#   sends once and no more.
# Versions: plivo 4.63.0, twilio 9.13.0 (PyPI), against a local server that answers 503. Seen on 2026-12-01.
# Source: https://github.com/plivo/plivo-python/blob/master/plivo/rest/client.py (request, voice_retry_count).
# Why it matters here: where the carrier had placed the call before it failed, one press on Call calls a visitor
#   up to three times, and no option of the client turns that off. This product never repeats such a request: it looks the call up
#   (docs/decisions/0005-look-up-never-dial-again.md; tests/calls/test_calls_faults.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check plivo==4.63.0 twilio==9.13.0

cat > start.py << 'PY'
import contextlib
import io
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import plivo
from plivo.rest import client as plivo_client
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

bodies = []


class Failing(BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        answer = b'{"error": "try later"}'
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Failing)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/v1/Account"
for name in ("API_VOICE_BASE_URI", "API_VOICE_BASE_URI_FALLBACK_1", "API_VOICE_BASE_URI_FALLBACK_2"):
    setattr(plivo_client, name, base)


class Local(TwilioHttpClient):
    def request(self, method, url, *args, **kwargs):
        return super().request(method, base, *args, **kwargs)


def requests_of(start, error):
    bodies.clear()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            start()
        except error:
            pass
    return len(bodies), len(set(bodies)), len(printed.getvalue().splitlines())


of_plivo = plivo.RestClient("MA" + "0" * 18, "token")
of_twilio = Client("AC" + "0" * 32, "token", http_client=Local())


def with_plivo():
    of_plivo.calls.create(
        from_="14155550100", to_="14155550101", answer_url="https://example.org/", answer_method="POST"
    )


def with_twilio():
    of_twilio.calls.create(from_="+14155550100", to="+14155550101", url="https://example.org/")


plivo_error = plivo.exceptions.PlivoRestError
seen = [
    requests_of(with_twilio, TwilioRestException),
    requests_of(with_plivo, plivo_error),
    requests_of(with_plivo, plivo_error),
]
server.shutdown()
print(f"Python {sys.version.split()[0]}; requests, different bodies, lines printed:")
print(f"twilio {version('twilio')}: {seen[0]}")
print(f"plivo {version('plivo')}: {seen[1]}, then with the same client {seen[2]}")
sys.exit(0 if seen == [(1, 1, 0), (3, 1, 3), (1, 1, 1)] else 1)
PY
python/bin/python start.py
