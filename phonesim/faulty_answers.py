"""What a carrier's REST API answers while a fault is in force, whichever carrier it is."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from flask import Response, request

from phonesim.faults import Fault
from phonesim.network import Network


def make(
    network: Network,
    to: str,
    create: Callable[[], Response],
    refusal: Callable[[Fault, str], Response],
    about: str = "call",
) -> Response:
    """Create something, unless a fault says otherwise.

    Args:
        create: does it and answers.
        refusal: the carrier's answer of a fault, to a number; of `http_500` also after it was made.
    """
    fault = network.faults.at_create(to, about)
    if fault is None:
        return create()
    if fault.kind in ("cut_before", "cut_after"):
        if fault.kind == "cut_after":
            create()
        return _cut_connection()
    if fault.kind == "timeout":
        made = create() if fault.made else refusal(Fault("http_503"), to)
        network.stopped.wait(fault.wait_seconds)  # real seconds, as the client's time-out is
        return made
    if fault.kind == "no_id":
        made = create()
        made.set_data("{}")
        return made
    if fault.kind == "http_500_made":
        create()
        return refusal(Fault("http_500"), to)
    return refusal(fault, to)


def _cut_connection() -> Response:
    """Close the socket without a response. Needs werkzeug's server, which exposes its socket."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=502)
