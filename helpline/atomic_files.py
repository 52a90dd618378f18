"""Files that other processes read while we write them."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o700


def write_atomic(path: Path, text: str, *, mode: int = 0o644) -> None:
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
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def make_private_folder(folder: Path) -> None:
    """Makes a folder, if need be, that only its owner can enter."""
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    keep_private(folder)


def make_private_file(file: Path) -> None:
    """Makes an empty file, unless it is there, that only its owner can read."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    keep_private(file)


def keep_private(path: Path) -> None:
    """Takes from everybody but the owner what they may do with a file or a folder. What is not
    there, or belongs to somebody else, is left as it is."""
    with suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~_OWNER_ONLY:
            path.chmod(mode & _OWNER_ONLY)


def file_version(file: Path) -> tuple[int, int, int] | None:
    """Differs whenever the file is another, since it is always put in place whole; None where
    there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
