"""Addresses, bodies and signatures, without a network."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from helpline.domain.lifecycle import ENDED
from helpline.domain.webhooks import (
    RETRY_PAUSES,
    InvalidWebhookUrl,
    Target,
    WebhookEvent,
    body_of,
    is_public,
    new_secret,
    signed_headers,
)

AT = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, in its specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    now = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", body, [secret], now=now)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_every_secret_in_use_makes_a_signature() -> None:
    new, old = new_secret(), new_secret()
    assert new != old
    headers = signed_headers("msg_1", b"{}", [new, old], now=AT)
    signed = f"msg_1.{int(AT.timestamp())}.{{}}".encode()
    expected = [
        base64.b64encode(
            hmac.digest(base64.b64decode(each.removeprefix("whsec_")), signed, hashlib.sha256)
        ).decode()
        for each in (new, old)
    ]
    assert headers["webhook-signature"] == f"v1,{expected[0]} v1,{expected[1]}"


def test_a_message_has_ids_and_times_only() -> None:
    assert body_of(WebhookEvent.REACHED, 12, AT) == (
        b'{"type":"callback.reached","timestamp":"2026-11-23T05:30:00.000Z",'
        b'"data":{"callback_id":12}}'
    )
    assert body_of(WebhookEvent.TEST, None, AT).endswith(b'"data":{}}')


def test_every_end_of_a_callback_has_an_event() -> None:
    assert {f"callback.{status}" for status in ENDED} < set(WebhookEvent)


def test_the_pauses_grow_and_last_a_day() -> None:
    assert list(RETRY_PAUSES) == sorted(RETRY_PAUSES)
    assert 23 < sum(pause.total_seconds() for pause in RETRY_PAUSES) / 3600 < 24


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "https://",
        "http://example.org/",
        "ftp://example.org/",
        "https://me:secret@example.org/",
        "https://example.org/a b",
        "https://example.org\\@other.example/",
        "https://example.org/\r\nX: y",
        "https://example.org:99999/",
        "https://[::1/",
        "https://localhost/",
        "https://intranet/",
        "https://cases.local/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://example.org/" + "a" * 300,
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidWebhookUrl):
        Target.parse(url, allow_private=False)


def test_an_address_is_taken_apart() -> None:
    target = Target.parse("https://cases.example.org:8443/hooks?key=1", allow_private=False)
    assert target == Target(
        True, "cases.example.org", 8443, "cases.example.org:8443", "/hooks?key=1"
    )
    assert Target.parse("https://93.184.216.34", allow_private=False).path == "/"
    assert not Target.parse("http://localhost:1/", allow_private=True).secure


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "fe80::1%1"),
    ],
)
def test_private_addresses_in_every_form_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
