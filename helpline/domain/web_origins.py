"""Origins of websites, and the page of a visit without personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from helpline.domain.errors import DomainError

LONGEST_PAGE = 300
LONGEST_TITLE = 200
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1"})
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_USUAL_PORTS = {"https": 443, "http": 80}
_LONGEST_HOST = 253


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
        if parts.scheme not in _USUAL_PORTS or len(host) > _LONGEST_HOST or parts.username:
            raise InvalidOrigin("Enter the address of a website, such as example.org.")
        if not _HOST.fullmatch(host) or (host not in _OWN_MACHINE and "." not in host):
            raise InvalidOrigin("Enter the address of a website, such as example.org.")
        if parts.scheme == "http" and host not in _OWN_MACHINE:
            raise InvalidOrigin(
                "The address must start with https://, so that the connection is encrypted."
            )
        shown_port = "" if port in (None, _USUAL_PORTS[parts.scheme]) else f":{port}"
        return cls(f"{parts.scheme}://{host}{shown_port}")


def page_of(address: str | None) -> str | None:
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
    return _printable(path)[:LONGEST_PAGE] if path.startswith("/") else None


def title_of(title: str | None) -> str | None:
    """Return a page title on one line, at most 200 characters; None for none."""
    return _printable(" ".join((title or "").split()))[:LONGEST_TITLE] or None


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())
