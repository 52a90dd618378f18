"""Parse addresses sent by others, in a header or query, and the remote address. They may be
anything.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

_IPV6_WIDTHS = (64, 56, 48)
NOWHERE = SplitResult("", "", "", "", "")


def split(text: str) -> SplitResult:
    """Return the parts of an address; empty ones if it is none."""
    try:
        return urlsplit(text)
    except ValueError:
        return NOWHERE


def networks_of(address: str | None) -> tuple[str, ...]:
    """Return the networks of a remote address, the narrowest first: for IPv6 the /64, which is one
    home, and the /56 and /48, which providers assign to a customer. IPv4 is one address, also
    when mapped to IPv6.

    Args:
        address: from the server or a trusted proxy; some proxies add the port.
    """
    try:
        ip = ipaddress.ip_address(_without_port(address or "").partition("%")[0])
    except ValueError:
        return ("unknown",)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return tuple(
                str(ipaddress.ip_network((ip, bits), strict=False)) for bits in _IPV6_WIDTHS
            )
        ip = ip.ipv4_mapped
    return (str(ip),)


def _without_port(address: str) -> str:
    has_port = address.startswith("[") or address.count(":") == 1
    return split(f"//{address}").hostname or "" if has_port else address


def network_prefix(address: str | None) -> str:
    """Return the narrowest network of a remote address."""
    return networks_of(address)[0]
