"""Every webhook, asked in each form in which Twilio asks or a stranger could.

What is signed and how: https://www.twilio.com/docs/usage/webhooks/webhooks-security and
https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys. Which parameters come:
https://www.twilio.com/docs/voice/twiml#request-parameters and
https://www.twilio.com/docs/messaging/guides/webhook-request; others may be added at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE, KAVITA
from tests.support.web import Client

SECONDARY_TOKEN = "another-token-for-tests"
SHARED_KEYS = ("a-shared-key-for-tests", "a-newer-shared-key-for-tests")
KEY_NAME = "webhooks_sharedkey_01k0000000000000000000000"
PUBLIC = "http://localhost"
CALL, TEXT = "CA" + "7" * 32, "SM" + "7" * 32

pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"]),
    pytest.mark.settings(
        texts_enabled=True,
        twilio_secondary_auth_token=SECONDARY_TOKEN,
        twilio_shared_keys=",".join(SHARED_KEYS),
    ),
]


@dataclass
class Sent:
    """A request, and how it is signed."""

    form: MultiDict[str, str] = field(
        default_factory=lambda: MultiDict(
            {
                "AccountSid": CARRIER_ACCOUNT,
                "CallSid": CALL,
                "MessageSid": TEXT,
                "From": KAVITA.phone,
                "To": HELPLINE,
                "Body": "CALL",
                "CallStatus": "in-progress",
            }
        )
    )
    query: str = ""
    secret: str = CARRIER_TOKEN
    algorithm: str = HMAC_SHA1
    settings: str | None = None
    address: str = PUBLIC
    signature: str | None = None
    added: MultiDict[str, str] = field(default_factory=MultiDict)
    without: tuple[str, ...] = ()

    def to(self, client: Client, path: str) -> TestResponse:
        """Sends it."""
        target = path + self.query
        signature = self.signature
        if signature is None:
            signature = RequestValidator(self.secret).compute_signature(
                self.address + target, self.form, self.algorithm
            )
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": "a-token"}
        if self.settings is not None:
            headers["X-Twilio-Webhooks-Signature-Settings"] = self.settings
        form = MultiDict(
            (name, value) for name, value in self.form.items(multi=True) if name not in self.without
        )
        form.update(self.added)
        return client.post(target, data=form, headers=headers)


Change = Callable[[Sent], None]


def with_parameters(**more: str | list[str]) -> Change:
    """Parameters that are signed with the others; a list: the same name several times."""

    def change(sent: Sent) -> None:
        for name, value in more.items():
            sent.form.setlist(name, value if isinstance(value, list) else [value])

    return change


def with_changes(**values: object) -> Change:
    """Another secret, address, algorithm and so on."""

    def change(sent: Sent) -> None:
        for name, value in values.items():
            setattr(sent, name, value)

    return change


def shared_key(secret: str, algorithm: str = HMAC_SHA256, named: str | None = None) -> Change:
    """Signed with a shared key."""
    settings = f"key={KEY_NAME},algorithm={named or algorithm}"
    return with_changes(secret=secret, algorithm=algorithm, settings=settings)


GENUINE: dict[str, Change] = {
    "as usual": with_parameters(),
    "a parameter that we do not know": with_parameters(CallToken="%7B%22a%22%3A1%7D"),
    "add-ons": with_parameters(AddOns='{"status":"successful","results":{}}'),
    "caller verification": with_parameters(StirVerstat="TN-Validation-Passed-A"),
    "the same parameter twice": with_parameters(StatusCallbackEvent=["ringing", "answered"]),
    "the same parameter twice, the later value first": with_parameters(Digits=["2", "1"]),
    "the same parameter twice with one value": with_parameters(Digits=["1", "1"]),
    "one parameter in two spellings": with_parameters(Caller="1", caller="2"),
    "an empty parameter": with_parameters(Digits="", ForwardedFrom=""),
    "spaces at both ends": with_parameters(Body="  CALL \r\n"),
    "another script": with_parameters(Body="मदद करें 🙏", FromCity="मुंबई"),
    "a plus sign and a percent sign": with_parameters(Body="1+1=2 100% & more"),
    "a caller who withholds the number": with_parameters(From="anonymous"),
    "a caller without a number": with_parameters(From=""),
    "a caller by SIP": with_parameters(From="sip:kavita@sip.example.com"),
    "a sender on WhatsApp": with_parameters(
        From=f"whatsapp:{KAVITA.phone}", To=f"whatsapp:{HELPLINE}", ProfileName="K", WaId="9198"
    ),
    "a sender on RCS": with_parameters(From=f"rcs:{KAVITA.phone}", To="rcs:helpline_agent"),
    "a short code": with_parameters(From="56161"),
    "a picture": with_parameters(NumMedia="1", MediaUrl0="https://api.twilio.com/m", Body=""),
    "a long body": with_parameters(Body="क" * 1600),
    "an error": with_parameters(
        ErrorCode="13224", ErrorMessage="Dial: invalid", CallStatus="failed"
    ),
    "a code that is no number": with_parameters(ErrorCode="none", SequenceNumber="x"),
    "a status that we do not know": with_parameters(CallStatus="parked", MessageStatus="parked"),
    "a query": with_changes(query="?rule=1&empty=&space=a%20b"),
    "the port in the signed address": with_changes(address="http://localhost:80"),
    "the secondary token": with_changes(secret=SECONDARY_TOKEN),
    "a shared key": shared_key(SHARED_KEYS[0]),
    "the newer shared key": shared_key(SHARED_KEYS[1]),
    "a shared key with SHA-1": shared_key(SHARED_KEYS[0], HMAC_SHA1),
    "settings without an algorithm": with_changes(settings=f"key={KEY_NAME}"),
    "a hash of the body in the query": with_changes(query="?bodySHA256=" + "0" * 64),
}
FORGED: dict[str, Change] = {
    "no signature": with_changes(signature=""),
    "nonsense for a signature": with_changes(signature="nonsense"),
    "another script in the signature": with_changes(signature="हस्ताक्षर"),
    "another token": with_changes(secret="a-token-of-somebody-else"),
    "an empty token": with_changes(secret=""),
    "another address": with_changes(address="http://elsewhere.example"),
    "another scheme": with_changes(address="https://localhost"),
    "a parameter added": with_changes(added=MultiDict({"Digits": "1"})),
    "a value added": with_changes(added=MultiDict({"From": HELPLINE})),
    "a parameter taken away": with_changes(without=("From",)),
    "SHA-256 that the request does not name": with_changes(algorithm=HMAC_SHA256),
    "SHA-1 where SHA-256 is named": shared_key(SHARED_KEYS[0], HMAC_SHA1, named=HMAC_SHA256),
    "an unknown algorithm": shared_key(SHARED_KEYS[0], named="HMAC_MD5"),
    "another shared key": shared_key("a-key-of-somebody-else"),
}


def webhooks_of(app: Flask) -> list[str]:
    """The path of every webhook that is posted to."""
    values = {"ref": "0" * 32, "turn": "1", "leg": "visitor", "call": CALL}
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/webhooks/") and "POST" in (rule.methods or ()):
            path = rule.rule.replace("<int:turn>", "<turn>")
            for name, value in values.items():
                path = path.replace(f"<{name}>", value)
            found.append(path)
    return sorted(found)


def test_every_webhook_is_in_the_table(app: Flask) -> None:
    found = webhooks_of(app)
    assert {"/webhooks/voice/inbound", "/webhooks/text", "/webhooks/preflight"} <= set(found)
    assert len(found) >= 17
    assert not any("<" in path for path in found)


@pytest.mark.parametrize("variant", GENUINE)
def test_every_webhook_takes_what_twilio_signs(app: Flask, client: Client, variant: str) -> None:
    sent = Sent()
    GENUINE[variant](sent)
    answers = {path: sent.to(client, path).status_code for path in webhooks_of(app)}
    # 404: no such call, 400: a text without an id. Neither is a refusal of who asks.
    assert set(answers.values()) <= {200, 204, 400, 404}, answers


@pytest.mark.parametrize("variant", FORGED)
def test_every_webhook_refuses_a_stranger(app: Flask, client: Client, variant: str) -> None:
    sent = Sent()
    FORGED[variant](sent)
    answers = {path: sent.to(client, path).status_code for path in webhooks_of(app)}
    assert set(answers.values()) == {403}, answers


@pytest.mark.settings(twilio_secondary_auth_token="", twilio_shared_keys="")
@pytest.mark.parametrize("variant", ["the secondary token", "a shared key"])
def test_a_secret_that_is_not_set_signs_nothing(app: Flask, client: Client, variant: str) -> None:
    sent = Sent()
    GENUINE[variant](sent)
    assert sent.to(client, "/webhooks/voice/inbound").status_code == 403
