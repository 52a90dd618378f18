"""One HTTP request to an address that an admin chose, bounded in every way.

The connection is made to an address that was checked, so that a name that leads elsewhere a moment
later (DNS rebinding) reaches no private network. Redirects are not followed, proxies of the
environment not used, and the body of the answer not read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer

import certifi

from helpline.domain.errors import HelplineError
from helpline.domain.webhooks import DeliveryProblem, Target, is_public

STEP_SECONDS = 5.0
"""For connecting, and for each read."""
TOTAL_SECONDS = 15.0
"""From the connection to the status: an endpoint that answers byte by byte ends here."""
_MOST_ADDRESSES = 3


class DeliveryFailed(HelplineError):
    """No answer came."""

    def __init__(self, problem: DeliveryProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def post(target: Target, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> int:
    """Post a body and return the status of the answer.

    Args:
        allow_private: whether the host may be in a private network.

    Raises:
        DeliveryFailed: no answer, or the host is in a private network.
    """
    addresses = resolve(target, allow_private=allow_private)
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        connected = _connect(addresses, target.port)
        with connected, connected.dup() as handle:
            # A timeout of the socket holds for each read; this one for all of them.
            timer = Timer(max(0.0, deadline - time.monotonic()), _shut_down, (handle,))
            timer.daemon = True
            timer.start()
            try:
                status = _exchange(target, connected, body, headers)
            finally:
                timer.cancel()
        if time.monotonic() >= deadline:
            raise TimeoutError  # It was cut off, which reads like the end of the headers.
        return status
    except (OSError, HTTPException) as error:
        raise DeliveryFailed(_problem_of(error, deadline)) from error


def resolve(target: Target, *, allow_private: bool) -> list[str]:
    """Return the IP addresses of a host.

    Args:
        allow_private: whether they may be in a private network.

    Raises:
        DeliveryFailed: it has none, or one that is not allowed.
    """
    try:
        results = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(DeliveryProblem.UNREACHABLE) from error
    addresses = [str(sockaddr[0]) for *_, sockaddr in results]
    if not allow_private and not all(is_public(address) for address in addresses):
        raise DeliveryFailed(DeliveryProblem.ADDRESS)
    return addresses


def _connect(addresses: list[str], port: int) -> socket.socket:
    last: OSError = OSError("no address")
    for address in addresses[:_MOST_ADDRESSES]:
        try:
            return socket.create_connection((address, port), STEP_SECONDS)
        except OSError as error:
            last = error
    raise last


def _exchange(
    target: Target, connected: socket.socket, body: bytes, headers: Mapping[str, str]
) -> int:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = _encrypted(target, connected) if target.secure else connected
    try:
        connection.request("POST", target.path, body, {"Host": target.netloc, **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def _encrypted(target: Target, connected: socket.socket) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # A small image has no certificates.
    return context.wrap_socket(connected, server_hostname=target.host)


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _problem_of(error: Exception, deadline: float) -> DeliveryProblem:
    if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
        return DeliveryProblem.TIMEOUT
    is_tls = isinstance(error, ssl.SSLError)
    return DeliveryProblem.TLS if is_tls else DeliveryProblem.UNREACHABLE
