"""Addresses that others send us, in a header or a query, and the one they ask from. They may be
anything at all."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

_IPV6_WIDTHS = (64, 56, 48)
NOWHERE = SplitResult("", "", "", "", "")


def split(told: str) -> SplitResult:
    """The parts of an address; those of none where it is not one."""
    try:
        return urlsplit(told)
    except ValueError:
        return NOWHERE


def networks_of(address: str | None) -> tuple[str, ...]:
    """The networks that a request comes from, the narrowest first: of IPv6 the /64, which is one
    home, and the /56 and /48, which providers give to one customer. IPv4 is one address, also where
    a socket for both writes it as one of IPv6; else all of IPv4 would be one network.

    Args:
        address: as the server or a trusted proxy names it.
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ("unknown",)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return tuple(
                str(ipaddress.ip_network((found, bits), strict=False)) for bits in _IPV6_WIDTHS
            )
        found = found.ipv4_mapped
    return (str(found),)


def network_prefix(address: str | None) -> str:
    """The narrowest network that a request comes from."""
    return networks_of(address)[0]
