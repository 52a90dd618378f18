"""Static files and compression.

A visitor page is complete with its first response: styles and icon are inline, and its script may
load late. Files have a content hash in their address and are cached for a year.

Visitor pages and files are compressed, staff pages are not. To read a secret from the length of
compressed pages (BREACH), an attacker must make a browser send its cookie and chosen text, and get
the same secret each time. A visitor page has no cookie, echoes nothing of its address, and refuses
forms of other sites; its form key differs each time. A staff page has all that it takes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask_compress import Compress

from helpline.web.access import ANYONE, audience_of
from helpline.web.inline_css import visitor_styles

_A_YEAR = "public, max-age=31536000, immutable"

_compress = Compress()


def install(app: Flask) -> None:
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIN_SIZE=300,
    )
    _compress.init_app(app)
    app.url_defaults(_name_content)
    app.after_request(_lighten)
    app.jinja_env.globals["visitor_styles"] = visitor_styles


def _static() -> Path:
    return Path(str(current_app.static_folder))


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _name_content(endpoint: str, values: dict[str, Any]) -> None:
    file = _static() / values["filename"] if endpoint == "static" else None
    if file is not None and file.is_file():
        values["v"] = _hash(file)


def _lighten(response: Response) -> Response:
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
        return _compress.after_request(response)
    response.status_code = 200
    response = _compress.after_request(response)
    response.status_code = status
    return response
