"""Static files, inline styles and compression.

A visitor page is complete with its first response: styles and icon are inline, and its script may
load late. Files have a content hash in their address and are cached for a year.

Visitor pages and files are compressed, staff pages are not. To read a secret from the length of
compressed pages (BREACH), an attacker must make a browser send its cookie and chosen text, and get
the same secret each time. A visitor page has no cookie, echoes nothing of its address, and refuses
forms of other sites; its form key differs each time. A staff page has all that it takes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from markupsafe import Markup

from helpline import extensions
from helpline.web.access import ANYONE, audience_of
from helpline.web.css_fallbacks import with_fallbacks

_A_YEAR = "public, max-age=31536000, immutable"
_STYLES = "helpline.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*([{};,])\s*|(?<=:)\s+")


def visitor_styles() -> Markup:
    """Return the inline styles of visitor pages."""
    return Markup(_styles(_static()))  # noqa: S704 our own file  # nosec B704


def style_source() -> str:
    """Return their source expression for the content security policy, a hash."""
    return _style_source(_static())


@cache
def _styles(folder: Path) -> str:
    text = (folder / _STYLES).read_text(encoding="utf-8")
    return _SPACE.sub(r"\1", with_fallbacks(_COMMENT.sub("", text))).strip()


@cache
def _style_source(folder: Path) -> str:
    digest = hashlib.sha256(_styles(folder).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _static() -> Path:
    return Path(str(current_app.static_folder))


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def name_content(endpoint: str, values: dict[str, Any]) -> None:
    """Add the hash of its content to the address of a file."""
    file = _static() / values["filename"] if endpoint == "static" else None
    if file is not None and file.is_file():
        values["v"] = _hash(file)


def compress(response: Response) -> Response:
    """Compress files and visitor pages; let files with a hash be cached."""
    is_file = request.endpoint == "static"
    if is_file and response.status_code == 200 and request.args.get("v"):
        response.headers["Cache-Control"] = _A_YEAR
    if may_compress() and "Content-Encoding" not in response.headers:
        return _compressed(response)
    return response


def may_compress() -> bool:
    """Return whether the answer may be compressed: a file, or a page of visitors."""
    endpoint = request.endpoint
    return endpoint in (None, "static") or ANYONE in audience_of(endpoint)


def _compressed(response: Response) -> Response:
    """Flask-Compress leaves errors alone; ours are whole pages."""
    status = response.status_code
    if status < 400:
        return extensions.compress.after_request(response)
    response.status_code = 200
    response = extensions.compress.after_request(response)
    response.status_code = status
    return response
