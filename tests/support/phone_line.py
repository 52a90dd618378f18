"""The line between the service and its database: it can be slow, or go dead without a word."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

_CHUNK_BYTES = 65536


class Line:
    """Carries everything between a port of this machine and a server on it.

    Args:
        server: its port, or the path of its socket.
    """

    def __init__(self, server: int | str) -> None:
        self._server = server
        self._open = threading.Event()
        self._open.set()
        self._sockets: list[socket.socket] = []
        self.delay_seconds = 0.0
        """How long each message takes in each direction, in seconds."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._take, daemon=True).start()

    def go_dead(self) -> None:
        """From now on nothing arrives; nobody is told."""
        self._open.clear()

    def come_back(self) -> None:
        """What was held back arrives, and all that follows."""
        self._open.set()

    def close(self) -> None:
        """Hangs up on everybody."""
        self._open.set()
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                here, _address = self._listener.accept()
                threading.Thread(target=self._connect, args=(here,), daemon=True).start()

    def _connect(self, here: socket.socket) -> None:
        self._sockets.append(here)
        self._open.wait()
        try:
            there = self._reach()
        except OSError:
            here.close()
            return
        self._sockets.append(there)
        here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for ends in ((here, there), (there, here)):
            threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _reach(self) -> socket.socket:
        if isinstance(self._server, int):
            there = socket.create_connection(("127.0.0.1", self._server))
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return there
        there = socket.socket(socket.AF_UNIX)
        there.connect(self._server)
        return there

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while message := one.recv(_CHUNK_BYTES):
                if self.delay_seconds:
                    time.sleep(self.delay_seconds)
                self._open.wait()
                other.sendall(message)
        except OSError:
            pass
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
