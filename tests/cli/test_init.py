"""helpline init: a new deployment by options or by answers, and the same again."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo

from app import create_app
from helpline import time_zones
from helpline.cli import settings_file
from helpline.cli.init import init_command

PASSWORD = "corridor teapot violin"
OPTIONS = {
    "--name": "Kiran's Helpline",
    "--region": "in",
    "--zone": "Asia/Kolkata",
    "--number": "011 2345 6789",
    "--public-url": "https://help.kiran.in/",
    "--proxies": "1",
    "--carrier": "none",
    "--admin-name": "Meera",
    "--admin-email": "meera@kiran.in",
    "--admin-password": PASSWORD,
}
SECRETS = ("SECRET_KEY", "PASSWORD_SALT", "FIELD_KEYS", "PHONE_INDEX_KEY")
ACCOUNT = "AC0123456789abcdef0123456789abcdef"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder that does not exist yet; the settings file in it is in force."""
    monkeypatch.setenv("HELPLINE_INSTANCE_DIR", str(tmp_path / "instance"))
    return tmp_path / "instance"


def init(*more: str, typed: str | None = None, **changes: str | None) -> Result:
    """Run it with OPTIONS, changed: ``carrier="twilio"``; None leaves an option out."""
    options = OPTIONS | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    words = [word for item in options.items() if item[1] is not None for word in item]
    if typed is None:
        words.append("--no-input")
    script = ScriptInfo(create_app=create_app)
    return CliRunner().invoke(init_command, [*map(str, words), *more], input=typed, obj=script)


def values(instance: Path) -> dict[str, str]:
    return settings_file.values_of(instance / "helpline.env")


def staff(instance: Path) -> list[str]:
    engine = sa.create_engine(f"sqlite:///{instance / 'helpline.sqlite3'}")
    with engine.connect() as connection:
        emails = list(connection.scalars(sa.text("SELECT email FROM staff ORDER BY email")))
    engine.dispose()
    return emails


def test_options_set_a_new_deployment_up(instance: Path) -> None:
    done = init()
    assert done.exit_code == 0, done.output
    assert f"[3/4] Database sqlite:///{instance}/helpline.sqlite3" in done.output
    assert "FAIL" not in done.output
    assert (instance / "helpline.env").stat().st_mode & 0o777 == 0o600
    written = values(instance)
    assert {name: written[f"HELPLINE_{name}"] for name in ("SITE_NAME", "DEFAULT_REGION")} == {
        "SITE_NAME": "Kiran's Helpline",
        "DEFAULT_REGION": "IN",
    }
    assert written["HELPLINE_HELPLINE_NUMBER"] == "+911123456789"
    assert written["HELPLINE_PUBLIC_URL"] == "https://help.kiran.in"
    assert len({written[f"HELPLINE_{name}"] for name in SECRETS}) == 4
    assert staff(instance) == ["meera@kiran.in"]


def test_run_again_it_changes_only_what_an_option_says(instance: Path) -> None:
    assert init().exit_code == 0
    first = values(instance)
    file = instance / "helpline.env"
    file.write_text(f"# mine\n{file.read_text()}HELPLINE_LOG_LEVEL=warning\n")
    again = init(public_url="https://call.kiran.in", admin_email="other@kiran.in")
    assert again.exit_code == 0, again.output
    assert "Kept; nothing was replaced." in again.output
    assert "someone can sign in" in again.output
    assert values(instance) == first | {
        "HELPLINE_PUBLIC_URL": "https://call.kiran.in",
        "HELPLINE_LOG_LEVEL": "warning",
    }
    assert file.read_text().startswith("# mine\n")
    assert staff(instance) == ["meera@kiran.in"]
    nothing = dict.fromkeys((name[2:].replace("-", "_") for name in OPTIONS), None)
    asked_nothing = init(**nothing)
    assert asked_nothing.exit_code == 0, asked_nothing.output


def test_it_asks_and_asks_again_for_what_is_wrong(instance: Path) -> None:
    nothing = dict.fromkeys((name[2:].replace("-", "_") for name in OPTIONS), None)
    replies = [
        *("Kiran Helpline", "India", "IN", "", "112", "14416", "help.kiran.in"),
        *("https://kiran.in/help", "https://help.kiran.in", "", "none"),
        *("Meera", "meera@kiran.in", "short", "short", PASSWORD, PASSWORD),
    ]
    done = init(typed="\n".join(replies) + "\n", **nothing)
    assert done.exit_code == 0, done.output
    for words in (
        "use IN",
        "[Asia/Kolkata]",
        "it is an emergency number",
        "must start with https://",
        "it has a path (/help)",
        "at least 12 characters",
        "meera@kiran.in can sign in as admin.",
    ):
        assert words in done.output
    assert PASSWORD not in done.output
    assert values(instance)["HELPLINE_TRUSTED_PROXIES"] == "1"


@pytest.mark.parametrize(
    ("carrier", "sid", "token", "caller_id"),
    [
        ("twilio", ACCOUNT, "HELPLINE_TWILIO_AUTH_TOKEN", "HELPLINE_CALLER_ID"),
        (
            "plivo",
            "MA0123456789ABCDEFGH",
            "HELPLINE_PLIVO_AUTH_TOKEN",
            "HELPLINE_PLIVO_CALLER_ID",
        ),
    ],
)
def test_a_carrier_account_is_written_and_its_token_never_replaced(
    instance: Path, carrier: str, sid: str, token: str, caller_id: str
) -> None:
    account = {"account_sid": sid, "auth_token": "0" * 32, "caller_id": "011 2345 6789"}
    done = init(carrier=carrier, **account)
    assert done.exit_code == 0, done.output
    assert values(instance)[caller_id] == "+911123456789"
    assert init(carrier=carrier, **account).exit_code == 0
    for changes, words in (
        ({"carrier": carrier, "auth_token": "1" * 32}, f"{token} is set"),
        ({"carrier": "none"}, "Remove it by hand"),
    ):
        refused = init(**changes)
        assert refused.exit_code == 2
        assert words in refused.output
    assert values(instance)[token] == "0" * 32


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"region": "India"}, "use IN"),
        ({"public_url": "https://kiran.in/help"}, "it has a path"),
        ({"proxies": "9"}, "from 0 to 5"),
        ({"carrier": None}, "Missing option --carrier"),
        ({"zone": None}, "Missing option --zone"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_written(
    instance: Path, changes: dict[str, str | None], words: str
) -> None:
    done = init(**changes)
    assert done.exit_code == 2
    assert words in done.output
    assert not (instance / "helpline.env").exists()


def test_lost_secrets_are_not_made_again_beside_a_database_with_rows(instance: Path) -> None:
    assert init().exit_code == 0
    file = instance / "helpline.env"
    text = file.read_text()
    file.write_text(re.sub(r"HELPLINE_FIELD_KEYS=.*\n", "", text))
    refused = init()
    assert refused.exit_code == 1
    assert "lacks HELPLINE_FIELD_KEYS" in refused.output
    assert "HELPLINE_FIELD_KEYS" not in values(instance)


def test_a_value_of_the_environment_is_not_written_over(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPLINE_SITE_NAME", "Asha")
    refused = init()
    assert refused.exit_code == 2
    assert "the environment sets HELPLINE_SITE_NAME" in refused.output
    assert init(name=None).exit_code == 0
    assert "HELPLINE_SITE_NAME" not in values(instance)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_it_writes_into_no_folder_of_another_user(instance: Path) -> None:
    instance.mkdir()
    os.chown(instance, 1, 1)
    refused = init()
    assert refused.exit_code == 1
    assert "sudo -u daemon" in refused.output
    assert list(instance.iterdir()) == []


@pytest.mark.parametrize(
    "value", ["a b", "a  b", "it's", 'say "yes"', "a #b", "a\\b", "a$b", "जीवन हेल्पलाइन", ""]
)
def test_a_value_is_read_as_it_was_written(tmp_path: Path, value: str) -> None:
    file = tmp_path / "helpline.env"
    settings_file.save(file, {"A": "before", "HELPLINE_A": "other"})
    settings_file.save(file, {"A": value})
    assert settings_file.values_of(file) == {"A": value, "HELPLINE_A": "other"}


def test_a_region_with_one_time_zone_suggests_it() -> None:
    assert time_zones.only_zone_of("IN") == "Asia/Kolkata"
    assert time_zones.only_zone_of("US") is None
    assert time_zones.only_zone_of("XX") is None
