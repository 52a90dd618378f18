"""Outgoing webhooks: addresses, messages, signatures, retries.

Messages follow Standard Webhooks (https://www.standardwebhooks.com).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urlsplit

from helpline.domain.errors import DomainError

MAX_URL_LENGTH = 300
_DEFAULT_PORTS = {"https": 443, "http": 80}
_SECRET_PREFIX = "whsec_"  # noqa: S105
_SECRET_BYTES = 32
_EMBEDS_IPV4 = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"),
)
RETRY_PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (0.25, 1, 5, 30, 60, 120, 240, 360, 620)
)
"""Before each retry; together a day. After the last, a delivery has failed."""
OLD_SECRET_SIGNS_FOR = timedelta(days=1)
"""After a rotation, so that the other system can change its secret without losing a message."""


class WebhookEvent(StrEnum):
    """What a webhook reports. A callback's end is named as its status; ``CORRECTED`` is that the
    outcome of an ended one has changed.
    """

    REQUESTED = "callback.requested"
    REACHED = "callback.reached"
    UNREACHED = "callback.unreached"
    CANCELLED = "callback.cancelled"
    EXPIRED = "callback.expired"
    CORRECTED = "callback.corrected"
    TEST = "webhook.test"


class DeliveryProblem(StrEnum):
    """Why a delivery was not accepted."""

    ADDRESS = "address"
    """The host is in a private network."""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    STATUS = "status"
    """It answered, but with another status than 2xx."""
    SECRET = "secret"  # noqa: S105
    """The secret cannot be decrypted."""
    DISABLED = "disabled"


class InvalidWebhookUrl(DomainError):
    """Not an address that webhooks can be sent to. The message says why, for admins."""


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an endpoint's address that a request needs.

    Args:
        netloc: host and port as the Host header has them.
        path: with the query.
    """

    secure: bool
    host: str
    port: int
    netloc: str
    path: str

    @classmethod
    def parse(cls, url: str, *, allow_private: bool) -> Self:
        """Parse an endpoint's address.

        Args:
            allow_private: whether plain HTTP and private networks are allowed, for development.

        Raises:
            InvalidWebhookUrl: it is not complete, not HTTPS, or in a private network.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise InvalidWebhookUrl(_INCOMPLETE) from error
        is_plain = url.isascii() and url.isprintable() and not set(url) & set(" \\")
        if not (host and is_plain) or len(url) > MAX_URL_LENGTH or "@" in parts.netloc:
            raise InvalidWebhookUrl(_INCOMPLETE)
        if parts.scheme != "https" and not (parts.scheme == "http" and allow_private):
            raise InvalidWebhookUrl(_NOT_HTTPS)
        if not allow_private and not _may_be_public(host):
            raise InvalidWebhookUrl(_PRIVATE)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        port = port or _DEFAULT_PORTS[parts.scheme]
        return cls(parts.scheme == "https", host, port, parts.netloc, path)


_INCOMPLETE = "Enter a complete address, such as https://example.org/webhooks"
_NOT_HTTPS = "The address must start with https://, so that the connection is encrypted."
_PRIVATE = "The address must be on the internet, not in a private network."


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:  # A name; its addresses are checked at every connection.
        return "." in host and not host.rstrip(".").endswith((".localhost", ".local", ".internal"))


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet.

    Raises:
        ValueError: it is no IP address.
    """
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.teredo is not None or any(ip in network for network in _EMBEDS_IPV4):
            return False
    return ip.is_global and not ip.is_multicast


def new_secret() -> str:
    """Return a new random secret, in the form of Standard Webhooks."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_message_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


def body_of(event: WebhookEvent, callback_id: int | None, occurred_at: datetime) -> bytes:
    """Return the body of a message: ids and times only, the same for every attempt.

    Args:
        callback_id: None for a test.
    """
    data = {} if callback_id is None else {"callback_id": callback_id}
    moment = occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
    message = {"type": event, "timestamp": moment.replace("+00:00", "Z"), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def signed_headers(
    message_id: str, body: bytes, secrets_in_use: list[str], *, now: datetime
) -> dict[str, str]:
    """Return the headers of an attempt.

    Args:
        secrets_in_use: the newest first; each makes a signature.
    """
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets_in_use),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
