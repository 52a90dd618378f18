"""Typed settings, checked at start. No other file reads the environment.

What an operator decides at deployment is here; what an admin decides while the service runs (hours,
capacity, retries, texts, numbers) is in the database. What is in both is a default here, "until an
admin changes it". Values come from the environment (prefix HELPLINE_; DATABASE_URL without it) and
from ``instance/helpline.env``, which ``make run`` writes with new secrets on a new machine.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import setting_types as types
from helpline.i18n import catalogs

ROOT = Path(__file__).resolve().parent
_INSTALLED = ROOT.name in ("site-packages", "dist-packages")
DEFAULT_INSTANCE_DIR = (
    Path(sys.prefix, "var", "helpline-instance") if _INSTALLED else ROOT / "instance"
)
"""Where Flask has the instance folder of an installed package, and of one that is not."""
SETTINGS_FILE = "helpline.env"
"""In the instance folder."""
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "password", "example")
REAL_CARRIER = "https://api.twilio.com"
_REAL_PLIVO = "https://api.plivo.com"
_REAL_CARRIER_HOSTS = (".twilio.com", ".plivo.com")
"""In any of the carrier's regions: api.twilio.com, api.dublin.ie1.twilio.com and so on."""
EXAMPLE_NUMBER = "+911140000000"
"""Belongs to no helpline; for demos and development."""
EXAMPLE_ACCOUNT_SID = "AC" + "0" * 31 + "1"
EXAMPLE_AUTH_ID = "MA" + "0" * 17 + "1"
_RESERVED_DOMAINS = ("example", "example.com", "example.net", "example.org", "invalid", "test")
"""RFC 2606: no website can use them."""
_UNSET = ("none", "null", "undefined")
_RANDOM_TEXT = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
_RANDOM_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)

StringList = Annotated[tuple[str, ...], NoDecode]
DEFAULT_NAME = "Helpline"
Rate = Annotated[str, AfterValidator(types.rate)]
Name = Annotated[str, AfterValidator(types.name)]


class InvalidSettings(click.ClickException):
    """Settings are missing or wrong; the message names each and shows a right example."""


def _hosts_as_parameters(address: str) -> str:
    """SQLAlchemy takes several hosts as parameters only: ``user@a:1,[::1]/name?x`` becomes
    ``user@/name?host=a,::1&port=1,5432&x``, which the driver tries in turn.
    """
    credentials, at, rest = address.rpartition("@")
    hosts, slash, name = rest.partition("/")
    if "," not in hosts:
        return address
    name, _, more = name.partition("?")
    parts = [urlsplit(f"//{host}") for host in hosts.split(",")]
    params = [
        f"host={','.join(part.hostname or '' for part in parts)}",
        f"port={','.join(str(part.port or 5432) for part in parts)}",
    ]
    return f"{credentials}{at}{slash or '/'}{name}?{'&'.join([*params, *([more] if more else [])])}"


def _with_driver(address: str, instance: Path) -> str:
    if not address:
        return f"sqlite:///{instance / 'helpline.sqlite3'}"
    scheme, colon, rest = address.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{colon}{_hosts_as_parameters(rest)}"
    return address


def instance_dir() -> Path:
    """Return the instance folder before there are settings: their file is in it."""
    return Path(os.environ.get("HELPLINE_INSTANCE_DIR", DEFAULT_INSTANCE_DIR)).absolute()


def database_address(instance: Path, default: str = "") -> str:
    """Return the database URL before there are secrets, and so no settings.

    Args:
        default: where the environment names none; empty for the SQLite file.
    """
    names = ("DATABASE_URL", "HELPLINE_DATABASE_URL")
    address = next((os.environ[name] for name in names if os.environ.get(name)), default)
    return _with_driver(address, instance)


class Settings(BaseSettings):
    """The operator's settings. Each field's description is its line in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix="HELPLINE_",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # It contains secrets.
    )

    # Storage and addresses
    instance_dir: Path = Field(
        DEFAULT_INSTANCE_DIR,
        description="Folder for secrets, the SQLite file and the published crisis directory.",
    )
    database_url: Annotated[str, AfterValidator(types.database_address)] = Field(
        "",
        examples=["postgresql://helpline:secret@127.0.0.1/helpline"],
        validation_alias=AliasChoices("DATABASE_URL", "HELPLINE_DATABASE_URL", "database_url"),
        description="Database URL. Empty: a SQLite file in the instance folder. PostgreSQL: "
        "postgresql://user:password@host/name.",
    )
    tombstone_file: Path | None = Field(
        None,
        examples=["/backup/helpline/tombstones.jsonl"],
        description="File that records which requests were closed or erased; needed to restore a "
        "backup (docs/running.md). Best on another disk. Empty: tombstones.jsonl in "
        "the instance folder.",
    )
    tombstone_days: int = Field(
        90,
        ge=30,
        le=3650,
        description="How long records stay in the tombstone file, in days. Must be longer than "
        "you keep backups.",
    )
    public_dir: str = Field(
        "",
        examples=["/var/cache/helpline"],
        description="Folder, readable by the front web server, for the crisis page that it shows "
        "when this service is down. Empty: `public` in the instance folder.",
    )
    public_url: Annotated[str, AfterValidator(types.base_address)] = Field(
        "http://127.0.0.1:8000",
        examples=["https://help.your-organisation.in"],
        description="Public URL of this service for visitors and the carrier: scheme and host, "
        "without a path. Required in production. Carrier signatures are checked "
        "against it.",
    )
    environment: Literal["production", "development"] = Field(
        "production",
        description="`development` allows a simulated clock and cookies over plain HTTP.",
    )

    # Secrets
    secret_key: SecretStr = Field(
        description="Key that signs sessions and status links; 32 or more characters."
    )
    password_salt: SecretStr = Field(
        description="Salt for Flask-Security's password hashes; 16 or more characters."
    )
    field_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        description="Fernet keys that encrypt names, numbers and notes, comma-separated, newest "
        "first."
    )
    phone_index_key: SecretStr = Field(
        description="Key of the hash used to look up phone numbers; 32 or more characters."
    )

    # The helpline
    site_name: Annotated[str, AfterValidator(types.site_name)] = Field(
        DEFAULT_NAME,
        description="Name of the helpline on pages and for callers, until an admin changes it.",
    )
    site_names: StringList = Field(
        (),
        examples=["hi=जीवन हेल्पलाइन"],
        description="Name of the helpline in other languages, as comma-separated code=name pairs. "
        "Languages without a pair use HELPLINE_SITE_NAME.",
    )
    default_region: Annotated[str, AfterValidator(types.region)] = Field(
        "IN",
        description="Two-letter region code. Its crisis numbers are shown first, and phone "
        "numbers without a country code are read as numbers of this region.",
    )
    helpline_number: str = Field(
        EXAMPLE_NUMBER,
        examples=["+91 11 2345 6789", "14416"],
        description="Phone number on which visitors call the helpline, in any common format; "
        "short codes are allowed. Required in production.",
    )
    allowed_regions: StringList = Field(
        ("IN",),
        min_length=1,
        examples=["IN,NP"],
        description="Regions whose phone numbers may request a callback, comma-separated.",
    )
    site_languages: StringList = Field(
        (),
        examples=["en,hi"],
        description="Languages of the visitor pages, as comma-separated codes. The first is used "
        "for URLs without a language. Empty: English, then every other language with "
        "a catalog (docs/languages.md).",
    )
    spoken_languages: StringList = Field(
        ("en", "hi"),
        min_length=1,
        description="Languages visitors can choose to speak, comma-separated, until an admin "
        "changes them.",
    )
    default_time_zone: Annotated[str, AfterValidator(types.time_zone)] = Field(
        "Asia/Kolkata",
        description="Time zone of the opening hours, until an admin sets another.",
    )
    safe_exit_url: Annotated[str, AfterValidator(types.site_address)] = Field(
        "https://www.wikipedia.org/",
        description="Site that 'Exit this page' opens, until an admin sets another neutral site.",
    )
    phone_shows_name: Name = Field(
        "",
        description="Name that phones may show where the network displays the registered name "
        "(CNAP), until an admin changes it.",
    )

    # The carrier
    twilio_account_sid: Annotated[str, AfterValidator(types.account_sid)] = Field(
        "",
        examples=["AC0123456789abcdef0123456789abcdef"],
        description="Twilio account SID. Empty: advisors call from their own phones.",
    )
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="Twilio auth token; also used to check webhook signatures."
    )
    twilio_secondary_auth_token: SecretStr = Field(
        SecretStr(""),
        description="Second auth token during a rotation; either is accepted and used "
        "(docs/carriers.md).",
    )
    twilio_shared_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Secrets of Twilio shared keys that sign webhooks, comma-separated.",
    )
    twilio_base_url: Annotated[str, AfterValidator(types.api_address)] = Field(
        REAL_CARRIER,
        description="Base URL of Twilio's API.",
    )
    caller_id: str = Field(
        "",
        examples=["+91 11 2345 6789"],
        description="Caller ID of outbound calls; must belong to the account.",
    )
    plivo_auth_id: Annotated[str, AfterValidator(types.plivo_auth_id)] = Field(
        "",
        examples=["MA0123456789ABCDEFGH"],
        description="Plivo auth ID. Empty: no account there.",
    )
    plivo_auth_token: SecretStr = Field(
        SecretStr(""), description="Plivo auth token; also checks webhook signatures."
    )
    plivo_secondary_auth_token: SecretStr = Field(
        SecretStr(""),
        description="Second Plivo auth token during a rotation.",
    )
    plivo_base_url: Annotated[str, AfterValidator(types.optional_api_address)] = Field(
        "", description="Base URL of Plivo's API. Empty: Plivo's own."
    )
    plivo_caller_id: str = Field(
        "",
        examples=["+91 80 2345 6789"],
        description="Caller ID of calls by Plivo; rented there.",
    )
    plivo_calls_per_second: float = Field(
        2.0, gt=0, le=1000, description="Call starts per second that Plivo allows."
    )
    plivo_calls_at_once: int = Field(
        50,
        ge=2,
        le=10_000,
        description="Call legs at once that Plivo allows, ringing ones too; a callback has two.",
    )
    carrier_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="Timeout of requests to the carrier, in seconds."
    )
    calls_per_second: float = Field(
        1.0,
        gt=0,
        le=1000,
        description="Calls per second that the account allows; more would queue at the carrier "
        "and could ring after closing time.",
    )
    advisor_ring_seconds: int = Field(
        25, ge=5, le=120, description="How long an advisor's phone rings, in seconds."
    )
    visitor_ring_seconds: int = Field(
        30, ge=5, le=120, description="How long a visitor's phone rings, in seconds."
    )
    press_one_seconds: int = Field(
        10,
        ge=3,
        le=60,
        description="How long an advisor has to press 1 to accept a call, in seconds.",
    )
    visitor_press_one: bool = Field(
        False,
        description="Whether the person who answers the visitor's phone must press 1 to be "
        "connected. The prompt names neither the helpline nor the reason.",
    )
    machine_detection: bool = Field(
        False,
        description="Whether Twilio detects answering machines on the visitor's phone, which "
        "takes a few seconds and costs extra. With Plivo the visitor must press 1 instead.",
    )
    voice_languages: StringList = Field(
        ("en", "hi"),
        min_length=1,
        description="Languages of the voice prompts, as comma-separated codes of languages with a "
        "catalog. With more than one, callers choose.",
    )
    call_in_most_advisors: int = Field(
        3,
        ge=1,
        le=10,
        description="How many advisors are called for one inbound call, one after the other.",
    )
    longest_message_seconds: int = Field(
        120, ge=10, le=300, description="Maximum length of a caller's voicemail, in seconds."
    )
    longest_call_minutes: int = Field(
        120,
        ge=5,
        le=240,
        description="Minutes after which the carrier ends a call.",
    )
    silent_after_seconds: int = Field(
        45,
        ge=5,
        le=600,
        description="How long to wait for a status callback before looking up an attempt at the "
        "carrier, in seconds.",
    )
    lost_after_seconds: int = Field(
        90,
        ge=10,
        le=1800,
        description="How long after a call was requested it counts as never placed if the carrier "
        "does not know it, in seconds.",
    )

    # Text messages
    texts_enabled: bool = Field(
        False,
        description="Whether to send text messages to visitors who agree to them, and to answer "
        "them, until an admin decides it on the page Service (docs/carriers.md). Requires a number "
        "that supports SMS.",
    )
    most_texts_a_day: int = Field(
        20,
        ge=1,
        le=200,
        description="Maximum number of texts to one number in 24 hours, against harassment. "
        "Crisis numbers and replies do not count.",
    )

    # Hosts and proxies
    extra_hosts: StringList = Field(
        (),
        examples=["www.your-organisation.in,10.0.0.5"],
        description="Additional allowed host names, comma-separated; requests for others are "
        "rejected.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="Number of your own proxies in front of the service, each adding to "
        "X-Forwarded-For. -Proto and -Host are set by the first, or added to by each. 0: these "
        "headers are ignored.",
    )

    # Rate limits (docs/abuse.md)
    rate_limit_storage: Annotated[str, AfterValidator(types.redis_address)] = Field(
        "",
        examples=["redis://127.0.0.1:6379/0"],
        description="Shared storage for rate limits on several machines: a Redis URL, such as "
        "redis://host:6379/0. Empty, or while it is not available: each process "
        "counts separately.",
    )
    limit_asks_of_address: Rate = Field(
        "60/minute",
        description="Callback requests allowed from one IP address. Mobile networks put thousands "
        "of people behind one address, so keep it generous.",
    )
    limit_asks_of_number: Rate = Field(
        "10/hour",
        description="Callback requests by text message from one phone.",
    )
    limit_asks_of_region: Rate = Field(
        "600/minute", description="Callback requests allowed for one region."
    )
    limit_asks_of_all: Rate = Field(
        "1200/minute", description="Callback requests allowed in total."
    )
    limit_reads_of_address: Rate = Field(
        "300/minute",
        description="API reads and visits from the contact panel allowed from one IP address.",
    )
    limit_changes_of_address: Rate = Field(
        "60/minute", description="API changes (reschedule or cancel) allowed from one IP address."
    )
    limit_wrong_links_of_address: Rate = Field(
        "30/minute",
        description="Wrong links or tokens allowed from one IP address before it must wait. A "
        "correct one always works.",
    )
    limit_look_ups_of_account: Rate = Field(
        "60/hour",
        description="Requests that one member of staff may look up for callers.",
    )
    most_bookings_an_hour: int = Field(
        10,
        ge=1,
        le=1000,
        description="Open bookings made in the last hour that one network may hold: an IPv4 "
        "address, or an IPv6 /64 (its /56 twice as many, its /48 four times). "
        "Requests for as soon as possible are not limited.",
    )
    slots_kept_percent: int = Field(
        25,
        ge=0,
        le=90,
        description="Share of slots reserved for networks without a booking, in percent.",
    )
    least_fill_seconds: float = Field(
        2.0,
        ge=0,
        le=30,
        description="Minimum time to fill in the form, in seconds. Visitors who send it sooner "
        "are asked to send it again, with their answers kept. 0: no minimum.",
    )

    # Sign-in (docs/staff.md)
    second_factor: Literal["all", "admins", "off"] = Field(
        "all",
        description="Who must use two-factor authentication (an authenticator app or a passkey): "
        "`all` staff, or only `admins` and supervisors. `off` is for development "
        "only. Staff who have set it up are always asked for it.",
    )
    session_idle_minutes: int = Field(
        180,
        ge=15,
        description="Staff are signed out after this long without activity, in minutes. An open "
        "desk that only refreshes itself does not count as activity.",
    )
    session_hours: int = Field(
        12,
        ge=1,
        description="Staff must sign in again after this long, in hours. At most 24 in production.",
    )

    # The worker
    tick_seconds: float = Field(
        1.0, gt=0, le=30, description="Interval between worker runs, in seconds."
    )

    # Logs and metrics
    log_level: Literal["debug", "info", "warning"] = Field(
        "info",
        description="Log level: debug, info (one line per request, except desk refreshes without "
        "changes) or warning. Logs never contain names, phone numbers, notes or "
        "addresses of visitors' pages.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for reading /metrics. Empty: /metrics is disabled.",
    )

    # Development only
    clock_offset_seconds: float = Field(
        0.0,
        description="How many seconds the service's clock is ahead of real time "
        '(`make run AT="2026-11-23 17:58"` sets it).',
    )
    clock_speed: float = Field(
        1.0,
        gt=0,
        le=1000,
        description="Speed of the service's clock: it shows the seconds since 1970 times this "
        "factor, plus the offset (`make simulate`).",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_a_value(cls, value: object) -> object:
        """A script that writes an unset value leaves such a word, which would become a path."""
        if isinstance(value, str) and value.strip().lower() in _UNSET:
            raise ValueError(f"{value.strip()} is not a value; leave it empty or remove it")
        return value

    @field_validator(
        "allowed_regions",
        "site_languages",
        "site_names",
        "spoken_languages",
        "voice_languages",
        "field_keys",
        "twilio_shared_keys",
        "extra_hosts",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        """Lists are comma-separated in the environment."""
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @field_validator("helpline_number", "caller_id", "plivo_caller_id")
    @classmethod
    def _number(cls, value: str, info: ValidationInfo) -> str:
        """Return the number as a phone dials it. Of a wrong region only the region is reported."""
        region = info.data.get("default_region")
        if region is None or (info.field_name != "helpline_number" and not value.strip()):
            return ""
        if info.field_name != "helpline_number":
            return types.calling_number(value, region)
        return types.dialled_number(value, region)

    @field_validator("allowed_regions")
    @classmethod
    def _regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(types.region(code) for code in value))

    @field_validator("site_languages", "spoken_languages", "voice_languages")
    @classmethod
    def _languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(types.language(code) for code in value))

    @field_validator("site_names")
    @classmethod
    def _site_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return types.names_by_language(value)

    @field_validator("extra_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(types.host_name(name) for name in value)

    @field_validator("site_languages", "voice_languages")
    @classmethod
    def _with_a_catalog(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= set(catalogs.available()):
            raise ValueError(f"must be one or more of {', '.join(catalogs.available())}")
        return value

    @field_validator("field_keys")
    @classmethod
    def _fernet_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            raise ValueError("at least one key is required")
        for key in value:
            types.field_key(key.get_secret_value())
        return value

    @field_validator("tombstone_file", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("tombstone_file")
    @classmethod
    def _file(cls, value: Path | None) -> Path | None:
        if value is not None and value.is_dir():
            raise ValueError(f"{value} is a folder, not a file")
        return value

    @field_validator("tombstone_file", "public_dir")
    @classmethod
    def _absolute(cls, value: Path | str | None) -> Path | str | None:
        """Resolve paths, so that every process uses the same one in whichever folder it starts."""
        if value and not Path(value).is_absolute():
            raise ValueError("must be an absolute path (starting with /)")
        return value

    @field_validator("instance_dir", mode="before")
    @classmethod
    def _not_empty(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise ValueError("must name a folder")
        return value

    @field_validator("instance_dir")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if value.exists() and not value.is_dir():
            raise ValueError(f"{value} is not a folder")
        return value.absolute()

    @model_validator(mode="after")
    def _exit_leads_elsewhere(self) -> Settings:
        """The quick exit must not lead to another page of the helpline."""
        own_hosts = {urlsplit(self.public_url).hostname, *self.extra_hosts}
        if urlsplit(self.safe_exit_url).hostname in own_hosts:
            raise ValueError(
                "HELPLINE_SAFE_EXIT_URL points to the helpline itself; use another website, for "
                "example HELPLINE_SAFE_EXIT_URL=https://www.wikipedia.org/"
            )
        return self

    @model_validator(mode="after")
    def _fail_closed(self) -> Settings:
        """Refuse to start rather than run unsafely."""
        for name, least in (("secret_key", 32), ("password_salt", 16), ("phone_index_key", 32)):
            if len(getattr(self, name).get_secret_value()) < least:
                raise ValueError(
                    f"HELPLINE_{name.upper()} needs at least {least} characters; create one with "
                    f"{_RANDOM_TEXT}"
                )
        if (self.clock_offset_seconds or self.clock_speed != 1) and (
            self.environment == "production" or self.uses_real_carrier
        ):
            raise ValueError(
                "a simulated clock cannot be used in production or with a real carrier account"
            )
        if self.twilio_account_sid and not (
            self.twilio_auth_token.get_secret_value() and self.caller_id
        ):
            raise ValueError(
                "HELPLINE_TWILIO_ACCOUNT_SID requires HELPLINE_TWILIO_AUTH_TOKEN and "
                "HELPLINE_CALLER_ID"
            )
        if self.plivo_auth_id and not (
            self.plivo_auth_token.get_secret_value() and self.plivo_caller_id
        ):
            raise ValueError(
                "HELPLINE_PLIVO_AUTH_ID requires HELPLINE_PLIVO_AUTH_TOKEN and "
                "HELPLINE_PLIVO_CALLER_ID"
            )
        return self

    @model_validator(mode="after")
    def _no_demo_in_production(self) -> Settings:
        if self.environment != "production":
            return self
        for name in ("secret_key", "password_salt", "phone_index_key"):
            secret = getattr(self, name).get_secret_value()
            if len(set(secret)) < 8 or any(word in secret.lower() for word in _PLACEHOLDERS):
                raise ValueError(
                    f"HELPLINE_{name.upper()} must be random in production; create one with "
                    f"{_RANDOM_TEXT}"
                )
        for name in (
            "metrics_token",
            "twilio_auth_token",
            "twilio_secondary_auth_token",
            "plivo_auth_token",
            "plivo_secondary_auth_token",
        ):
            secret = getattr(self, name).get_secret_value()
            if any(word in secret.lower() for word in _PLACEHOLDERS):
                raise ValueError(f"HELPLINE_{name.upper()} is a placeholder")
        if self.demo_staff_file.exists():
            raise ValueError(
                f"{self.demo_staff_file} lists demo staff with known passwords; production needs "
                "its own instance folder and database"
            )
        return self

    @model_validator(mode="after")
    def _no_placeholders_in_production(self) -> Settings:
        if self.environment != "production":
            return self
        if self.helpline_number == EXAMPLE_NUMBER:
            raise ValueError(
                "HELPLINE_HELPLINE_NUMBER must be set in production to the number on which "
                f"visitors call you; {EXAMPLE_NUMBER} is only an example. "
                + _example("helpline_number")
            )
        for name in ("caller_id", "plivo_caller_id"):
            if getattr(self, name) == EXAMPLE_NUMBER:
                raise ValueError(
                    f"HELPLINE_{name.upper()} must be your own number; {EXAMPLE_NUMBER} is only an "
                    f"example. {_example(name)}"
                )
        examples = {"twilio_account_sid": EXAMPLE_ACCOUNT_SID, "plivo_auth_id": EXAMPLE_AUTH_ID}
        for name, example in examples.items():
            if self.uses_real_carrier and getattr(self, name) == example:
                raise ValueError(f"HELPLINE_{name.upper()} is the demo account. {_example(name)}")
        host = f".{urlsplit(self.public_url).hostname}"
        if "public_url" not in self.model_fields_set or host.endswith(
            tuple(f".{domain}" for domain in _RESERVED_DOMAINS)
        ):
            raise ValueError(
                "HELPLINE_PUBLIC_URL must be set in production to the public URL of this "
                f"service. {_example('public_url')}"
            )
        return self

    @model_validator(mode="after")
    def _sign_in_of_production(self) -> Settings:
        if self.second_factor == "off" and self.environment == "production":
            raise ValueError("HELPLINE_SECOND_FACTOR must be all or admins in production, not off")
        if self.session_hours > 24 and self.environment == "production":
            raise ValueError("HELPLINE_SESSION_HOURS must be 24 or less in production")
        return self

    @model_validator(mode="after")
    def _texts_need_a_carrier(self) -> Settings:
        if self.texts_enabled and not self.has_carrier:
            raise ValueError("HELPLINE_TEXTS_ENABLED requires a carrier account")
        return self

    def name_in(self, language: str) -> str | None:
        """Return the operator's name of the service in a language; None for the default name."""
        names = dict(entry.split("=", 1) for entry in self.site_names)
        default_name = None if self.site_name == DEFAULT_NAME else self.site_name
        return names.get(language.replace("-", "_"), default_name)

    @property
    def has_carrier(self) -> bool:
        """Return whether a carrier places the calls; otherwise advisors use their own phones."""
        return bool(self.twilio_account_sid or self.plivo_auth_id)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Return all secrets that the carrier may have signed a webhook with."""
        settings = (
            self.twilio_auth_token,
            self.twilio_secondary_auth_token,
            *self.twilio_shared_keys,
        )
        return tuple(secret.get_secret_value() for secret in settings if secret.get_secret_value())

    @property
    def uses_real_carrier(self) -> bool:
        """Return whether calls cost money and reach real phones."""
        accounts = (
            (self.twilio_account_sid, self.twilio_base_url),
            (
                self.plivo_auth_id,
                self.plivo_base_url or _REAL_PLIVO,
            ),
        )
        return any(
            account and (urlsplit(url).hostname or "").endswith(_REAL_CARRIER_HOSTS)
            for account, url in accounts
        )

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database URL with our driver in it."""
        return _with_driver(self.database_url, self.instance_dir)

    @property
    def shown_database(self) -> str:
        """Return the database URL without its password."""
        return sa.make_url(self.sqlalchemy_url).render_as_string(hide_password=True)

    @property
    def settings_file(self) -> Path:
        return self.instance_dir / SETTINGS_FILE

    @property
    def demo_staff_file(self) -> Path:
        return self.instance_dir / "demo_staff.txt"

    @property
    def tombstones(self) -> Path:
        return self.tombstone_file or self.instance_dir / "tombstones.jsonl"

    @property
    def published_crisis_page(self) -> Path:
        """Return the page that the proxy serves while this service does not answer."""
        folder = Path(self.public_dir) if self.public_dir else self.instance_dir / "public"
        return folder / "crisis.html"

    @property
    def published_crisis_file(self) -> Path:
        """Return the file from which the crisis page is rendered when the database is down."""
        return self.instance_dir / "crisis_directory.json"


def prepare_metrics_folder() -> None:
    """Create the folder of shared metrics; on failure each web process counts by itself."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return
    with suppress(OSError):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        click.echo(f"PROMETHEUS_MULTIPROC_DIR={folder} cannot be used.", err=True)
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def environment_variable(name: str) -> str:
    field = Settings.model_fields.get(name)
    if field is not None and isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return f"HELPLINE_{name}".upper()


def describe_errors(error: ValidationError) -> list[str]:
    """Return one line for each wrong setting, with its name and a right example.

    It contains no value of a secret.
    """
    return [
        _problem(dict(detail)) for detail in error.errors(include_input=False, include_url=False)
    ]


def _problem(error: dict[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message  # It concerns several, and names them.
    name = str(error["loc"][0])
    if name not in Settings.model_fields:  # An alias.
        name = next(
            (field for field in Settings.model_fields if environment_variable(field) == name), name
        )
    if error["type"] == "missing":
        message = "must be set"
    example = _example(name)
    return f"{environment_variable(name)}: {message}.{f' {example}' if example else ''}"


def _example(name: str) -> str:
    """Return "For example HELPLINE_DEFAULT_REGION=IN"; for a secret, how to create one."""
    if name == "field_keys":
        return f"Create one with {_RANDOM_KEY}"
    field = Settings.model_fields.get(name)
    if field is None or name in ("secret_key", "password_salt", "phone_index_key"):
        return f"Create one with {_RANDOM_TEXT}"
    shown = field.examples or ([] if field.default is None else [field.default])
    texts = (",".join(item) if isinstance(item, tuple) else str(item) for item in shown)
    quoted = (f'"{item}"' if " " in item else item for item in texts)
    written = [f"{environment_variable(name)}={item}" for item in quoted if item]
    return f"For example {' or '.join(written)}" if written else ""


def load() -> Settings:
    """Load the settings from the environment and the instance folder.

    Raises:
        InvalidSettings: a setting is missing or wrong; the message names it.
    """
    if prefix := os.environ.get("SCRIPT_NAME"):
        raise InvalidSettings(
            f"SCRIPT_NAME={prefix} is set, but the service cannot run below a path. Remove it; the "
            "service needs its own host name, such as a subdomain."
        )
    file = instance_dir() / SETTINGS_FILE
    try:
        return Settings(_env_file=file)  # type: ignore[call-arg]
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in describe_errors(error))
        source = f"{file} and the environment" if file.exists() else f"no {file}; environment"
        raise InvalidSettings(f"Invalid settings ({source}):\n{lines}") from None
