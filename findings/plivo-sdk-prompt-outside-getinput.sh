#!/bin/sh
# Topic: carriers' Python SDKs
# Expected: a method that adds an element returns it, or takes its children, so that a question can be put into
#   the element that waits for the key; as gather() of Twilio's builder does.
# What happens: add_get_input() and add_dial() of Plivo's builder return the document. A prompt added to what
#   add_get_input() returned stands after <GetInput>: it is heard only once the time for the key is over. A
#   number cannot be added to what add_dial() returned. Both methods leave an element without content, and no
#   check says so.
# Versions: plivo 4.63.0, twilio 9.13.0 (PyPI). Seen on 2026-12-01.
# Source: https://github.com/plivo/plivo-python/blob/master/plivo/xml/ResponseElement.py (add_get_input, add_dial).
# Why it matters here: an advisor would hear silence, then "press 1", then be hung up on. This product builds
#   the inner elements first (helpline/telephony/plivo/rendering.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check plivo==4.63.0 twilio==9.13.0

cat > prompt.py << 'PY'
import sys
from importlib.metadata import version
from xml.etree import ElementTree

from plivo import plivoxml
from twilio.twiml.voice_response import VoiceResponse

URL = "https://example.org/key"


def outline(text):
    return [(child.tag, [inner.tag for inner in child]) for child in ElementTree.fromstring(text)]


of_twilio = VoiceResponse()
of_twilio.gather(action=URL).say("Press 1")

of_plivo = plivoxml.ResponseElement()
of_plivo.add_get_input(action=URL, input_type="dtmf").add_speak("Press 1")

dialled = plivoxml.ResponseElement()
returned = dialled.add_dial(caller_id="14155550100")

inner_first = plivoxml.ResponseElement()
inner_first.add(plivoxml.GetInputElement(action=URL).add(plivoxml.SpeakElement("Press 1")))

seen = (
    outline(str(of_twilio)),
    outline(of_plivo.to_string()),
    outline(inner_first.to_string()),
    hasattr(returned, "add_number"),
    outline(dialled.to_string()),
)
print(f"twilio {version('twilio')}: {seen[0]}")
print(f"plivo {version('plivo')}, add_get_input().add_speak(): {seen[1]}")
print(f"plivo, inner element first: {seen[2]}")
print(f"plivo, add_dial() takes a number: {seen[3]}, writes {seen[4]}")
expected = (
    [("Gather", ["Say"])],
    [("GetInput", []), ("Speak", [])],
    [("GetInput", ["Speak"])],
    False,
    [("Dial", [])],
)
sys.exit(0 if seen == expected else 1)
PY
python/bin/python prompt.py
