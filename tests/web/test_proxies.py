"""Several proxies and IPv6 work; a path prefix is refused at start by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

import config
from config import ROOT, Settings
from helpline.cli import doctor
from helpline.factory import create_app
from helpline.preflight.checks import Level
from helpline.web import instance_report
from helpline.web.remote_address import networks_of
from setting_types import base_address, host_name

HOST = "help.kiran.in"
INNER = "127.0.0.1:8000"
CDN, VISITOR, LIAR = "198.51.100.7", "203.0.113.9", "192.0.2.1"


def seen(settings: Settings, host: str, headers: dict[str, str]) -> tuple[int, str, str, str]:
    """Status, and the address, scheme and host that a view sees."""
    app = create_app(settings)
    values: list[str] = []

    @app.after_request
    def note(response: Any) -> Any:
        values[:] = [request.remote_addr or "", request.scheme, request.host]
        return response

    named = {f"X-Forwarded-{name.title()}": value for name, value in headers.items()}
    response = app.test_client().get(
        "/crisis", base_url=f"http://{host}", headers=named, environ_base={"REMOTE_ADDR": CDN}
    )
    return (response.status_code, *values)  # type: ignore[return-value]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("number", "host", "headers"),
    [
        # One proxy that sets all three.
        (1, INNER, {"for": VISITOR, "proto": "https", "host": HOST}),
        # And one that keeps the host name.
        (1, HOST, {"for": VISITOR, "proto": "https"}),
        # Two that add to all three.
        (
            2,
            INNER,
            {"for": f"{VISITOR}, {CDN}", "proto": "https, http", "host": f"{HOST}, {INNER}"},
        ),
        # Two, of which the second passes scheme and host on.
        (2, INNER, {"for": f"{VISITOR}, {CDN}", "proto": "https", "host": HOST}),
        (2, HOST, {"for": f"{VISITOR}, {CDN}", "proto": "https"}),
        # Three, and a visitor who sends a header of their own.
        (3, INNER, {"for": f"{LIAR}, {VISITOR}, {CDN}, {CDN}", "proto": "https", "host": HOST}),
    ],
)
def test_behind_proxies_the_visitors_address_scheme_and_host_are_seen(
    make_settings: Callable[..., Settings], number: int, host: str, headers: dict[str, str]
) -> None:
    settings = make_settings(public_url=f"https://{HOST}", trusted_proxies=number)
    assert seen(settings, host, headers) == (200, VISITOR, "https", HOST)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_with_no_trusted_proxy_no_header_is_believed(
    make_settings: Callable[..., Settings],
) -> None:
    settings = make_settings(public_url=f"https://{HOST}")
    headers = {"for": VISITOR, "proto": "https", "host": "elsewhere.in"}
    assert seen(settings, HOST, headers) == (200, CDN, "http", HOST)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("[2001:db8::5]", 200),
        ("[2001:db8::5]:8443", 200),
        ("[2001:db8::6]", 200),
        ("[2001:db8::7]", 400),
    ],
)
def test_the_service_can_be_reached_at_ipv6_addresses(
    make_settings: Callable[..., Settings], host: str, status: int
) -> None:
    settings = make_settings(
        public_url="http://[2001:DB8:0::5]",
        extra_hosts="[2001:db8:0:0::6]",
        environment="development",
    )
    app = create_app(settings)
    assert app.test_client().get("/crisis", base_url=f"http://{host}").status_code == status


@pytest.mark.parametrize(
    ("written", "read"),
    [("::1", "::1"), ("[2001:DB8::5]", "2001:db8::5"), ("2001:db8:0:0::5", "2001:db8::5")],
)
def test_an_ipv6_address_is_read_as_browsers_write_it(written: str, read: str) -> None:
    assert host_name(written) == read
    assert base_address(f"http://[{written.strip('[]')}]:8443") == f"http://[{read}]:8443"


@pytest.mark.parametrize("written", ["[::1]:8000", "fe80::1%eth0", "[zz]", ":"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        host_name(written)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7:50123", "192.0.2.7"),
        ("[2001:db8::1]:50123", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
        ("[", "unknown"),
        (":", "unknown"),
    ],
)
def test_an_address_to_which_a_proxy_adds_the_port_is_known(address: str, network: str) -> None:
    assert networks_of(address)[0] == network


def test_databases_at_ipv6_addresses_are_tried_in_turn() -> None:
    address = "postgresql://who:secret@[::1],db2:6432/name?target_session_attrs=read-write"
    url = make_url(config._with_driver(address, Path("/")))
    _, values = PGDialect_psycopg().create_connect_args(url)
    assert values["host"] == "::1,db2"
    assert values["port"] == "5432,6432"
    assert values["target_session_attrs"] == "read-write"


def test_a_path_prefix_is_refused_at_start_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELPLINE_INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("SCRIPT_NAME", "/help")
    with pytest.raises(config.InvalidSettings, match="SCRIPT_NAME=/help is set"):
        config.load()
    monkeypatch.delenv("SCRIPT_NAME")
    monkeypatch.setenv("HELPLINE_PUBLIC_URL", "https://kiran.in/help")
    with pytest.raises(config.InvalidSettings, match=r"HELPLINE_PUBLIC_URL: it has a path \(/help"):
        config.load()


def test_gunicorn_takes_no_path_from_a_header() -> None:
    assert 'forwarder_headers = ""\n' in (ROOT / "deploy" / "gunicorn.conf.py").read_text()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_proxy_that_removes_the_header_counts_as_none(app: Flask, settings: Settings) -> None:
    headers = {"Authorization": f"Bearer {instance_report.sign_question()}"}
    answer = app.test_client().get(instance_report.PATH, headers=headers).text
    report = instance_report.read_answer(answer)
    assert report is not None
    (finding,) = doctor._proxies(settings, report)
    assert finding.level == Level.RIGHT
