"""Where no carrier's package is installed, advisors call from their own phones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import InvalidSettings, Settings
from helpline.cli import commands
from helpline.factory import create_app
from tests.telephony.adapters import ADAPTERS  # noqa: F401 imported before it is taken away

NO_CARRIER = {"twilio_account_sid": "", "twilio_auth_token": "", "caller_id": ""}
ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])


@ON_ONE
def test_pages_are_served_and_webhooks_are_not(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for package in ("twilio", "plivo"):
        monkeypatch.setitem(sys.modules, package, None)
    app = create_app(make_settings(**NO_CARRIER))
    app.cli.add_command(commands.group)
    client = app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/crisis").status_code == 200
    for path in ("/webhooks/voice/inbound", "/webhooks/text", "/webhooks/voice/x/answered"):
        assert client.post(path).status_code == 404
    written = app.test_cli_runner().invoke(args=["helpline", "write-fallback", str(tmp_path)])
    assert written.exit_code == 1
    assert "No carrier's package is installed" in written.output


PLIVO = {
    "plivo_auth_id": "MA000000000000000001",
    "plivo_auth_token": "a-token-for-tests",
    "plivo_caller_id": "+918000000000",
}


@ON_ONE
@pytest.mark.parametrize(("package", "account"), [("twilio", {}), ("plivo", NO_CARRIER | PLIVO)])
def test_an_account_without_the_package_is_refused_at_start(
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    package: str,
    account: dict[str, str],
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InvalidSettings, match=rf"helpline\[{package}\]"):
        create_app(make_settings(**account))
