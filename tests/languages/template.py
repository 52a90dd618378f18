"""What `make words` takes from the sources."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog

from config import ROOT
from helpline.i18n import catalogs
from tools.untranslated import read_catalog


@cache
def template(domain: str = catalogs.VISITORS) -> Catalog:
    """Every message of the sources, as they are now, that visitors read; or what staff alone do."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["make", "--silent", "messages", f"PY={sys.executable}", f"POTS={folder}"],
            cwd=ROOT,
            check=True,
        )
        return read_catalog(Path(folder) / f"{domain}.pot")
