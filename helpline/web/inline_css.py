"""Inline styles of visitor pages, allowed by their hash in the content security policy."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import Markup

from helpline.web.css_fallbacks import with_fallbacks

_FILE = "helpline.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*([{};])\s*")


def visitor_styles() -> Markup:
    return Markup(_styles(_folder()))  # noqa: S704 our own file  # nosec B704


def style_source() -> str:
    """Return their source expression for the policy."""
    return _source(_folder())


def _folder() -> str:
    return str(current_app.static_folder)


@cache
def _styles(folder: str) -> str:
    text = Path(folder, _FILE).read_text(encoding="utf-8")
    return _SPACE.sub(r"\1", with_fallbacks(_COMMENT.sub("", text))).strip()


@cache
def _source(folder: str) -> str:
    digest = hashlib.sha256(_styles(folder).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
