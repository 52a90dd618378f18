"""A real browser, where the machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHELL = "chromium-headless-shell"
"""Debian's package of Chromium without windows: the same engine for a third of the CPU time."""
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_A_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
"""No graphics card, and not a word to anybody outside."""

MISSING = (
    "No Chromium was found, so the browser tests cannot run. Install it: on Debian "
    "`apt-get install chromium`, on macOS `brew install --cask chromium`."
)


def chromium_path() -> str | None:
    """Where Chromium is on this machine; None if it is not."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((path for path in ON_A_MAC if Path(path).exists()), None)


def need_chromium() -> str:
    """Where Chromium is; without one the test is skipped, and in CI it fails."""
    path = chromium_path()
    if path is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    return path


ENGINES = ("firefox-esr", "webkit2gtk-driver", "xvfb")
"""Debian's packages for the other two engines (tests/support/engines.py)."""


PROMETHEUS = "prometheus"
"""Debian's package with promtool, which tests the alert rules (tests/deploy/test_alerts.py)."""


HINDI_FONT = "fonts-lohit-deva"
"""Debian's small font of Devanagari: without one, Hindi is measured in empty boxes."""


def _has_hindi_font() -> bool:
    listing = shutil.which("fc-list")
    if listing is None:
        return True  # A Mac, which has one.
    fonts = subprocess.run([listing, ":lang=hi"], capture_output=True, check=False).stdout
    return bool(fonts.strip())


def install(*packages: str) -> None:
    """Installs packages where this may be done without asking: as root, with apt-get."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages],
        ):
            done = subprocess.run(command, env=quietly, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{' '.join(command)}:\n{done.stdout}{done.stderr}", file=sys.stderr)


def main() -> int:
    """Makes sure of Chromium before the tests; `make test` runs it."""
    for package in (SHELL, "chromium"):  # Older releases have no package of the shell.
        if chromium_path() is None:
            install(package)
    if chromium_path() is not None and not _has_hindi_font():
        install(HINDI_FONT)
    if os.environ.get("CI") and not (shutil.which("firefox-esr") and shutil.which("Xvfb")):
        install(*ENGINES)
    if os.environ.get("CI") and not shutil.which("promtool"):
        install(PROMETHEUS)
    if chromium_path() is not None:
        return 0
    print(MISSING, file=sys.stderr)
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    raise SystemExit(main())
