"""Files that other processes read while they are written."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o700


def write_atomic(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file atomically, creating its folder if needed.

    Raises:
        OSError: it could not be written; its previous content is unchanged.
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
    """Create a folder that only its owner can enter, if needed."""
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    restrict_permissions(folder)


def make_private_file(file: Path) -> None:
    """Create an empty file that only its owner can read, if needed."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    restrict_permissions(file)


def restrict_permissions(path: Path) -> None:
    """Remove the permissions of group and others; skip what is missing or owned by another user."""
    with suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~_OWNER_ONLY:
            path.chmod(mode & _OWNER_ONLY)


def file_version(file: Path) -> tuple[int, int, int] | None:
    """Return a key that differs whenever the file was replaced; None without a file."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
