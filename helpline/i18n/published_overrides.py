"""Text overrides as a file: in force in every process within a second, also while the database is
down.

The file is written on every save, and by the worker of each machine. Without a readable file the
built-in texts are used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from helpline.app_state import AppState
from helpline.atomic_files import file_version, write_atomic

if TYPE_CHECKING:
    from flask import Flask

Words = tuple[str, str]
"""A context ("" for pages) and the English source text."""
TextOverrides = Mapping[str, Mapping[Words, tuple[str, ...]]]
"""Overrides by language and source text, one for each plural form."""

_LOOK_EVERY_SECONDS = 0.5

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class _Published:
    file: Path | None = None
    look_at: float = 0.0
    stamp: Hashable = None
    found: TextOverrides = field(default_factory=dict)
    remembered: TextOverrides | None = None


_PUBLISHED = AppState[_Published]("text-overrides")
_NOTHING = _Published()


def install(app: Flask, file: Path) -> None:
    """Set the file of an application's overrides."""
    _PUBLISHED.install(app, _Published(file))


def current() -> TextOverrides:
    """Return the published overrides. Never fails; the same object until something changes."""
    here, now = _published(), time.monotonic()
    if here.remembered is not None:
        return here.remembered
    if here.file is None or now < here.look_at:
        return here.found
    found = file_version(here.file)
    if found != here.stamp:
        here.found = load(here.file)
        here.stamp = found
    here.look_at = now + _LOOK_EVERY_SECONDS
    return here.found


def version() -> Hashable:
    """Return a cache key that differs whenever other overrides are published."""
    current()
    here = _published()
    return here.stamp if here.remembered is None else ("remembered", id(here.remembered))


def remember(words: TextOverrides | None) -> None:
    """Use these overrides for the current application while its file cannot be written; None:
    the file's.
    """
    here = _published()
    if words != here.remembered:
        here.remembered = words
        here.look_at = 0.0


def _published() -> _Published:
    return _PUBLISHED.get() or _NOTHING


def load(file: Path) -> TextOverrides:
    """Return the overrides of a file; none where it cannot be read."""
    try:
        return _understood(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except Exception:  # Pages must have text, whatever is wrong with the file.
        logger.exception("published text overrides could not be read")
        return {}


def publish(file: Path, rewordings: TextOverrides) -> None:
    """Write the overrides to the file that every process reads, atomically."""
    told = {
        language: [[*ours, *theirs] for ours, theirs in sorted(words.items())]
        for language, words in sorted(rewordings.items())
    }
    write_atomic(file, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    _published().look_at = 0.0


def _understood(told: Any) -> TextOverrides:
    return {
        str(language): {
            (str(context), str(ours)): tuple(str(each) for each in theirs)
            for context, ours, *theirs in words
            if theirs
        }
        for language, words in told.items()
    }
