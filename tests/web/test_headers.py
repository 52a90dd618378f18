"""What browsers are told, which hosts we answer to, and who is believed about addresses."""

from __future__ import annotations

import re

import pytest
from flask import Flask, request

from helpline.web.access import ANYONE, allow
from tests import factories
from tests.cast import ASHA
from tests.guards.test_templates import INLINE
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

SECURE = pytest.mark.settings(public_url="https://help.kiran.in", environment="production",
                              second_factor="all", session_hours=12)  # fmt: skip


def policy_of(answer: object) -> dict[str, str]:
    """The content policy, by directive."""
    told = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(each.strip().split(" ", 1) for each in told.split(";"))


def test_every_answer_is_told_to_keep_to_itself(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    nonces = set()
    for address in ("/", "/login", "/desk/", "/you", "/nowhere", "/desk/queue", "/healthz"):
        answer = client.get(address)
        policy = policy_of(answer)
        assert "unsafe" not in str(policy)
        for shut in ("default-src", "base-uri", "object-src", "frame-ancestors"):
            assert policy[shut] == "'none'", (address, shut)
        assert policy["form-action"] == "'self'"
        told = answer.headers
        assert told["Referrer-Policy"] == "same-origin"
        assert told["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in told["Permissions-Policy"]
        assert told["Cross-Origin-Opener-Policy"] == "same-origin"
        assert told["Cross-Origin-Resource-Policy"] == "same-origin"
        assert told["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in told, "this test's address has no TLS"
        for script in Page(answer.text).all("script"):
            assert policy["script-src"] == f"'nonce-{script.attrs['nonce']}'"
            nonces.add(script.attrs["nonce"])
        assert INLINE.search(re.sub(r"(?s)<style>.*?</style>", "", answer.text)) is None
    assert len(nonces) >= 3, "each answer has its own"


@SECURE
def test_over_tls_cookies_and_hosts_are_strict(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    here = {"base_url": "https://help.kiran.in"}
    door = client.get("/login", **here)
    assert door.headers["Strict-Transport-Security"] == "max-age=63072000"
    cookie = door.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in cookie

    for address in ("/", "/login", "/crisis"):
        for base in ("https://evil.example", "https://127.0.0.1", "https://help.kiran.in.evil.org"):
            refused = client.get(address, base_url=base)
            assert refused.status_code == 400
            assert "evil" not in refused.text
            assert "tel:14416" in Page(refused.text).links("tel:"), "crisis numbers all the same"
    assert client.get("/healthz", base_url="http://10.0.0.7:8000").status_code == 200
    assert client.get("/", headers={"Host": "a b"}).status_code == 400


def seen(app: Flask, client: Client) -> tuple[str | None, str, str]:
    """Who asks, by which scheme, for which host, as a view sees it behind one proxy."""
    found = []

    @allow(ANYONE)
    def look() -> str:
        found.append((request.remote_addr, request.scheme, request.host))
        return ""

    app.view_functions["visitor.crisis"] = look
    client.get(
        "/crisis",
        headers={
            "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "help.example",
        },
    )
    [told] = found
    return told


def test_without_a_proxy_of_ours_what_is_forwarded_is_not_believed(
    app: Flask, client: Client
) -> None:
    assert seen(app, client) == ("127.0.0.1", "http", "localhost")


@pytest.mark.settings(trusted_proxies=1, extra_hosts=("help.example",))
def test_a_proxy_of_ours_is_believed_and_nobody_before_it(app: Flask, client: Client) -> None:
    assert seen(app, client) == ("203.0.113.9", "https", "help.example")
