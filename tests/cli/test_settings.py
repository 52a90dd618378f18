"""Every setting is read as what it is when it is loaded, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import config
from config import InvalidSettings, Settings
from tests.support.settings import IN_PRODUCTION, SECRETS, environment_of

FINE: dict[str, Any] = {
    **SECRETS,
    "environment": "development",
    "caller_id": IN_PRODUCTION,
    "twilio_auth_token": "0123456789abcdef0123456789abcdef",
}
LIVE: dict[str, Any] = {
    **SECRETS,
    "environment": "production",
    "helpline_number": IN_PRODUCTION,
    "public_url": "https://help.kiran.in",
}
ACCOUNT = {
    "twilio_account_sid": "AC0123456789abcdef0123456789abcdef",
    "twilio_auth_token": "0123456789abcdef0123456789abcdef",
}


PLIVO_ACCOUNT = {"plivo_auth_id": "MA0123456789ABCDEFGH", "plivo_auth_token": "0123456789abcdef"}


def load(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, instance_dir=tmp_path, **(FINE | changes))


def wrong(tmp_path: Path, **changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, instance_dir=tmp_path, **changes)
    return "\n".join(config.describe_errors(caught.value))


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("helpline_number", "+91 11 4000 0000", "+911140000000"),
        ("helpline_number", "011-4000-0000", "+911140000000"),
        ("helpline_number", "0091 (11) 4000 0000", "+911140000000"),
        ("helpline_number", "०११ ४००० ००००", "+911140000000"),
        ("helpline_number", "14416", "14416"),
        ("helpline_number", "1800 599 0019", "18005990019"),
        ("helpline_number", "+91 1800 599 0019", "+9118005990019"),
        ("caller_id", " +91 11 4000-0000 ", "+911140000000"),
        ("default_region", "in", "IN"),
        ("allowed_regions", "in, np,IN", ("IN", "NP")),
        ("spoken_languages", "EN, hi", ("en", "hi")),
        ("spoken_languages", "zh-hant,pt-br", ("zh_Hant", "pt_BR")),
        ("voice_languages", "HI", ("hi",)),
        ("site_languages", "", ()),
        ("extra_hosts", "Help.Kiran.in, 10.0.0.5", ("help.kiran.in", "10.0.0.5")),
        ("public_url", "https://Help.Kiran.in/", "https://help.kiran.in"),
        ("public_url", "http://[::1]:8000", "http://[::1]:8000"),
        ("twilio_base_url", "http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
        ("tombstone_file", "", None),
        ("site_name", "  Kiran   Helpline ", "Kiran Helpline"),
        ("database_url", "postgresql://a:b@db1,db2:5433/name?target_session_attrs=read-write",
         "postgresql://a:b@db1,db2:5433/name?target_session_attrs=read-write"),
    ],
)  # fmt: skip
def test_what_an_operator_writes_is_read_as_what_it_means(
    tmp_path: Path, name: str, written: str, read: object
) -> None:
    assert getattr(load(tmp_path, **{name: written}), name) == read


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("helpline_number", "our number"),
        ("helpline_number", ""),
        ("helpline_number", "+91 11 4000 000"),
        ("helpline_number", "40000000"),
        ("helpline_number", "112"),
        ("helpline_number", "+44 900 123 4567"),
        ("caller_id", "14416"),
        ("caller_id", "KIRAN"),
        ("default_region", "India"),
        ("default_region", "XX"),
        ("default_region", ""),
        ("allowed_regions", "India"),
        ("allowed_regions", "IN;NP"),
        ("allowed_regions", ","),
        ("spoken_languages", "english,hindi"),
        ("spoken_languages", ""),
        ("site_languages", "fr"),
        ("voice_languages", "ta"),
        ("default_time_zone", "India"),
        ("default_time_zone", "Asia"),
        ("default_time_zone", ""),
        ("default_time_zone", "../../etc/passwd"),
        ("safe_exit_url", "wikipedia.org"),
        ("safe_exit_url", "//wikipedia.org"),
        ("safe_exit_url", "http://www.wikipedia.org/"),
        ("safe_exit_url", "https:///wiki"),
        ("safe_exit_url", "javascript:alert(1)"),
        ("public_url", "help.kiran.in"),
        ("public_url", "https://kiran.in/help"),
        ("public_url", "https://kiran.in/?a=b"),
        ("public_url", "https://user:password@kiran.in"),
        ("public_url", "https://kiran.in:port"),
        ("public_url", "https:// kiran.in"),
        ("extra_hosts", "https://kiran.in"),
        ("extra_hosts", "kiran.in:443"),
        ("extra_hosts", "kiran.in/help"),
        ("twilio_base_url", "api.twilio.com"),
        ("twilio_account_sid", "my account"),
        ("database_url", "helpline.sqlite3"),
        ("database_url", "mysql://root@localhost/helpline"),
        ("rate_limit_storage", "127.0.0.1:6379"),
        ("limit_asks_of_address", "sixty a minute"),
        ("limit_asks_of_all", "0/minute"),
        ("tombstone_file", "/tmp"),
        ("tombstone_file", "None"),
        ("tombstone_file", "null"),
        ("tombstone_file", "tombstones.jsonl"),
        ("public_dir", "None"),
        ("public_dir", "public"),
        ("site_name", "None"),
        ("site_name", "   "),
        ("site_name", "a" * 81),
        ("field_keys", "short"),
        ("field_keys", ""),
        ("calls_per_second", "fast"),
        ("calls_per_second", ""),
        ("second_factor", "yes"),
        ("trusted_proxies", "-1"),
    ],
)
def test_a_wrong_setting_is_named_with_a_right_example(
    tmp_path: Path, name: str, written: str
) -> None:
    told = wrong(tmp_path, **(FINE | {name: written}))

    assert len(told.splitlines()) == 1
    assert told.startswith(f"{config.environment_variable(name)}: ")
    example = told.rpartition("For example " if "For example " in told else "Create one with ")[2]
    assert example
    if "For example " not in told:
        return
    for each in example.split(" or "):
        variable, _, right = each.partition("=")
        assert variable == config.environment_variable(name)
        assert load(tmp_path, **{name: right.strip('"')}), "the example is right itself"


def test_a_name_in_words_is_answered_with_its_code(tmp_path: Path) -> None:
    assert "use IN" in wrong(tmp_path, **FINE, allowed_regions="India")
    assert "use hi" in wrong(tmp_path, **FINE, spoken_languages="en,Hindi")


def test_all_wrong_settings_are_named_at_once_and_no_secret_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a-secret-that-must-not-be-told-to-anybody"
    for name, value in {
        "HELPLINE_INSTANCE_DIR": str(tmp_path),
        "HELPLINE_SECRET_KEY": secret,
        "HELPLINE_FIELD_KEYS": secret,
        "HELPLINE_DEFAULT_REGION": "India",
        "HELPLINE_SAFE_EXIT_URL": "wikipedia.org",
        "DATABASE_URL": f"mysql://helpline:{secret}@db/helpline",
    }.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSettings) as caught:
        config.load()

    told = str(caught.value)
    for name in (
        *("HELPLINE_FIELD_KEYS", "HELPLINE_DEFAULT_REGION", "HELPLINE_SAFE_EXIT_URL"),
        *("HELPLINE_PASSWORD_SALT: must be set", "HELPLINE_PHONE_INDEX_KEY", "DATABASE_URL"),
    ):
        assert name in told
    assert secret not in told
    assert secret not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"helpline_number": None}, "HELPLINE_HELPLINE_NUMBER must be set"),
        ({"helpline_number": "+91 11 4000 0000"}, "HELPLINE_HELPLINE_NUMBER must be set"),
        ({"public_url": None}, "HELPLINE_PUBLIC_URL must be set"),
        ({"public_url": "https://helpline.example.org"}, "HELPLINE_PUBLIC_URL must be set"),
        ({"public_url": "https://help.example"}, "HELPLINE_PUBLIC_URL must be set"),
        ({**ACCOUNT, "caller_id": "+911140000000"}, "HELPLINE_CALLER_ID must be"),
        (
            {
                **ACCOUNT,
                "twilio_account_sid": config.EXAMPLE_ACCOUNT_SID,
                "caller_id": IN_PRODUCTION,
            },
            "HELPLINE_TWILIO_ACCOUNT_SID is the demo account",
        ),
        ({**PLIVO_ACCOUNT, "plivo_caller_id": "+911140000000"}, "HELPLINE_PLIVO_CALLER_ID must be"),
        (
            {
                **PLIVO_ACCOUNT,
                "plivo_auth_id": config.EXAMPLE_AUTH_ID,
                "plivo_caller_id": IN_PRODUCTION,
            },
            "HELPLINE_PLIVO_AUTH_ID is the demo account",
        ),
        (
            {**ACCOUNT, "caller_id": IN_PRODUCTION, "twilio_auth_token": "changeme"},
            "HELPLINE_TWILIO_AUTH_TOKEN is a placeholder",
        ),
        ({"metrics_token": "change-me"}, "HELPLINE_METRICS_TOKEN is a placeholder"),
    ],
)
def test_placeholders_are_refused_in_production(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    told = {name: value for name, value in (LIVE | changes).items() if value is not None}
    assert words in wrong(tmp_path, **told)
    assert Settings(_env_file=None, instance_dir=tmp_path, **LIVE)


@pytest.mark.parametrize(
    ("account", "is_real"),
    [
        (ACCOUNT, True),
        (PLIVO_ACCOUNT, True),
        ({**PLIVO_ACCOUNT, "plivo_base_url": "http://127.0.0.1:8001"}, False),
        ({}, False),
    ],
)
def test_a_simulated_clock_is_refused_at_a_real_account_of_either_carrier(
    tmp_path: Path, account: dict[str, Any], is_real: bool
) -> None:
    account = {**account, "plivo_caller_id": IN_PRODUCTION}
    assert load(tmp_path, **account).uses_real_carrier == is_real
    if is_real:
        assert "simulated clock" in wrong(tmp_path, **(FINE | account), clock_offset_seconds=60)


def test_the_way_out_does_not_lead_to_the_helpline_itself(tmp_path: Path) -> None:
    for changes in (
        {"safe_exit_url": "https://help.kiran.in/news"},
        {"safe_exit_url": "https://kiran.in/", "extra_hosts": "kiran.in"},
    ):
        assert "HELPLINE_SAFE_EXIT_URL points to the helpline itself" in wrong(
            tmp_path, **(LIVE | changes)
        )


def test_settings_read_back_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was normalised once is not changed when it is read again."""
    first = load(tmp_path, helpline_number="1800 599 0019", caller_id="011 4000 0000")
    for name, value in environment_of(first).items():
        monkeypatch.setenv(name, value)
    assert config.load() == first


def test_an_empty_instance_folder_is_not_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (environment_of(load(tmp_path)) | {"HELPLINE_INSTANCE_DIR": " "}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match="HELPLINE_INSTANCE_DIR: must name a folder"):
        config.load()


def test_what_is_not_set_is_not_written_out_as_a_word(tmp_path: Path) -> None:
    written = environment_of(load(tmp_path))
    assert "HELPLINE_TOMBSTONE_FILE" not in written
    assert not {"none", "null"} & {value.lower() for value in written.values()}


def test_a_relative_instance_folder_is_read_as_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = Settings(_env_file=None, instance_dir=Path("here"), **FINE)
    assert found.instance_dir == tmp_path / "here"
    assert found.published_crisis_file.is_absolute()


def test_invalid_settings_say_which_file_they_come_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELPLINE_INSTANCE_DIR", str(tmp_path))
    with pytest.raises(config.InvalidSettings, match=f"no {tmp_path}/helpline.env"):
        config.load()
    (tmp_path / "helpline.env").write_text("HELPLINE_DEFAULT_REGION=India\n")
    with pytest.raises(config.InvalidSettings, match=f"{tmp_path}/helpline.env and the environ"):
        config.load()
