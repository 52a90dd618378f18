"""What admins say in other words than ours, as a file: so it holds in every process within a
second, also while the database is down.

The file is rewritten whenever an admin saves, and by the worker of each machine. Without it, or
where it cannot be read, our own words stand.
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
"""A context, "" for pages, and the words as our sources have them."""
TextOverrides = Mapping[str, Mapping[Words, tuple[str, ...]]]
"""By language, and by our words: theirs, one for each plural form."""

_LOOK_EVERY_SECONDS = 0.5

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class _Published:
    """The file of an application, and what it said when it was last looked at."""

    file: Path | None = None
    look_at: float = 0.0
    stamp: Hashable = None
    found: TextOverrides = field(default_factory=dict)
    remembered: TextOverrides | None = None


_PUBLISHED = AppState[_Published]("text-overrides")
_NOTHING = _Published()


def install(app: Flask, file: Path) -> None:
    """Say where they are published for an application."""
    _PUBLISHED.install(app, _Published(file))


def current() -> TextOverrides:
    """What is published. Never fails; the same object as long as nothing changed."""
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
    """Differs whenever other words are published, for whoever keeps what was put into words."""
    current()
    here = _published()
    return here.stamp if here.remembered is None else ("remembered", id(here.remembered))


def remember(words: TextOverrides | None) -> None:
    """Use these for the current application in place of those of its file, which cannot be
    written; None: those of its file."""
    here = _published()
    if words != here.remembered:
        here.remembered = words
        here.look_at = 0.0


def _published() -> _Published:
    return _PUBLISHED.get() or _NOTHING


def load(file: Path) -> TextOverrides:
    """What a file says; nothing where it cannot be read."""
    try:
        return _understood(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except Exception:  # Whatever is wrong with it, people must have words to read.
        logger.exception("published text overrides could not be read")
        return {}


def publish(file: Path, rewordings: TextOverrides) -> None:
    """Puts them where every process reads them, whole or not at all."""
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
