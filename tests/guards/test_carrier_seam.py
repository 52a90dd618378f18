"""Nothing outside a carrier's adapter uses its words; all its webhooks are one blueprint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HELPLINE = Path(__file__).resolve().parents[2] / "helpline"
ADAPTERS = ("telephony/plivo/", "telephony/twilio/")
WHERE_ONE_IS_CHOSEN = {
    "telephony/adapters.py",
    "cli/init.py",  # asks for one
    "cli/run.py",  # its settings, for the demo
    "cli/local_service.py",  # its simulated phones, for the demo
    "log_config.py",  # its library's logger
}
TELLS_WHAT_TO_CHANGE_THERE = {"web/carrier_text.py", "web/preflight_text.py"}
PARAMETERS = re.compile(
    r"[\"'](\w*CallSid|MessageSid|RecordingSid|AccountSid|Dial\w+|CallStatus|MessageStatus"
    r"|RecordingStatus|AnsweredBy|OptOutType|Digits|no-answer|in-progress"
    r"|\w*Call_?UUID|\w*LegUUID|\w*RequestUUID|MessageUUID|RecordingID|MessageIntent"
    r"|\w*HangupCause\w*)[\"']"
    r"|TwiML|twiml"
)
NAME = re.compile(r"twilio(?!_ACCOUNT|_AUTH|_BASE)|plivo(?!_AUTH|_BASE|_CALL)", re.IGNORECASE)


def words_of(name: str, text: str) -> Iterator[str]:
    """A carrier's words in a module where none belongs."""
    if name.startswith(ADAPTERS):
        return
    yield from (found[0] for found in PARAMETERS.finditer(text))
    if name not in WHERE_ONE_IS_CHOSEN | TELLS_WHAT_TO_CHANGE_THERE:
        yield from (found[0] for found in NAME.finditer(text))


def test_a_carriers_words_are_in_its_adapter_only() -> None:
    found = {
        (name, word)
        for file in sorted(HELPLINE.rglob("*.py"))
        for name in [file.relative_to(HELPLINE).as_posix()]
        for word in words_of(name, file.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "planted",
    [
        'request.form["CallSid"]',
        "form.get('DialCallStatus', '')",
        'if status == "no-answer":',
        "from helpline.telephony.twilio import client",
        'form["DialBLegUUID"]',
        "from helpline.telephony.plivo import client",
        "# https://www.twilio.com/docs",
    ],
)
def test_a_planted_word_is_found(planted: str) -> None:
    assert list(words_of("web/planted.py", planted))
    assert not list(words_of("telephony/twilio/planted.py", planted))
