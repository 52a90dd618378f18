#!/bin/sh
# Topic: carriers' Python SDKs
# Expected: an XML builder that takes redirect="false" writes redirect="false", as it keeps every other text
#   that it is given; or it refuses the text.
# What happens: Plivo's builder turns the word into true by bool() and writes redirect="true". So it does with
#   log="false" of <GetInput>, which is to keep pressed keys out of Plivo's logs: they stay in. The setters of
#   the same attributes (set_redirect) do refuse a text. Its REST client has it the other way round: log of a
#   text message is the word "true" by default.
# Versions: plivo 4.63.0 (PyPI). Seen on 2026-12-01.
# Source: https://github.com/plivo/plivo-python/blob/master/plivo/xml/getInputElement.py (the setters of log and redirect).
# Why it matters here: keys are phone numbers of callers, and log="false" in a template or a setting would look
#   right in review. This product passes booleans (helpline/telephony/plivo/rendering.py), and its rules for
#   the documents that it sends are checked (tests/support/plivo_xml_rules.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check plivo==4.63.0

cat > words.py << 'PY'
import sys
from importlib.metadata import version

from plivo import plivoxml
from plivo.exceptions import ValidationError

by_word = plivoxml.GetInputElement(log="false", redirect="false").to_string(False)
by_value = plivoxml.GetInputElement(log=False, redirect=False).to_string(False)
try:
    plivoxml.GetInputElement().set_log("false")
    refused = False
except ValidationError:
    refused = True
print(f"plivo {version('plivo')}")
print(f'log="false", redirect="false": {by_word}')
print(f"log=False, redirect=False:     {by_value}")
print(f'set_log("false") is refused:   {refused}')
seen = (by_word, by_value, refused)
sys.exit(
    0
    if seen
    == ('<GetInput log="true" redirect="true"/>', '<GetInput log="false" redirect="false"/>', True)
    else 1
)
PY
python/bin/python words.py
