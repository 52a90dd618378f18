"""Files that other processes read while we write them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def put_in_place(path: Path, text: str) -> None:
    """Writes a file, whole or not at all; its folder is made if need be.

    Raises:
        OSError: it could not be written; what stood there before still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def stamp(file: Path) -> tuple[int, int, int] | None:
    """Differs whenever the file is another, since it is always put in place whole; None where
    there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
