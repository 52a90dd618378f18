"""embed.js: the contact panel on other websites.

Its address never changes, so it is cached for minutes only and revalidated by an ETag.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from helpline.current import settings
from helpline.directory.crisis.published_directory import (
    CRISIS_LINE,
    EMERGENCY,
    CrisisLine,
    Directory,
)
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.request_context import directory

embed = Blueprint("embed", __name__)

_KEPT = "public, max-age=300, stale-while-revalidate=86400"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OFFLINE_KINDS = (EMERGENCY, CRISIS_LINE)
_MOST_OFFLINE = 3


@embed.get("/embed.js")
@allow(ANYONE, ANY_SITE)
def script() -> ResponseReturnValue:
    """Serve the panel with the crisis numbers it shows when this service cannot be reached."""
    numbers = json.dumps(_offline(directory()), ensure_ascii=False, separators=(",", ":"))
    text = f"{_source(Path(str(current_app.static_folder)) / 'embed.js')}({numbers});\n"
    response = Response(text, mimetype="text/javascript")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    response.headers["Cache-Control"] = _KEPT
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response.make_conditional(request)


@cache
def _source(file: Path) -> str:
    """The script without comments and indentation."""
    text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
    return "\n".join(filter(None, map(str.strip, text.splitlines())))


def _offline(directory: Directory) -> dict[str, list[dict[str, Any]]]:
    """Lines of each region that answer 24/7, since open hours cannot be told offline; "" is our
    region.
    """
    regions = dict.fromkeys(line.region for line in directory.published)
    lines_by_region = {region: _lines(directory, region) for region in regions}
    return lines_by_region | {"": _lines(directory, settings().default_region)}


def _lines(directory: Directory, region: str) -> list[dict[str, Any]]:
    lines = (line for line in directory.lines(region) if line.is_always_open)
    shown = [_short(line) for line in lines if line.kind in _OFFLINE_KINDS]
    return shown[:_MOST_OFFLINE]


def _short(line: CrisisLine) -> dict[str, Any]:
    data = {
        "name": line.name,
        "kind": line.kind,
        "phone": line.phone,
        "tel": line.tel,
        "text_to": line.sms_number,
        "text_word": line.sms_keyword,
        "notes": line.notes,
    }
    return {name: value for name, value in data.items() if value}
