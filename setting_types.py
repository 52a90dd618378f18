"""Parsers of setting values.

Each takes what an operator wrote and returns its canonical value, or raises ValueError with the
reason. config.py adds the setting's name and an example.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import limits
import sqlalchemy as sa
from babel import Locale
from cryptography.fernet import Fernet

from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.phone_numbers import calling_regions, own_number, public_number

_PLIVO_AUTH_ID = re.compile(r"[MS]A[0-9A-Z]{18}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}", re.IGNORECASE)
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
_LONGEST_NAME = 80
_PHONE_PROBLEMS = {
    PhoneProblem.EMPTY: "it is empty",
    PhoneProblem.NOT_A_NUMBER: "it is not a phone number",
    PhoneProblem.TOO_SHORT: "it has too few digits",
    PhoneProblem.TOO_LONG: "it has too many digits",
    PhoneProblem.PREMIUM_RATE: "it is a premium-rate number",
    PhoneProblem.EMERGENCY: "it is an emergency number, not the helpline's own",
    PhoneProblem.SHORT_NUMBER: "a short code cannot be used here",
}
_DATABASES = ("postgresql", "postgres", "sqlite")
_REDIS_SCHEMES = ("redis", "rediss", "redis+sentinel", "redis+cluster", "redis+unix")


def region(text: str) -> str:
    """Parse an ISO 3166 code: "IN"."""
    code = text.strip().upper()
    if code in calling_regions():
        return code
    meant = _code_of_name(text, "territories", calling_regions().__contains__)
    raise ValueError(f"{text!r} is not a two-letter region code{meant}")


def language(text: str) -> str:
    """Parse the code of a language in CLDR: "hi", "zh_Hant"."""
    first, *rest = text.strip().replace("-", "_").split("_")
    parts = (part.title() if len(part) == len("Hant") else part.upper() for part in rest)
    code = "_".join((first.lower(), *parts))
    if code in Locale("en").languages:
        return code
    meant = _code_of_name(text, "languages", lambda code: "_" not in code)
    raise ValueError(f"{text!r} is not a language code{meant}")


def dialled_number(text: str, region: str) -> str:
    """Parse the number that visitors call, as a phone dials it. It may be a short code."""
    return _number(public_number, text, region)


def calling_number(text: str, region: str) -> str:
    """Parse a caller ID in E.164."""
    return _number(own_number, text, region)


def base_address(text: str) -> str:
    """Parse a scheme and a host, and nothing behind them: "https://help.example.org"."""
    parts = _web_address(text)
    if parts.path.strip("/"):
        raise ValueError(
            f"it has a path ({parts.path}); the service needs its own host name, such as a "
            "subdomain"
        )
    if parts.query or parts.fragment:
        raise ValueError("remove everything after the host name")
    host, port = _canonical(parts.hostname or ""), f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def api_address(text: str) -> str:
    """Parse the base URL of an API, without a final slash."""
    parts = _web_address(text)
    if parts.query or parts.fragment:
        raise ValueError("it must not have a query or a fragment")
    return text.strip().rstrip("/")


def optional_api_address(text: str) -> str:
    """Parse the base URL of an API; empty for the default one."""
    return api_address(text) if text.strip() else ""


def site_address(text: str) -> str:
    """Parse the URL of another website, with its scheme: "https://www.wikipedia.org/"."""
    address = text.strip()
    if _web_address(address).scheme != "https":
        raise ValueError("it must start with https://")
    if not (address.isascii() and address.isprintable()):
        raise ValueError("use ASCII characters only, without spaces")
    return address


def host_name(text: str) -> str:
    """Parse a host name or IP address without scheme, port or path, in lower case; an IPv6 address
    with or without brackets.
    """
    name = text.strip().lower()
    if _is_ipv6(inner := name.removeprefix("[").removesuffix("]")):
        return _canonical(inner)
    if not _HOST.fullmatch(name):
        raise ValueError(f"{text!r} is not a host name; leave out the scheme, port and path")
    return name


def time_zone(text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (OSError, ValueError, KeyError) as error:  # KeyError: unknown name.
        raise ValueError(f"{text!r} is not a time zone name") from error


def rate(text: str) -> str:
    """Parse a rate limit: "60/minute"."""
    try:
        limit = limits.parse(text)
    except ValueError as error:
        raise ValueError("it is not a rate such as 60/minute") from error
    if limit.amount < 1:
        raise ValueError("it would refuse every request")
    return text.strip()


def database_address(text: str) -> str:
    """Parse SQLAlchemy's URL of a SQLite or PostgreSQL database; empty: the default one."""
    address = text.strip()
    if not address:
        return ""
    scheme, separator, _ = address.partition("://")
    if not separator or scheme.partition("+")[0] not in _DATABASES:
        raise ValueError("it must start with postgresql:// or sqlite:///")
    try:
        # Several hosts are parameters in SQLAlchemy; config.py moves them there.
        sa.make_url(address if "," not in address else f"{scheme}://")
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("it is not a valid database address") from None  # It contains a password.
    return address


def redis_address(text: str) -> str:
    """Parse the URL of a Redis shared by machines for rate limits; empty: none."""
    address = text.strip()
    if address and (
        address.partition("://")[0] not in _REDIS_SCHEMES or not address.partition("://")[2]
    ):
        raise ValueError("it must start with redis:// or rediss:// and include a host")
    return address


def account_sid(text: str) -> str:
    """Parse the SID of a Twilio account; empty: none."""
    sid = text.strip()
    if sid and not _ACCOUNT_SID.fullmatch(sid):
        raise ValueError("an account SID starts with AC, followed by 32 hexadecimal digits")
    return sid


def plivo_auth_id(text: str) -> str:
    """Parse the auth ID of a Plivo account or subaccount; empty: none."""
    auth_id = text.strip()
    if auth_id and not _PLIVO_AUTH_ID.fullmatch(auth_id):
        raise ValueError("an auth ID starts with MA or SA, followed by 18 letters and digits")
    return auth_id


def name(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > _LONGEST_NAME:
        raise ValueError(f"it is longer than {_LONGEST_NAME} characters")
    if not plain.isprintable():
        raise ValueError("it has characters that cannot be displayed")
    return plain


def site_name(text: str) -> str:
    """Parse the name of the service, which is on every page."""
    plain = name(text)
    if not plain:
        raise ValueError("it is empty")
    return plain


def names_by_language(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Parse names of the service, each as code=name; one per language."""
    names: dict[str, str] = {}
    for entry in entries:
        code, separator, text = entry.partition("=")
        if not separator:
            raise ValueError(f"write {entry.strip()!r} as code=name, such as hi=हेल्पलाइन")
        parsed_code = language(code)
        if parsed_code in names:
            raise ValueError(f"{parsed_code} is given twice")
        names[parsed_code] = site_name(text)
    return tuple(f"{code}={text}" for code, text in names.items())


def field_key(secret: str) -> str:
    try:
        Fernet(secret)
    except ValueError:
        raise ValueError("each key must be 32 bytes in URL-safe base64") from None
    return secret


def _number(read: Callable[[str, str], str], text: str, region: str) -> str:
    try:
        return read(text, region)
    except InvalidPhoneNumber as problem:
        wrong = _PHONE_PROBLEMS.get(problem.reason, f"no such number exists in {region}")
        raise ValueError(f"{text!r} cannot be used: {wrong}") from None


def _canonical(host: str) -> str:
    """Return an IPv6 address as browsers write it; any other host unchanged."""
    return IPv6Address(host).compressed if _is_ipv6(host) else host


def _is_ipv6(host: str) -> bool:
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _web_address(text: str) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("it is not a valid web address") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError("it must start with https:// or http://")
    if "@" in parts.netloc or not host or not (_HOST.fullmatch(host) or ":" in host):
        raise ValueError("it must have a host name and must not have a user name or password")
    return parts


def _code_of_name(text: str, names: str, is_usable: Callable[[str], bool]) -> str:
    match = _codes(names).get(text.strip().casefold())
    return f"; use {match}" if match and is_usable(match) else ""


@cache
def _codes(names: str) -> dict[str, str]:
    entries = getattr(Locale("en"), names)
    return {str(label).casefold(): str(code) for code, label in entries.items()}
