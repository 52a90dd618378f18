"""Dependencies: ``--licences`` writes docs/licences.md and NOTICE, ``--check`` checks that they
are current, ``--holes`` checks pinned packages for known vulnerabilities.
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
FILE = ROOT / "docs" / "licences.md"
NOTICE = ROOT / "NOTICE"
NOTICE_HEAD = """\
Helpline
Copyright the Helpline contributors

This product is licensed under the Apache License, Version 2.0 (see LICENSE). It runs on the
packages below, which it does not contain: each is installed from its own distribution, under its
own licence. Made by `make docs` from requirements.txt.

"""
HEAD = """\
# Licences

For operators: every package that runs the service, as pinned in `requirements.txt`, by the licence
that it says it has. Made by `make docs` with pip-licenses; `make lint` fails when a package is
missing here or has a licence that nobody has looked at. NOTICE has the same by package.
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


def page(found: dict[str, str]) -> str:
    """The list as docs/licences.md keeps it: the packages of each licence."""
    names = sorted(found, key=str.lower)
    packages = {licence: [name for name in names if found[name] == licence]
                for licence in sorted(set(found.values()), key=str.lower)}  # fmt: skip
    return HEAD + "".join(
        f"\n**{licence}**: {', '.join(f'`{name}`' for name in packages[licence])}\n"
        for licence in packages
    )


def notice(found: dict[str, str]) -> str:
    """The content of NOTICE: a line per package with its licence."""
    names = sorted(found, key=str.lower)
    return NOTICE_HEAD + "".join(f"{name}: {found[name]}\n" for name in names)


def check() -> list[str]:
    """What is wrong with the list: a package that is not in it, a licence nobody has looked at."""
    found = licences()
    listed = FILE.read_text() if FILE.exists() else ""
    noticed = NOTICE.read_text() if NOTICE.exists() else ""
    wrong = [f"{name} is not in docs/licences.md: run `make docs`" for name in found
             if f"`{name}`" not in listed]  # fmt: skip
    wrong += [
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
        found = licences()
        FILE.write_text(page(found))
        NOTICE.write_text(notice(found))
        return 0
    wrong = {"--check": check, "--holes": holes}[words[0]]()
    for each in wrong:
        sys.stdout.write(f"- {each}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
