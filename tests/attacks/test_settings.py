"""Settings as tired operators write them: understood, or refused by name before anyone visits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import config
from config import ROOT, InvalidSettings
from helpline.factory import create_app
from tests.journeys.live_services import clean_environment
from tests.support.settings import IN_PRODUCTION, SECRETS

PAGES = ("/", "/crisis", "/login", "/api/v1/availability")
LIVE = {
    **{f"HELPLINE_{name.upper()}": value for name, value in SECRETS.items()},
    "HELPLINE_PUBLIC_URL": "https://help.kiran.in",
    "HELPLINE_HELPLINE_NUMBER": IN_PRODUCTION,
}
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def environment(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """What an operator wrote, for a production machine with its database up to date."""
    for name, value in (
        LIVE | {"HELPLINE_INSTANCE_DIR": str(tmp_path), "DATABASE_URL": database_url}
    ).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "written", "link", "shown"),
    [
        ("HELPLINE_NUMBER", "+91 11 2345 6789", "tel:+911123456789", "+91 11 2345 6789"),
        ("HELPLINE_NUMBER", "011-2345-6789", "tel:+911123456789", "+91 11 2345 6789"),
        ("HELPLINE_NUMBER", "14416", "tel:14416", "14416"),
        ("HELPLINE_NUMBER", "1800 599 0019", "tel:18005990019", "1800 599 0019"),
        ("DEFAULT_REGION", "in", "tel:112", "112"),
        ("CALLER_ID", "+91 11 2345-6789", "tel:112", "112"),
    ],
)
def test_what_can_be_understood_serves_every_page(
    environment: pytest.MonkeyPatch, name: str, written: str, link: str, shown: str
) -> None:
    environment.setenv(f"HELPLINE_{name}", written)
    app = create_app(config.load())
    client = app.test_client()

    pages = {path: client.get(path, base_url="https://help.kiran.in") for path in PAGES}

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(PAGES, 200)
    assert 'href="tel:112"' in pages["/crisis"].text
    if name == "HELPLINE_NUMBER":
        assert pages["/api/v1/availability"].json is not None
        assert pages["/api/v1/availability"].json["number"] == {
            "tel": link.removeprefix("tel:"),
            "shown": shown,
        }


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("HELPLINE_NUMBER", None),
        ("HELPLINE_NUMBER", "our number"),
        ("SPOKEN_LANGUAGES", "english,hindi"),
        ("ALLOWED_REGIONS", "India"),
        ("SAFE_EXIT_URL", "wikipedia.org"),
        ("PUBLIC_URL", "https://kiran.in/helpline"),
        ("PUBLIC_URL", None),
    ],
)
def test_what_cannot_is_refused_by_name_with_an_example(
    environment: pytest.MonkeyPatch, name: str, written: str | None
) -> None:
    if written is None:
        environment.delenv(f"HELPLINE_{name}")
    else:
        environment.setenv(f"HELPLINE_{name}", written)

    with pytest.raises(InvalidSettings) as caught:
        config.load()

    assert f"HELPLINE_{name}" in str(caught.value)
    assert f"For example HELPLINE_{name}=" in str(caught.value)


def test_a_server_with_a_wrong_setting_does_not_start_and_says_which(
    environment: pytest.MonkeyPatch,
) -> None:
    ours = config.load()
    web = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", "1"]
    told = {"HELPLINE_INSTANCE_DIR": str(ours.instance_dir), "DATABASE_URL": ours.database_url}
    done = subprocess.run(
        [*web, "app:create_app()"],
        cwd=ROOT,
        env=clean_environment() | LIVE | told | {"HELPLINE_HELPLINE_NUMBER": "call us"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "HELPLINE_HELPLINE_NUMBER: 'call us' cannot be used" in done.stderr
    assert not any(secret in done.stderr for secret in SECRETS.values())
