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

SourceText = tuple[str, str]
"""A context ("" for pages) and the English source text."""
TextOverrides = Mapping[str, Mapping[SourceText, tuple[str, ...]]]
"""Overrides by language and source text, one for each plural form."""

_CHECK_EVERY_SECONDS = 0.5

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class _Published:
    file: Path | None = None
    look_at: float = 0.0
    stamp: Hashable = None
    found: TextOverrides = field(default_factory=dict)
    in_memory: TextOverrides | None = None


_PUBLISHED = AppState("text-overrides", outside=_Published())


def install(app: Flask, file: Path) -> None:
    _PUBLISHED.install(app, _Published(file))


def current() -> TextOverrides:
    """Return the published overrides. Never fails; the same object until something changes."""
    published, now = _PUBLISHED.get(), time.monotonic()
    if published.in_memory is not None:
        return published.in_memory
    if published.file is None or now < published.look_at:
        return published.found
    stamp = file_version(published.file)
    if stamp != published.stamp:
        published.found = load(published.file)
        published.stamp = stamp
    published.look_at = now + _CHECK_EVERY_SECONDS
    return published.found


def version() -> Hashable:
    """Return a cache key that differs whenever other overrides are published."""
    current()
    published = _PUBLISHED.get()
    return (
        published.stamp if published.in_memory is None else ("remembered", id(published.in_memory))
    )


def override_in_memory(overrides: TextOverrides | None) -> None:
    """Use these overrides while the file cannot be written; None: those of the file."""
    published = _PUBLISHED.get()
    if overrides != published.in_memory:
        published.in_memory = overrides
        published.look_at = 0.0


def load(file: Path) -> TextOverrides:
    """Return the overrides of a file; none where it cannot be read."""
    try:
        return _parse(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except Exception:  # Pages must have text, whatever is wrong with the file.
        logger.exception("published text overrides could not be read")
        return {}


def publish(file: Path, overrides: TextOverrides) -> None:
    data = {
        language: [[*original, *forms] for original, forms in sorted(texts.items())]
        for language, texts in sorted(overrides.items())
    }
    write_atomic(file, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    _PUBLISHED.get().look_at = 0.0


def _parse(data: Any) -> TextOverrides:
    return {
        str(language): {
            (str(context), str(original)): tuple(str(form) for form in forms)
            for context, original, *forms in texts
            if forms
        }
        for language, texts in data.items()
    }
