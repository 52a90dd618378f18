"""What `make words` takes from the sources."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog

from config import ROOT
from helpline.i18n import catalogs
from tools.untranslated import read_catalog

FOLDER: list[Path] = []
"""The folder of this test run, set by conftest.py."""


@cache
def template(domain: str = catalogs.VISITORS) -> Catalog:
    """Every message of the sources, as they are now, that visitors read; or what staff alone do."""
    return read_catalog(_extracted() / f"{domain}.pot")


def _extracted() -> Path:
    """Both domains, extracted by the first process of the test run that asks."""
    (folder,) = FOLDER
    done = folder / "messages"
    with (folder / "messages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            begun = folder / "messages-begun"
            begun.mkdir(exist_ok=True)
            subprocess.run(
                ["make", "--silent", "messages", f"PY={sys.executable}", f"POTS={begun}"],
                cwd=ROOT,
                check=True,
            )
            begun.rename(done)
    return done
