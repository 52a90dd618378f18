"""The door in Chromium: forms over real TLS, and a passkey from its making to its use."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from config import Settings
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.cast import ASHA, MEERA, Member
from tests.conftest import _opened
from tests.journeys.live_services import free_port

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@contextmanager
def served(app: Flask, port: int, tls: tuple[str, str] | None = None) -> Iterator[None]:
    """A real server of the application, in a thread."""
    server = make_server("localhost", port, app, threaded=True, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate for localhost that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(pem))
    files[1].write_bytes(key.private_bytes(pem, pkcs8, plain))
    return str(files[0]), str(files[1])


def sign_in(screen: Screen, member: Member) -> None:
    """Types it at the door."""
    screen.go("/login")
    screen.page.get_by_label("Email").fill(member.email)
    screen.page.get_by_label("Password").fill(member.password)
    screen.page.get_by_role("button", name="Sign in").click()


def test_forms_go_through_over_tls_and_cookies_are_bound_to_the_host(
    browser: Browser, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    port = free_port()
    address = f"https://localhost:{port}"
    with _opened(make_settings(public_url=address)) as app:
        with app.app_context():
            factories.staff(ASHA)
        context = new_context(browser, ignore_https_errors=True)
        screen = Screen(context.new_page(), address)
        screen.watch()
        with served(app, port, certificate(tmp_path)):
            sign_in(screen, ASHA)
            expect(screen.page).to_have_url(f"{address}/desk/")
            screen.page.get_by_role("button", name="Take a break").click()
            expect(screen.page.locator("#presence")).to_contain_text("On a break")
            told = {each["name"]: each for each in context.cookies()}
            assert {"__Host-session", "__Host-known"} == set(told)
            for each in told.values():
                assert each["secure"] and each["httpOnly"] and each["sameSite"] == "Lax"
                assert each["path"] == "/" and each["domain"] == "localhost"

            visitor = Screen(new_context(browser, ignore_https_errors=True).new_page(), address)
            visitor.watch()
            visitor.go("/")
            visitor.page.get_by_label("Your phone number").fill("98765 00021")
            visitor.page.locator("#consent").check()
            visitor.page.get_by_role("button", name="Ask for a call").click()
            expect(visitor.page).to_have_url(re.compile(r"/request/[\w-]{22}$"))
            assert visitor.page.context.cookies() == []
            screen.quiet()
            visitor.quiet()
        visitor.page.context.close()
        context.close()


def test_a_passkey_is_made_and_opens_the_door(
    browser: Browser, make_settings: Callable[..., Settings]
) -> None:
    port = free_port()
    address = f"http://localhost:{port}"
    with _opened(make_settings(public_url=address, second_factor="all")) as app:
        with app.app_context():
            factories.staff(MEERA)
        context = new_context(browser)
        screen = Screen(context.new_page(), address)
        screen.watch()
        page = screen.page
        devices = context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        with served(app, port):
            sign_in(screen, MEERA)
            expect(page.locator("h1")).to_have_text("Set up two-factor authentication")
            _look(screen, "set-up")
            page.get_by_label("Passkey name (optional)").fill("My phone")
            page.get_by_role("button", name="Add a passkey").click()
            expect(page.locator("h1")).to_have_text("Your recovery codes")
            _look(screen, "recovery-codes")
            page.get_by_role("link", name="I have saved my codes").click()
            expect(page).to_have_url(f"{address}/admin/")
            page.get_by_role("button", name="Sign out").click()

            sign_in(screen, MEERA)
            expect(page.locator("h1")).to_have_text("Two-factor authentication")
            _look(screen, "second-step")
            page.get_by_role("button", name="Use your passkey").click()
            expect(page).to_have_url(f"{address}/admin/")
            page.get_by_role("link", name="Meera").click()
            expect(page.locator("main")).to_contain_text("Passkey, last used today")
            _look(screen, "you")
            page.get_by_role("link", name="Change your password").click()
            _look(screen, "password")
            screen.quiet()
        context.close()


def _look(screen: Screen, name: str) -> None:
    """Wide and narrow, light and dark; pictures where they are wanted."""
    screen.accessible(name)
    for width in (320, 1280):
        screen.page.set_viewport_size({"width": width, "height": 800})
        screen.fits(name)
        for scheme in ("dark", "light"):
            screen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            picture(screen.page, f"doors-{name}-{width}-{scheme}")
