"""Dependencies: ``--licences`` writes NOTICE, ``--check`` checks that it is current, ``--holes``
checks pinned packages for known vulnerabilities.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "requirements.txt"
NOTICE = ROOT / "NOTICE"
NOTICE_HEAD = """\
Helpline
Copyright the Helpline contributors

This product is licensed under the Apache License, Version 2.0 (see LICENSE). It runs on the
packages below, which it does not contain: each is installed from its own distribution, under its
own licence. Made by `make docs` from requirements.txt.

"""
# Looked at: free to use and to pass on; what asks that changes to itself be shared is unchanged.
FINE = (
    "0BSD",
    "Apache",
    "BSD",
    "CC0",
    "ISC",
    "LGPL",
    "MIT",
    "MPL",
    "Mozilla Public License",
    "GNU Lesser General Public License",
    "Python Software Foundation",
    "PSF",
    "Public Domain",
    "Unlicense",
    "Zope Public License",
)
_NAME = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)
_PATIENCE_SECONDS = 240


def packages() -> list[str]:
    """The pinned packages that are installed here; some are for other systems only."""
    found = []
    for name in _NAME.findall(PINNED.read_text()):
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found.append(name)
    return found


def licences() -> dict[str, str]:
    """The licence of each, by its own word."""
    told = _run("piplicenses", "--from=mixed", "--format=json", "--packages", *packages())
    return {each["Name"]: each["License"] for each in json.loads(told.stdout)}


def notice(found: dict[str, str]) -> str:
    """The content of NOTICE: a line per package with its licence."""
    names = sorted(found, key=str.lower)
    return NOTICE_HEAD + "".join(f"{name}: {found[name]}\n" for name in names)


def check() -> list[str]:
    """What is wrong with the list: a package that is not in it, a licence nobody has looked at."""
    found = licences()
    noticed = NOTICE.read_text() if NOTICE.exists() else ""
    wrong = [
        f"{name} is not in NOTICE: run `make docs`"
        for name in found
        if f"\n{name}: " not in noticed
    ]
    return wrong + [
        f"{name} has a licence that nobody has looked at: {words}"
        for name, words in found.items()
        if not any(fine.lower() in words.lower() for fine in FINE)
    ]


def holes() -> list[str]:
    """The known holes of what is pinned. Where the list of holes cannot be reached, says so."""
    try:
        told = _run(
            "pip_audit",
            *("--requirement", str(PINNED), "--require-hashes", "--disable-pip"),
            *("--format", "json", "--progress-spinner", "off"),
        )
        audited = json.loads(told.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        audited = []
    seen = [each for each in audited if "vulns" in each]
    if not seen:
        sys.stdout.write("The list of known holes cannot be reached: nothing was audited.\n")
        return []
    sys.stdout.write(f"{len(seen)} packages were looked up in the list of known holes.\n")
    return [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {hole['fix_versions']}"
        for each in seen
        for hole in each["vulns"]
    ]


def _run(module: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_SECONDS,
    )


def main(words: list[str]) -> int:
    """Does what one word asks for."""
    if words == ["--licences"]:
        NOTICE.write_text(notice(licences()))
        return 0
    wrong = {"--check": check, "--holes": holes}[words[0]]()
    for each in wrong:
        sys.stdout.write(f"- {each}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
