"""A small client of Chromium's DevTools protocol, for browsers too old for the drivers of today."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from typing import Any
from urllib.parse import urlsplit

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_TIMEOUT_SECONDS = 20.0


class DevToolsError(RuntimeError):
    """The browser refused a command, or hung up."""


class WebSocket:
    """Text messages over one connection (RFC 6455), as a client.

    Args:
        url: ``ws://host:port/path``.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection(
            (parts.hostname or "", parts.port or 80), timeout=_TIMEOUT_SECONDS
        )
        self._file = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        if b"101" not in self._file.readline():
            raise DevToolsError("the browser does not speak WebSocket")
        while self._file.readline().strip():
            pass

    def send(self, text: str, opcode: int = _TEXT) -> None:
        """Send one message. A client masks what it sends."""
        content, mask = text.encode(), os.urandom(4)
        size = len(content)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 2**16:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content))
        self._socket.sendall(head + mask + masked)

    def receive(self) -> str:
        """Return the next message.

        Raises:
            DevToolsError: the browser closed the connection.
        """
        content = b""
        while True:
            first, second = self._read(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._read(8))
            part = self._read(size)
            opcode = first & 0x0F
            if opcode == _CLOSE:
                raise DevToolsError("the browser closed the connection")
            if opcode == _PING:
                self.send(part.decode(), _PONG)
            elif opcode != _PONG:
                content += part
                if first & 0x80:
                    return content.decode()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def _read(self, size: int) -> bytes:
        read = self._file.read(size)
        if len(read) < size:
            raise DevToolsError("the browser hung up")
        return read


class Tab:
    """One page of a browser.

    Args:
        url: the WebSocket address of the page.
    """

    def __init__(self, url: str) -> None:
        self._socket = WebSocket(url)
        self._last = 0
        self.errors: list[str] = []
        for domain in ("Page", "Runtime"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result.

        Raises:
            DevToolsError: it was refused.
        """
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.receive())
            if message.get("id") == self._last:
                if "error" in message:
                    raise DevToolsError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", details["text"])
            self.errors.append(f"{details.get('url', '')}: {thrown}")

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page.

        Raises:
            DevToolsError: it threw.
        """
        answer = self.command("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise DevToolsError(f"{script}: {answer['result'].get('description')}")
        return answer["result"].get("value")

    def wait_for(self, script: str, seconds: float = 10) -> Any:
        """Return the value of an expression as soon as it is true.

        Raises:
            DevToolsError: it was not, for so many seconds.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if value := self.evaluate(script):
                    return value
            except DevToolsError:
                pass  # The page is just being replaced.
            time.sleep(0.1)
        raise DevToolsError(f"waited {seconds} s for {script} at {self.evaluate('location.href')}")

    def go(self, url: str) -> None:
        """Open an address and wait until all of it has come."""
        self.command("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def click(self, selector: str) -> None:
        """Press what a selector finds, with the mouse, at its middle; whatever lies over it there
        gets the press."""
        found = json.dumps(selector)
        self.evaluate(f"document.querySelector({found}).scrollIntoView({{block: 'center'}})")
        x, y = self.evaluate(
            f"(() => {{ const box = document.querySelector({found}).getBoundingClientRect();"
            " return [box.left + box.width / 2, box.top + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def press(self, key: str, code: int) -> None:
        """Press and release a key.

        Args:
            key: its name in ``KeyboardEvent.key``.
            code: its ``keyCode``.
        """
        for kind in ("rawKeyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        for letter in text:
            self.command("Input.dispatchKeyEvent", type="char", text=letter)

    def screenshot(self) -> bytes:
        """Return the window as a PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot")["data"])

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
