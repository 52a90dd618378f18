"""Addresses that others send us, in a header or a query, and the one they ask from. They may be
anything at all."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

NOWHERE = SplitResult("", "", "", "", "")


def split(told: str) -> SplitResult:
    """The parts of an address; those of none where it is not one."""
    try:
        return urlsplit(told)
    except ValueError:
        return NOWHERE


def house_of(address: str | None) -> str:
    """Where a request comes from, to the house and not to the room: of IPv6 the network, since a
    home has all of its addresses. IPv4 is one address, also where a socket for both writes it as
    one of IPv6; else all of IPv4 would be one house, and a single guesser hold everybody up.

    Args:
        address: as the server or a trusted proxy names it.
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
