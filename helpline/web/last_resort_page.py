"""The error page for when error pages fail: no template, setting or database.

Whatever is raised anywhere (``middleware.LastResortPage``), a visitor sees numbers that answer. The
web server in front shows the same page while the application does not respond. See
docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from types import MappingProxyType

import structlog
from flask import Flask

from helpline.directory.crisis import published_directory
from helpline.directory.crisis.published_directory import (
    CRISIS_LINE,
    EMERGENCY,
    CrisisLine,
    Directory,
)

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
]
_ANYWHERE = "112"
"""3GPP TS 22.101: mobile phones place it as an emergency call everywhere."""
_NEUTRAL_SITE = "https://www.wikipedia.org/"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Numbers you can call</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<style>
body {{ font: 1.125rem/1.5 sans-serif; margin: 0 auto; max-width: 34rem; padding: 1rem }}
a {{ display: inline-block; padding: .5rem 0; font-weight: bold }}
ul {{ list-style: none; padding: 0 }}
li {{ border-top: 1px solid; padding: .5rem 0 }}
</style>
</head>
<body>
<p><a href="{exit_page}" rel="noreferrer">Exit this page</a></p>
<main>
<h1>You can call these numbers now</h1>
<p lang="hi">आप अभी इन नंबरों पर कॉल कर सकते हैं।</p>
<ul>
{lines}
</ul>
{others}
<p>Lines in other countries: <a href="{elsewhere}">findahelpline.com</a></p>
<p>Our website is not working at the moment. If you just asked for a call, we may not have received
your request. Please try again in a few minutes.</p>
<p lang="hi">अभी हमारी वेबसाइट काम नहीं कर रही है। अगर आपने अभी कॉल का अनुरोध किया है, तो हो सकता है कि वह
हमें न मिला हो। कृपया कुछ मिनट बाद फिर कोशिश करें।</p>
</main>
</body>
</html>
"""


def response_to(app: Flask, path: str) -> tuple[str, bytes]:
    """Return the content type and the body for a path.

    Args:
        app: for its settings, where they can be read.
    """
    if path.startswith("/webhooks/"):
        return "text/plain", b""
    lines = _lines_of(app)
    if path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "crisis_numbers": [
                {"name": line.name, "phone": line.phone, "tel": line.tel} for line in lines
            ],
        }
        return "application/problem+json", json.dumps(problem).encode()
    return "text/html; charset=utf-8", page(lines).encode()


def _lines_of(app: Flask) -> Sequence[CrisisLine]:
    """Published lines of the deployment's region; without settings, all packaged ones; at
    worst, the number that every mobile phone knows.
    """
    try:
        settings = app.extensions["helpline"].settings
        directory = published_directory.load(settings.published_crisis_file)
        return directory.lines(settings.default_region)
    except Exception:
        log.exception("published crisis numbers could not be read")
    try:
        return [*_first(published_directory.load()), _emergency()]
    except Exception:
        log.exception("packaged crisis numbers could not be read")
    return [_emergency()]


def page(
    lines: Iterable[CrisisLine],
    others: Mapping[str, Iterable[CrisisLine]] = MappingProxyType({}),
    exit_page: str = _NEUTRAL_SITE,
) -> str:
    """Return the page as self-contained HTML.

    Args:
        lines: shown first.
        others: of other regions, by the region's name.
        exit_page: target of quick exit.
    """
    return _PAGE.format(
        lines=_listed(lines),
        others="\n".join(
            f"<h2>{escape(region)}</h2>\n<ul>\n{_listed(region_lines)}\n</ul>"
            for region, region_lines in others.items()
        ),
        exit_page=escape(exit_page),
        elsewhere=published_directory.FIND_A_HELPLINE,
    )


def _listed(lines: Iterable[CrisisLine]) -> str:
    return "\n".join(f"<li>{_line(line)}</li>" for line in lines)


def _line(line: CrisisLine) -> str:
    hours = f"<br>{escape(line.hours)}" if line.hours else ""
    if line.tel and line.phone:
        link = f'<a href="tel:{escape(line.tel)}">{escape(line.phone)}</a>'
    else:
        word = f"{escape(line.sms_keyword)} to " if line.sms_keyword else ""
        number = escape(line.sms_number or "")
        link = f'Text {word}<a href="sms:{number}">{number}</a>'
    return f"{escape(line.name)}<br>{link}{hours}"


def _first(directory: Directory) -> list[CrisisLine]:
    return [line for line in directory.published if line.kind in (EMERGENCY, CRISIS_LINE)]


def _emergency() -> CrisisLine:
    return CrisisLine(
        region="ZZ",
        name="Emergency, from any mobile phone",
        kind=EMERGENCY,
        phone=_ANYWHERE,
        tel=_ANYWHERE,
    )
