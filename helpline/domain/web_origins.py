"""Origins of websites, and the page of a visit without personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from helpline.domain.errors import DomainError

MAX_PATH_LENGTH = 300
MAX_TITLE_LENGTH = 200
_LOCALHOST = frozenset({"localhost", "127.0.0.1"})
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_MAX_HOST_LENGTH = 253


class InvalidOrigin(DomainError):
    """Not the address of a website that could be allowed. The message says why, for admins."""


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A web origin (RFC 6454, section 6): "https://example.org"."""

    text: str

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Parse an address of any page of a site, as an admin types or pastes it.

        Args:
            typed: such as "example.org" or "https://example.org/articles/sleep".

        Raises:
            InvalidOrigin: it names no site, or one without HTTPS other than localhost.
        """
        typed = typed.strip()
        try:
            parts = urlsplit(typed if "://" in typed else f"https://{typed}")
            host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        except (ValueError, UnicodeError) as problem:
            raise InvalidOrigin("Enter the address of a website, such as example.org.") from problem
        if parts.scheme not in _DEFAULT_PORTS or len(host) > _MAX_HOST_LENGTH or parts.username:
            raise InvalidOrigin("Enter the address of a website, such as example.org.")
        if not _HOST.fullmatch(host) or (host not in _LOCALHOST and "." not in host):
            raise InvalidOrigin("Enter the address of a website, such as example.org.")
        if parts.scheme == "http" and host not in _LOCALHOST:
            raise InvalidOrigin(
                "The address must start with https://, so that the connection is encrypted."
            )
        shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
        return cls(f"{parts.scheme}://{host}{shown_port}")


def path_of_page(address: str | None) -> str | None:
    """Return the path of a page without query and fragment, at most 300 characters.

    Args:
        address: a path or a whole address, as another website sent it.

    Returns:
        None where there is no path.
    """
    if not address:
        return None
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    return _printable(path)[:MAX_PATH_LENGTH] if path.startswith("/") else None


def title_of_page(title: str | None) -> str | None:
    """Return a page title on one line, at most 200 characters; None for none."""
    return _printable(" ".join((title or "").split()))[:MAX_TITLE_LENGTH] or None


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
