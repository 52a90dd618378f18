"""What `make words` takes from the sources."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog

from config import ROOT
from tools.untranslated import read_catalog


@cache
def template() -> Catalog:
    """Every message of the sources, as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "messages.pot"
        subprocess.run(
            ["make", "--silent", "messages", f"PY={sys.executable}", f"POT={file}"],
            cwd=ROOT,
            check=True,
        )
        return read_catalog(file)
