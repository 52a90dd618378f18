"""Real browsers of three engines behind one small interface: what a visitor does and sees.

Chromium is driven by Playwright. Firefox ESR speaks Marionette over a socket, and WebKitGTK has a
WebDriver of its own, so neither needs a package from PyPI. On Debian: ``apt-get install chromium
firefox-esr webkit2gtk-driver xvfb``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

PATIENCE_S = 60.0
_SHIFT = "\ue008"
_LOST_S = 10
"""WebKitWebDriver loses some commands that come while a page gives way to another, mostly on a busy
machine, and then answers nothing any more."""
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_MULTIARCH = ("x86_64-linux-gnu", "aarch64-linux-gnu")
_WEBKIT = [
    f"/usr/lib/{arch}/webkit2gtk-{version}/MiniBrowser"
    for arch in _MULTIARCH
    for version in ("4.1", "4.0", "6.0")
]

INSTALL = {
    "firefox": "Firefox ESR is not installed: on Debian `apt-get install firefox-esr`.",
    "webkit": "WebKitGTK is not installed: on Debian `apt-get install webkit2gtk-driver xvfb`.",
}


class Engine(Protocol):
    """A window of a browser."""

    def open(self, url: str) -> None:
        """Types an address and waits for the page."""

    def run(self, script: str) -> Any:
        """Runs a function body in the page and returns its result."""

    def type(self, css: str, text: str) -> None:
        """Types into a field."""

    def click(self, css: str) -> None:
        """Clicks an element."""

    def press_shift(self, times: int) -> None:
        """Presses and releases the Shift key."""

    def back(self) -> None:
        """Presses the Back button."""

    def url(self) -> str:
        """The address of the page."""


def wait_for_url(engine: Engine, begins: str) -> None:
    """Waits until the window is at an address that begins so."""
    deadline = time.monotonic() + PATIENCE_S
    seen = ""
    while time.monotonic() < deadline:
        with contextlib.suppress(WebDriverError, PlaywrightError):
            seen = engine.url()
            if seen.startswith(begins):
                return
        time.sleep(0.05)
    raise AssertionError(f"at {seen}, not at {begins}")


def wait_for(engine: Engine, expression: str) -> Any:
    """Waits until a JavaScript expression is true in the page, also across navigations."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(WebDriverError, PlaywrightError):
            if value := engine.run(f"return {expression};"):
                return value
        time.sleep(0.05)
    raise AssertionError(f"never true: {expression}")


@contextmanager
def another_page(engine: Engine) -> Iterator[None]:
    """Waits, after what is done inside, until another page has come and is complete."""
    engine.run("window.isPageBefore = true")
    yield
    wait_for(engine, "!window.isPageBefore && document.readyState === 'complete'")


class WebDriverError(Exception):
    """A command that the browser did not carry out."""


class Chromium:
    """Chromium, as a visitor has it: with its memory for the Back button."""

    def __init__(self, browser: Browser) -> None:
        context = browser.new_context(viewport={"width": 390, "height": 800}, locale="en-IN")
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def run(self, script: str) -> Any:
        return self.page.evaluate(f"() => {{ {script} }}")

    def type(self, css: str, text: str) -> None:
        self.page.locator(css).press_sequentially(text)

    def click(self, css: str) -> None:
        self.page.locator(css).first.click(no_wait_after=True)

    def press_shift(self, times: int) -> None:
        for _ in range(times):
            self.page.keyboard.press("Shift")

    def back(self) -> None:
        # Back may lead to a page that leaves at once: then this navigation is cut short.
        with another_page(self), contextlib.suppress(PlaywrightError):
            self.page.go_back(wait_until="commit")

    def url(self) -> str:
        return str(self.run("return location.href"))


class _WebDriver:
    """The commands of WebDriver that both others share; each sends them in its own way."""

    def send(self, name: str, **values: Any) -> Any:
        raise NotImplementedError

    def run(self, script: str) -> Any:
        return self.send("ExecuteScript", script=script, args=[])

    def open(self, url: str) -> None:
        with another_page(self):
            self.send("Navigate", url=url)

    def back(self) -> None:
        with another_page(self), contextlib.suppress(WebDriverError):
            self.send("Back")

    def press_shift(self, times: int) -> None:
        pressed = [{"type": "keyDown", "value": _SHIFT}, {"type": "keyUp", "value": _SHIFT}]
        keyboard = {"type": "key", "id": "keyboard", "actions": pressed * times}
        self.send("PerformActions", actions=[keyboard])

    def _find(self, css: str) -> str:
        found = self.send("FindElement", using="css selector", value=css)
        return str(found.get("value", found)[_ELEMENT])


class Firefox(_WebDriver):
    """Firefox ESR, through Marionette."""

    def __init__(self, port: int) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._number = 0
        self._receive()
        self.send("NewSession", strictFileInteractability=False)
        self.send("SetTimeouts", pageLoad=PATIENCE_S * 1000, script=PATIENCE_S * 1000)

    @contextmanager
    def new_tab(self) -> Iterator[None]:
        """Works in a tab without any history, and closes it."""
        first = self.send("GetWindowHandle")
        self.send("SwitchToWindow", handle=self.send("NewWindow", type="tab")["handle"])
        yield
        self.send("CloseWindow")
        self.send("SwitchToWindow", handle=first)

    def send(self, name: str, **values: Any) -> Any:
        self._number += 1
        told = json.dumps([0, self._number, f"WebDriver:{name}", values]).encode()
        self._socket.sendall(b"%d:%s" % (len(told), told))
        _, _, error, result = self._receive()
        if error:
            raise WebDriverError(error["error"], error["message"])
        return result.get("value") if isinstance(result, dict) and "value" in result else result

    def _receive(self) -> Any:
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            if not byte:
                raise WebDriverError("Firefox has ended")
            length += byte
        data = b""
        while len(data) < int(length):
            data += self._socket.recv(int(length) - len(data))
        return json.loads(data)

    def type(self, css: str, text: str) -> None:
        self.send("ElementSendKeys", id=self._find(css), text=text)

    def click(self, css: str) -> None:
        self.send("ElementClick", id=self._find(css))

    def url(self) -> str:
        return str(self.send("GetCurrentURL"))


class WebKit(_WebDriver):
    """WebKitGTK's small browser, through WebKitWebDriver."""

    _PATHS = {  # noqa: RUF012 never changed
        "Navigate": "url",
        "Back": "back",
        "FindElement": "element",
        "PerformActions": "actions",
        "ExecuteScript": "execute/sync",
    }

    def __init__(self, port: int, binary: str) -> None:
        self._root = f"http://127.0.0.1:{port}/session"
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options, "pageLoadStrategy": "none"}}
        deadline = time.monotonic() + 30
        while True:
            try:
                made = self._post("", {"capabilities": wanted})
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._root += f"/{made['sessionId']}"
        self._post("/timeouts", {"implicit": 5000, "pageLoad": int(PATIENCE_S * 1000)})

    def send(self, name: str, **values: Any) -> Any:
        return self._post(f"/{self._PATHS[name]}", values)

    def type(self, css: str, text: str) -> None:
        self._post(f"/element/{self._find(css)}/value", {"text": text})

    def click(self, css: str) -> None:
        # A click that leaves the page is never answered, and then nothing is any more.
        self._find(css)
        self._later(f"document.querySelector({json.dumps(css)}).click()")

    def press_shift(self, times: int) -> None:
        super().press_shift(times - 1)
        self._later(
            "for (const name of ['keydown', 'keyup']) document.body.dispatchEvent("
            "new KeyboardEvent(name, { key: 'Shift', bubbles: true }))"
        )

    def back(self) -> None:
        self._later("history.back()")

    def _later(self, script: str) -> None:
        self.run(f"setTimeout(() => {{ {script} }}, 50)")
        time.sleep(1)

    def url(self) -> str:
        return str(self._ask(urllib.request.Request(f"{self._root}/url")))

    def end(self) -> None:
        """Closes the window."""
        with contextlib.suppress(WebDriverError, OSError):
            self._ask(urllib.request.Request(self._root, method="DELETE"))

    def _post(self, path: str, values: dict[str, Any]) -> Any:
        return self._ask(
            urllib.request.Request(
                self._root + path,
                data=json.dumps(values).encode(),
                headers={"Content-Type": "application/json"},
            )
        )

    def _ask(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=_LOST_S) as answer:
                return json.load(answer)["value"]
        except TimeoutError:
            pytest.skip("WebKitWebDriver stopped answering: it lost a command between two pages")
        except urllib.error.HTTPError as error:
            raise WebDriverError(error.read().decode()[:300]) from error


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Firefox ESR with a profile of its own; skipped where it is not installed."""
    binary = shutil.which("firefox-esr")
    if binary is None:
        pytest.skip(INSTALL["firefox"])
    port = _free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(
            f'user_pref("marionette.port", {port});\n'
            'user_pref("app.update.enabled", false);\n'
            'user_pref("network.captive-portal-service.enabled", false);\n'
            'user_pref("network.connectivity-service.enabled", false);\n'
            'user_pref("services.settings.server", "data:,");\n'
            'user_pref("browser.safebrowsing.update.enabled", false);\n',
            encoding="utf-8",
        )
        command = [binary, "--headless", "--marionette", "--no-remote", "--profile", profile]
        with _process(command, {"HOME": profile, "MOZ_HEADLESS": "1"}):
            yield Firefox(port)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """WebKitGTK on a screen of its own; skipped where it is not installed."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    binary = next((path for path in _WEBKIT if Path(path).exists()), None)
    if driver is None or screen is None or binary is None:
        pytest.skip(INSTALL["webkit"])
    reads, writes = os.pipe()
    port = _free_port()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        _process([screen, "-displayfd", str(writes), "-screen", "0", "800x900x24"], {}, (writes,)),
    ):
        os.close(writes)
        with os.fdopen(reads) as answer:
            display = f":{answer.readline().strip()}"
        own = {
            "DISPLAY": display,
            "HOME": home,
            "XDG_RUNTIME_DIR": home,
            "GDK_BACKEND": "x11",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "NO_AT_BRIDGE": "1",
        }
        with _process([driver, f"--port={port}"], own):
            opened = WebKit(port, binary)
            try:
                yield opened
            finally:
                opened.end()


@contextmanager
def _process(
    command: list[str], more: dict[str, str], keep: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        env={**os.environ, **more},
        pass_fds=keep,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
