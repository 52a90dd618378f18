"""One request, to servers that hang, redirect, flood, and pretend to be somewhere else."""

from __future__ import annotations

import datetime
import socket
import ssl
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpline.domain.webhooks import DeliveryProblem, Target
from helpline.messaging.webhooks import http_client
from helpline.messaging.webhooks.http_client import DeliveryFailed, post
from tests.webhooks.receiver import Receiver, receiver

PUBLIC = "93.184.216.34"


def sent(url: str) -> int:
    return post(Target.parse(url, allow_private=True), b"{}", {"X-Id": "1"}, allow_private=True)


def problem_of(url: str) -> DeliveryProblem:
    with pytest.raises(DeliveryFailed) as failed:
        sent(url)
    return failed.value.problem


def test_the_body_and_the_headers_arrive_and_the_status_comes_back(other: Receiver) -> None:
    other.answers = [202]
    assert sent(other.url) == 202
    [got] = other.got
    assert (got.path, got.body, got.headers["x-id"]) == ("/hooks?key=a", b"{}", "1")
    assert got.headers["host"] == other.url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(other: Receiver, status: int) -> None:
    other.answers = [status]
    assert sent(other.url) == status
    assert len(other.got) == 1


def test_a_proxy_of_the_environment_is_not_used(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert sent(other.url) == 204


def test_the_body_of_an_answer_is_not_read_however_long(other: Receiver) -> None:
    written = 0

    def flood(handler: BaseHTTPRequestHandler) -> bool:
        nonlocal written
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                handler.wfile.write(b"x" * 2**20)
                written += 2**20
        return True

    other.before_answer = flood
    started = time.monotonic()
    assert sent(other.url) == 200
    assert time.monotonic() - started < 2
    time.sleep(0.2)
    assert written < 50 * 2**20


def test_headers_without_end_are_refused(other: Receiver) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> bool:
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(100_000):
                handler.wfile.write(f"X-{number}: {'y' * 100}\r\n".encode())
        return True

    other.before_answer = flood
    assert problem_of(other.url) == DeliveryProblem.UNREACHABLE


def test_one_that_never_answers_ends_by_the_timeout(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "STEP_SECONDS", 0.2)
    other.before_answer = lambda _handler: time.sleep(2)
    started = time.monotonic()
    assert problem_of(other.url) == DeliveryProblem.TIMEOUT
    assert time.monotonic() - started < 1.5


def drip(handler: BaseHTTPRequestHandler) -> bool:
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"y")
            handler.wfile.flush()
            time.sleep(0.05)
    return True


def test_one_that_answers_byte_by_byte_ends_by_the_deadline(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "TOTAL_SECONDS", 0.5)
    other.before_answer = drip
    started = time.monotonic()
    assert problem_of(other.url) == DeliveryProblem.TIMEOUT
    assert time.monotonic() - started < 2


def test_nobody_there_is_no_connection() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        assert problem_of(url) == DeliveryProblem.UNREACHABLE
    assert problem_of("http://nowhere.invalid/") == DeliveryProblem.UNREACHABLE
    assert problem_of(f"http://{'a' * 70}.example/") == DeliveryProblem.UNREACHABLE


# Networks


def test_a_name_that_leads_into_a_private_network_is_never_connected_to(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was public when the admin saved it (DNS rebinding)."""
    port = int(other.url.split(":")[2].split("/")[0])
    answers = [PUBLIC, "127.0.0.1"]

    def resolver(_host: str, port: int, **_more: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    target = Target.parse(f"https://rebinds.example:{port}/", allow_private=False)
    assert http_client.resolve(target, allow_private=False) == [PUBLIC]
    with pytest.raises(DeliveryFailed) as failed:
        post(target, b"{}", {}, allow_private=False)
    assert failed.value.problem == DeliveryProblem.ADDRESS
    assert other.got == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(0, 0, 0, "", (address, 443)) for address in (PUBLIC, "::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    target = Target.parse("https://both.example/", allow_private=False)
    with pytest.raises(DeliveryFailed) as failed:
        http_client.resolve(target, allow_private=False)
    assert failed.value.problem == DeliveryProblem.ADDRESS


def test_the_name_is_looked_up_once_and_the_connection_made_to_what_was_checked(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, []

    def resolver(host: str, *args: object, **more: object) -> object:
        asked.append(host)
        return real("127.0.0.1" if host == "cases.example" else host, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    assert sent(other.url.replace("127.0.0.1", "cases.example")) == 204
    assert asked == ["cases.example", "127.0.0.1"], "the second is no name any more"


# Certificates


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_only_a_certificate_of_the_name_by_somebody_trusted_is_accepted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiver(context) as other:
        assert problem_of(other.url) == DeliveryProblem.TLS
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert sent(other.url) == 204
        assert problem_of(other.url.replace("localhost", "127.0.0.1")) == DeliveryProblem.TLS
        assert len(other.got) == 1
