#!/bin/sh
# Topic: carriers' Python SDKs
# Expected: a list of numbers is sent as the API takes several ("<" between them), or refused. A filter by an
#   aware time is the same instant in whichever zone it is written; the API documents filters in UTC without
#   an offset.
# What happens: Plivo's client sends a list of numbers as Python prints it, brackets and quotes included, for
#   text messages and for calls, although its checks name a list with "<" between. An aware time is sent with
#   its own offset, so two equal times ask for different texts.
# Versions: plivo 4.63.0 (PyPI); requests are read before they leave. Seen on 2026-12-01.
# Source: https://github.com/plivo/plivo-python/blob/master/plivo/utils/validators.py (is_iterable: of_type turns
#   a list into a text first); https://www.plivo.com/docs/voice/api/calls (list all calls: end_time).
# Why it matters here: after a lost answer the call is looked for by time before anything is sent again; a filter
#   that is read otherwise finds nothing, and a visitor would be called twice. This product writes times in UTC
#   and refuses everything but one number (tests/telephony/test_plivo_client.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check plivo==4.63.0

cat > sent.py << 'PY'
import json
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import plivo
import requests


class Sent(Exception):
    pass


def stop(_session, request, **_):
    raise Sent(request.url, request.body)


requests.Session.send = stop
client = plivo.RestClient("MA" + "0" * 18, "token")
ONE, TWO, OWN = "14155550101", "14155550102", "14155550100"


def sent(ask):
    try:
        ask()
    except Sent as request:
        url, body = request.args
        return json.loads(body) if body else parse_qs(urlsplit(url).query)


text = sent(lambda: client.messages.create(src=OWN, dst=[ONE, TWO], text="hello"))["dst"]
call = sent(
    lambda: client.calls.create(from_=OWN, to_=[ONE, TWO], answer_url="https://example.org/")
)["to"]
utc = datetime(2026, 11, 30, 4, 30, tzinfo=timezone.utc)
india = utc.astimezone(timezone(timedelta(hours=5, minutes=30)))
times = [sent(lambda at=at: client.calls.list(end_time__gte=at))["end_time__gte"] for at in (utc, india)]
print(f"Python {sys.version.split()[0]}, plivo {version('plivo')}")
print(f"dst: {text}")
print(f"to: {call}")
print(f"equal times: {utc == india}; sent as {times}")
as_printed = str([ONE, TWO])
expected_times = [["2026-11-30 04:30:00+00:00"], ["2026-11-30 10:00:00+05:30"]]
sys.exit(0 if (text, call, times) == (as_printed, as_printed, expected_times) else 1)
PY
python/bin/python sent.py
