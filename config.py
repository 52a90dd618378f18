"""Typed settings, checked at start. This is the only file that reads the environment.

What an operator decides at deployment stands here; what an admin decides while the service
runs (hours, capacity, retries, wording, numbers) is data in the database. Nothing is both.
Values come from the environment (prefix HELPLINE_; DATABASE_URL without it) and from
``instance/helpline.env``, which ``make run`` writes with fresh secrets on a new machine.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import click
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
from helpline.languages import catalogs

ROOT = Path(__file__).resolve().parent
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "password", "example")
REAL_CARRIER = "https://api.twilio.com"
_REAL_CARRIER_HOSTS = ".twilio.com"
"""In any of the carrier's regions: api.twilio.com, api.dublin.ie1.twilio.com and so on."""
EXAMPLE_NUMBER = "+911140000000"
"""Of no helpline; demos and development use it."""
EXAMPLE_ACCOUNT_SID = "AC" + "0" * 31 + "1"
_RESERVED_DOMAINS = ("example", "example.com", "example.net", "example.org", "invalid", "test")
"""RFC 2606: no website can be there."""
_UNSET = ("none", "null", "undefined")
_RANDOM_TEXT = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
_RANDOM_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)

Words = Annotated[tuple[str, ...], NoDecode]
DEFAULT_NAME = "Helpline"
Rate = Annotated[str, AfterValidator(types.rate)]
Name = Annotated[str, AfterValidator(types.name)]


class InvalidSettings(click.ClickException):
    """The settings are wrong; the message names each and shows a right example."""


def _one_host_in_front(address: str) -> str:
    """SQLAlchemy takes several hosts as parameters only: ``user@a:1,b:2/name?x`` becomes
    ``user@/name?host=a:1&host=b:2&x``, which the driver tries in turn."""
    who, at, rest = address.rpartition("@")
    hosts, slash, name = rest.partition("/")
    if "," not in hosts:
        return address
    name, _, more = name.partition("?")
    wanted = [f"host={each if ':' in each else each + ':5432'}" for each in hosts.split(",")]
    return f"{who}{at}{slash or '/'}{name}?{'&'.join([*wanted, *([more] if more else [])])}"


def _with_driver(address: str, instance: Path) -> str:
    if not address:
        return f"sqlite:///{instance / 'helpline.sqlite3'}"
    scheme, colon, rest = address.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{colon}{_one_host_in_front(rest)}"
    return address


def database_address(instance: Path) -> str:
    """The address of the database before there are any secrets, and so no settings."""
    names = ("DATABASE_URL", "HELPLINE_DATABASE_URL")
    address = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return _with_driver(address, instance)


class Settings(BaseSettings):
    """Everything an operator may set. Each field's description is its line in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix="HELPLINE_",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # Secrets are among it.
    )

    # Where things are
    instance_dir: Path = Field(
        ROOT / "instance",
        description="Folder for secrets, the SQLite file and the published crisis directory.",
    )
    database_url: Annotated[str, AfterValidator(types.database_address)] = Field(
        "",
        examples=["postgresql://helpline:secret@127.0.0.1/helpline"],
        validation_alias=AliasChoices("DATABASE_URL", "HELPLINE_DATABASE_URL", "database_url"),
        description="SQLAlchemy address of the database; empty: a SQLite file in the instance "
        "folder. PostgreSQL: postgresql://user:password@host/name.",
    )
    tombstone_file: Path | None = Field(
        None,
        examples=["/backup/helpline/tombstones.jsonl"],
        description="File of what ended or was erased, which restoring a backup needs "
        "(docs/running.md). Empty: tombstones.jsonl in the instance folder; better on another "
        "disk.",
    )
    tombstone_days: int = Field(
        90,
        ge=30,
        le=3650,
        description="How long a line of that file is kept, in days: longer than any backup.",
    )
    public_dir: str = Field(
        "",
        examples=["/var/cache/helpline"],
        description="Folder for the crisis page that the web server in front shows while this "
        "service does not answer; that server must be able to read it. Empty: `public` in the "
        "instance folder.",
    )
    public_url: Annotated[str, AfterValidator(types.base_address)] = Field(
        "http://127.0.0.1:8000",
        examples=["https://help.your-organisation.in"],
        description="The address at which visitors and the carrier reach this service: scheme and "
        "host, without a path. Must be set in production. Carrier signatures are checked "
        "against it.",
    )
    environment: Literal["production", "development"] = Field(
        "production",
        description="development allows a simulated clock and cookies over plain HTTP.",
    )

    # Secrets
    secret_key: SecretStr = Field(description="Signs sessions and status links; 32+ characters.")
    password_salt: SecretStr = Field(
        description="Salt of Flask-Security's password hashes; 16+ characters."
    )
    field_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        description="Fernet keys for names, numbers and notes, newest first, comma-separated."
    )
    phone_index_key: SecretStr = Field(
        description="Key of the hash by which a phone number is looked up; 32+ characters."
    )

    # The helpline, as visitors see it
    site_name: Annotated[str, AfterValidator(types.site_name)] = Field(
        DEFAULT_NAME,
        description="Name shown in the header of every page, and said to callers.",
    )
    site_names: Words = Field(
        (),
        examples=["hi=जीवन हेल्पलाइन"],
        description="The name in other languages, comma-separated: code=name. Where a language is "
        "missing it has HELPLINE_SITE_NAME.",
    )
    default_region: Annotated[str, AfterValidator(types.region)] = Field(
        "IN",
        description="Region whose crisis numbers are shown first (two letters), and to which "
        "phone numbers without a country code belong.",
    )
    helpline_number: str = Field(
        EXAMPLE_NUMBER,
        examples=["+91 11 2345 6789", "14416"],
        description="The number on which visitors call the advisors, as people write it; a short "
        "code is fine. Must be set in production.",
    )
    allowed_regions: Words = Field(
        ("IN",),
        min_length=1,
        examples=["IN,NP"],
        description="Regions whose phone numbers may ask for a callback, comma-separated.",
    )
    site_languages: Words = Field(
        (),
        examples=["en,hi"],
        description="Languages of the visitors' pages, comma-separated codes; the first is the one "
        "of addresses without a language. Empty: English, then every other there is a catalog of "
        "(docs/languages.md).",
    )
    spoken_languages: Words = Field(
        ("en", "hi"),
        min_length=1,
        description="Languages a visitor may ask to speak, comma-separated codes.",
    )
    default_time_zone: Annotated[str, AfterValidator(types.time_zone)] = Field(
        "Asia/Kolkata",
        description="Time zone of the opening hours until an admin sets another.",
    )
    safe_exit_url: Annotated[str, AfterValidator(types.site_address)] = Field(
        "https://www.wikipedia.org/",
        description="Where 'Exit this page' leads until an admin sets another neutral site.",
    )
    phone_shows_name: Name = Field(
        "",
        description="The name that phones may show when we ring, where the network displays the "
        "name under which the number is registered. Visitors read it before they ask.",
    )

    # The carrier
    twilio_account_sid: Annotated[str, AfterValidator(types.account_sid)] = Field(
        "",
        examples=["AC0123456789abcdef0123456789abcdef"],
        description="Twilio account; empty: advisors ring from their own phones.",
    )
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="Twilio auth token; signs and checks webhooks."
    )
    twilio_secondary_auth_token: SecretStr = Field(
        SecretStr(""),
        description="The account's other auth token while it is being changed: webhooks signed "
        "with either are accepted, and the other is used where the first is refused "
        "(docs/running.md). Empty: there is one.",
    )
    twilio_shared_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Secrets of Twilio's shared keys, comma-separated, where a webhook rule of the "
        "account signs with one (HMAC-SHA256) in place of the auth token.",
    )
    twilio_base_url: Annotated[str, AfterValidator(types.api_address)] = Field(
        REAL_CARRIER,
        description="Base address of the carrier's REST API; the simulated network's in demos.",
    )
    caller_id: str = Field(
        "",
        examples=["+91 11 2345 6789"],
        description="The number that calls come from, owned by the account.",
    )
    carrier_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long a request to the carrier may take, in seconds."
    )
    calls_per_second: float = Field(
        1.0,
        gt=0,
        le=1000,
        description="How many calls the account may start in a second. All workers together ask "
        "for no more; what goes over it would wait at the carrier and could ring after closing.",
    )
    advisor_ring_seconds: int = Field(
        25, ge=5, le=120, description="How long an advisor's phone rings, in seconds."
    )
    visitor_ring_seconds: int = Field(
        30, ge=5, le=120, description="How long a visitor's phone rings, in seconds."
    )
    press_one_seconds: int = Field(
        10, ge=3, le=60, description="How long an advisor has to press 1, in seconds."
    )
    visitor_press_one: bool = Field(
        False,
        description="Whether whoever answers the visitor's phone is asked to press 1 before being "
        "connected, in words that name neither the helpline nor the reason.",
    )
    machine_detection: bool = Field(
        False,
        description="Whether the carrier listens for an answering machine at the visitor's phone; "
        "a machine is not connected. It takes the carrier a few seconds, and costs extra.",
    )
    voice_languages: Words = Field(
        ("en", "hi"),
        min_length=1,
        description="Languages in which callers are spoken to, comma-separated codes of those "
        "there is a catalog of. With more than one, callers are asked which.",
    )
    call_in_most_advisors: int = Field(
        3, ge=1, le=10, description="How many advisors are rung for one call in, one by one."
    )
    longest_message_seconds: int = Field(
        120, ge=10, le=300, description="How long a caller's recorded message may be, in seconds."
    )
    longest_call_minutes: int = Field(
        120, ge=5, le=240, description="A call is ended by the carrier after this many minutes."
    )
    silent_after_seconds: int = Field(
        45,
        ge=5,
        le=600,
        description="An attempt of which nothing was heard for this long is looked up at the "
        "carrier, in seconds.",
    )
    lost_after_seconds: int = Field(
        90,
        ge=10,
        le=1800,
        description="A call the carrier does not know this long after it was asked for was never "
        "made, in seconds.",
    )

    # Texts
    texts_enabled: bool = Field(
        False,
        description="Whether visitors who agree to it are sent texts, and texts to the caller id "
        "are answered (docs/texts.md). Needs a carrier account and a number that can text.",
    )
    most_texts_a_day: int = Field(
        20,
        ge=1,
        le=200,
        description="A number is sent at most so many texts in 24 hours, so that nobody can be "
        "pestered by somebody who types it. Crisis numbers and answers do not count.",
    )

    # The way in
    extra_hosts: Words = Field(
        (),
        examples=["www.your-organisation.in,10.0.0.5"],
        description="Host names beside that of the public address under which the service may be "
        "asked for, comma-separated; every other is refused.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="How many proxies of yours stand in front, each adding to X-Forwarded-For, "
        "-Proto and -Host. 0: those headers are not looked at.",
    )

    # Rate limits (docs/abuse.md)
    rate_limit_storage: Annotated[str, AfterValidator(types.counts_address)] = Field(
        "",
        examples=["redis://127.0.0.1:6379/0"],
        description="Where several machines count together: a Redis, as redis://host:6379/0. "
        "Empty: each process counts by itself. While it is out of reach, each does too.",
    )
    limit_asks_of_address: Rate = Field(
        "60/minute",
        description="How many requests for a call one address may send. Mobile networks put "
        "thousands of people behind one address: leave it generous.",
    )
    limit_asks_of_number: Rate = Field(
        "10/hour",
        description="How many requests count that come by text from one phone.",
    )
    limit_asks_of_region: Rate = Field(
        "600/minute", description="How many requests for a call may come for one region."
    )
    limit_asks_of_all: Rate = Field(
        "1200/minute", description="How many requests for a call may come in all."
    )
    limit_reads_of_address: Rate = Field(
        "300/minute",
        description="How often one address may look something up by the API, or come from the "
        "panel of another website.",
    )
    limit_changes_of_address: Rate = Field(
        "60/minute", description="How often one address may move or cancel by the API."
    )
    limit_wrong_links_of_address: Rate = Field(
        "30/minute",
        description="How many wrong links or tokens one address may try before it is told to "
        "wait. A right one always opens.",
    )
    most_bookings_an_hour: int = Field(
        10,
        ge=1,
        le=1000,
        description="How many open bookings of the last hour one network may hold: an IPv4 "
        "address, or an IPv6 /64 (its /56 twice as many, its /48 four times). As soon as possible "
        "can always be asked for.",
    )
    slots_kept_percent: int = Field(
        25,
        ge=0,
        le=90,
        description="The share of slots that is kept for networks that hold none, in percent.",
    )
    least_fill_seconds: float = Field(
        2.0,
        ge=0,
        le=30,
        description="Whoever sends the form sooner than this after it was shown is asked to send "
        "it once more, with everything kept, in seconds; 0: nobody is.",
    )

    # Who may come in (docs/sign-in.md)
    second_factor: Literal["all", "admins", "off"] = Field(
        "all",
        description="Who must give a code of their app, or a passkey, beside the password: all "
        "staff, or admins and supervisors alone (admins). off: nobody, on a development machine "
        "only. Whoever has set one up is asked for it in any case.",
    )
    session_idle_minutes: int = Field(
        180,
        ge=15,
        description="Staff are signed out when they did nothing for this long, in minutes. A desk "
        "that is left open and only keeps itself up to date does nothing.",
    )
    session_hours: int = Field(
        12,
        ge=1,
        description="Staff sign in anew after this long in any case, in hours; 24 at most in "
        "production.",
    )

    # The worker
    tick_seconds: float = Field(
        1.0, gt=0, le=30, description="Pause between two rounds of the worker, in seconds."
    )

    # Watching it
    log_level: Literal["debug", "info", "warning"] = Field(
        "info",
        description="How much is logged: debug, info (a line for every request, but for desks "
        "that find nothing new) or warning. On no level does a line hold a name, a number, a note "
        "or the address of a visitor's page.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Whoever sends it as a bearer token may read /metrics; empty: nobody may.",
    )

    # Development only
    clock_offset_seconds: float = Field(
        0.0,
        description="Development only: the service's clock is this many seconds ahead of real "
        'time (`make run AT="2026-11-23 17:58"` works it out).',
    )
    clock_speed: float = Field(
        1.0,
        gt=0,
        le=1000,
        description="Development only: so many seconds of the service's clock pass in a real one. "
        "It shows the seconds since 1970 times this, plus the offset (`make simulate`).",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_a_value(cls, value: object) -> object:
        """A script that writes out an unset value leaves such a word, which would be the name of a
        file in whichever folder the service was started in."""
        if isinstance(value, str) and value.strip().lower() in _UNSET:
            raise ValueError(f"{value.strip()} is no value; leave it empty or out")
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
        """Lists are written comma-separated in the environment."""
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return value

    @field_validator("helpline_number", "caller_id")
    @classmethod
    def _number(cls, value: str, info: ValidationInfo) -> str:
        """In the form in which a phone dials it. Where the region is wrong, that alone is said."""
        region = info.data.get("default_region")
        if region is None or (info.field_name == "caller_id" and not value.strip()):
            return ""
        if info.field_name == "caller_id":
            return types.calling_number(value, region)
        return types.dialled_number(value, region)

    @field_validator("allowed_regions")
    @classmethod
    def _regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(types.region(each) for each in value))

    @field_validator("site_languages", "spoken_languages", "voice_languages")
    @classmethod
    def _languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(types.language(each) for each in value))

    @field_validator("site_names")
    @classmethod
    def _site_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return types.names_by_language(value)

    @field_validator("extra_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(types.host_name(each) for each in value)

    @field_validator("site_languages", "voice_languages")
    @classmethod
    def _with_a_catalog(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= set(catalogs.available()):
            raise ValueError(f"choose from {', '.join(catalogs.available())}")
        return value

    @field_validator("field_keys")
    @classmethod
    def _fernet_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            raise ValueError("at least one key is needed")
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
            raise ValueError(f"{value} is a folder; name a file")
        return value

    @field_validator("tombstone_file", "public_dir")
    @classmethod
    def _absolute(cls, value: Path | str | None) -> Path | str | None:
        """The same place for every process, in whichever folder it was started."""
        if value and not Path(value).is_absolute():
            raise ValueError("must be a path that begins with /")
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
        """A visitor who leaves in a hurry must not end on another page of the helpline."""
        own = {urlsplit(self.public_url).hostname, *self.extra_hosts}
        if urlsplit(self.safe_exit_url).hostname in own:
            raise ValueError(
                "HELPLINE_SAFE_EXIT_URL leads to the helpline itself; name another website, for "
                "example HELPLINE_SAFE_EXIT_URL=https://www.wikipedia.org/"
            )
        return self

    @model_validator(mode="after")
    def _fail_closed(self) -> Settings:
        """Refuses to start rather than run unsafely."""
        for name, least in (("secret_key", 32), ("password_salt", 16), ("phone_index_key", 32)):
            if len(getattr(self, name).get_secret_value()) < least:
                raise ValueError(
                    f"HELPLINE_{name.upper()} needs {least} characters or more; make one with "
                    f"{_RANDOM_TEXT}"
                )
        if (self.clock_offset_seconds or self.clock_speed != 1) and (
            self.environment == "production" or self.uses_real_carrier
        ):
            raise ValueError(
                "a simulated clock is refused in production and where a real carrier account is "
                "configured"
            )
        if self.twilio_account_sid and not (
            self.twilio_auth_token.get_secret_value() and self.caller_id
        ):
            raise ValueError(
                "with HELPLINE_TWILIO_ACCOUNT_SID, HELPLINE_TWILIO_AUTH_TOKEN and "
                "HELPLINE_CALLER_ID are needed too"
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
                    f"HELPLINE_{name.upper()} must be random in production; make one with "
                    f"{_RANDOM_TEXT}"
                )
        for name in ("metrics_token", "twilio_auth_token", "twilio_secondary_auth_token"):
            secret = getattr(self, name).get_secret_value()
            if any(word in secret.lower() for word in _PLACEHOLDERS):
                raise ValueError(f"HELPLINE_{name.upper()} is a placeholder")
        if self.demo_staff_file.exists():
            raise ValueError(
                f"{self.demo_staff_file} lists staff whose passwords were shown on a screen: "
                "production needs an instance folder and a database of its own"
            )
        return self

    @model_validator(mode="after")
    def _no_placeholders_in_production(self) -> Settings:
        if self.environment != "production":
            return self
        if self.helpline_number == EXAMPLE_NUMBER:
            raise ValueError(
                "HELPLINE_HELPLINE_NUMBER must be set in production to the number on which "
                f"visitors call you; {EXAMPLE_NUMBER} belongs to nobody. "
                + _example("helpline_number")
            )
        if self.caller_id == EXAMPLE_NUMBER:
            raise ValueError(
                f"HELPLINE_CALLER_ID must be a number of yours; {EXAMPLE_NUMBER} belongs to "
                f"nobody. {_example('caller_id')}"
            )
        if self.uses_real_carrier and self.twilio_account_sid == EXAMPLE_ACCOUNT_SID:
            raise ValueError(
                f"HELPLINE_TWILIO_ACCOUNT_SID is the demo's. {_example('twilio_account_sid')}"
            )
        host = f".{urlsplit(self.public_url).hostname}"
        if "public_url" not in self.model_fields_set or host.endswith(
            tuple(f".{each}" for each in _RESERVED_DOMAINS)
        ):
            raise ValueError(
                "HELPLINE_PUBLIC_URL must be set in production to the address at which visitors "
                f"reach the service. {_example('public_url')}"
            )
        return self

    @model_validator(mode="after")
    def _sign_in_of_production(self) -> Settings:
        if self.second_factor == "off" and self.environment == "production":
            raise ValueError("HELPLINE_SECOND_FACTOR=off is refused in production: all, or admins")
        if self.session_hours > 24 and self.environment == "production":
            raise ValueError("HELPLINE_SESSION_HOURS is 24 at most in production")
        return self

    @model_validator(mode="after")
    def _texts_need_a_carrier(self) -> Settings:
        if self.texts_enabled and not self.has_carrier:
            raise ValueError("HELPLINE_TEXTS_ENABLED needs a carrier account")
        return self

    def name_in(self, language: str) -> str | None:
        """The name that the operator gave the service in a language; None where the name is the
        one that it comes with."""
        names = dict(entry.split("=", 1) for entry in self.site_names)
        own = None if self.site_name == DEFAULT_NAME else self.site_name
        return names.get(language.replace("-", "_"), own)

    @property
    def has_carrier(self) -> bool:
        """Whether calls are made by a carrier (else advisors ring from their own phones)."""
        return bool(self.twilio_account_sid)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """All that the carrier may have signed a webhook with."""
        found = (self.twilio_auth_token, self.twilio_secondary_auth_token, *self.twilio_shared_keys)
        return tuple(each.get_secret_value() for each in found if each.get_secret_value())

    @property
    def uses_real_carrier(self) -> bool:
        """Whether the carrier is the real one, where a call costs money and rings someone."""
        host = urlsplit(self.twilio_base_url).hostname or ""
        return self.has_carrier and host.endswith(_REAL_CARRIER_HOSTS)

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with the driver we use named in it."""
        return _with_driver(self.database_url, self.instance_dir)

    @property
    def demo_staff_file(self) -> Path:
        """The file in which `make run` keeps how its demo staff sign in."""
        return self.instance_dir / "demo_staff.txt"

    @property
    def tombstones(self) -> Path:
        """The file of what ended or was erased."""
        return self.tombstone_file or self.instance_dir / "tombstones.jsonl"

    @property
    def published_crisis_page(self) -> Path:
        """The page that the web server in front shows while this service does not answer."""
        folder = Path(self.public_dir) if self.public_dir else self.instance_dir / "public"
        return folder / "crisis.html"

    @property
    def published_crisis_file(self) -> Path:
        """The file from which the crisis page is rendered when the database is down."""
        return self.instance_dir / "crisis_directory.json"


def prepare_metrics_folder() -> None:
    """Make the folder in which web processes count together. Where that fails, each counts by
    itself: no page is down for it."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return
    with suppress(OSError):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        click.echo(f"PROMETHEUS_MULTIPROC_DIR={folder} cannot be used.", err=True)
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def variable(name: str) -> str:
    """The variable of the environment that sets a field of ``Settings``."""
    field = Settings.model_fields.get(name)
    if field is not None and isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return f"HELPLINE_{name}".upper()


def problems(error: ValidationError) -> list[str]:
    """What is wrong with the settings, a line for each, with its name and a right example.

    No value of a secret is in it.
    """
    return [_problem(dict(each)) for each in error.errors(include_input=False, include_url=False)]


def _problem(error: dict[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message  # It is about several, and names them.
    name = str(error["loc"][0])
    if name not in Settings.model_fields:  # An alias.
        name = next((each for each in Settings.model_fields if variable(each) == name), name)
    if error["type"] == "missing":
        message = "must be set"
    example = _example(name)
    return f"{variable(name)}: {message}.{f' {example}' if example else ''}"


def _example(name: str) -> str:
    """ "For example HELPLINE_DEFAULT_REGION=IN"; how to make one, for a secret."""
    if name == "field_keys":
        return f"Make one with {_RANDOM_KEY}"
    field = Settings.model_fields.get(name)
    if field is None or name in ("secret_key", "password_salt", "phone_index_key"):
        return f"Make one with {_RANDOM_TEXT}"
    shown = field.examples or ([] if field.default is None else [field.default])
    texts = (",".join(each) if isinstance(each, tuple) else str(each) for each in shown)
    quoted = (f'"{each}"' if " " in each else each for each in texts)
    written = [f"{variable(name)}={each}" for each in quoted if each]
    return f"For example {' or '.join(written)}" if written else ""


def load() -> Settings:
    """Reads the settings from the environment and the instance folder.

    Raises:
        InvalidSettings: a setting is missing or wrong; the message names it.
    """
    instance = Path(os.environ.get("HELPLINE_INSTANCE_DIR", ROOT / "instance"))
    try:
        return Settings(_env_file=instance / "helpline.env")  # type: ignore[call-arg]
    except ValidationError as error:
        lines = "\n".join(f"  {each}" for each in problems(error))
        raise InvalidSettings(f"The settings are not right:\n{lines}") from None
