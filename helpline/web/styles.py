"""The styles of a visitor's page. They stand in the page itself, so that it is whole with its
first answer; the content policy lets in these very styles and no others."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import Markup

_FILE = "helpline.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def visitor_styles() -> Markup:
    """What stands between <style> and </style>."""
    return Markup(_styles(_file()))  # noqa: S704 our own file  # nosec B704


def style_source() -> str:
    """What the content policy calls them."""
    return _source(_file())


def _file() -> Path:
    return Path(str(current_app.static_folder)) / _FILE


@cache
def _styles(file: Path) -> str:
    lines = _COMMENT.sub("", file.read_text(encoding="utf-8")).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


@cache
def _source(file: Path) -> str:
    digest = hashlib.sha256(_styles(file).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
