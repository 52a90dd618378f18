"""The pages of the site, and the little server that gives them out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

PAGES = Path(__file__).parent / "pages"
FACTS = Path(__file__).parent.parent / "helpline" / "domain" / "safety_facts.json"
"""What the articles say of danger stands there, with its sources and its next review."""
EMERGENCY = "112"
TITLES = {
    "en": {
        "index": "Clear Water",
        "depression": "Depression",
        "cocaine-and-mood": "Cocaine and mood",
        "finding-a-therapist": "Finding a therapist",
    },
    "hi": {
        "index": "साफ़ पानी",
        "depression": "डिप्रेशन",
        "cocaine-and-mood": "कोकीन और मन",
        "finding-a-therapist": "थेरेपिस्ट कैसे खोजें",
    },
}
"""Every article by language and file name; the first is the front page."""
_FOLDERS = {"en": "", "hi": "hi/"}
"""Of each language, in the address as among the pages."""


def address(language: str, name: str) -> str:
    """The path of an article on this site."""
    return f"/{_FOLDERS[language]}{'' if name == 'index' else name}"


ARTICLES = {
    address(language, name): (language, name)
    for language, titles in TITLES.items()
    for name in titles
}
"""Language and file name of the article at each path."""
_FILES = {
    "/site.css": ("text/css; charset=utf-8", "site.css"),
    "/leaf.svg": ("image/svg+xml", "leaf.svg"),
}


def policy(helpline: str) -> str:
    """The strictest policy under which the panel works: see docs/embed.md.

    Args:
        helpline: the address of the helpline, without a final slash.
    """
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src {helpline}; "
        f"connect-src {helpline}; form-action {helpline}; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def page(path: str, helpline: str) -> str | None:
    """The page of a path, whole; None where there is none."""
    found = ARTICLES.get(path)
    if found is None:
        return None
    language, name = found
    folder, titles = _FOLDERS[language], TITLES[language]
    panel = _read(f"{folder}panel.html").substitute(helpline=helpline)
    body = _read(f"{folder}{name}.html").substitute(
        panel=panel, related=_links(language, name), **_facts()
    )
    title = titles[name] if name == "index" else f"{titles[name]} - {titles['index']}"
    other = address("hi" if language == "en" else "en", name)
    return _read(f"{folder}layout.html").substitute(
        title=title, main=body, helpline=helpline, other=other
    )


def serve(host: str, port: int, helpline: str) -> ThreadingHTTPServer:
    """A server of the site, not yet started."""

    class Handler(_Handler):
        address = helpline

    return ThreadingHTTPServer((host, port), Handler)


class _Handler(BaseHTTPRequestHandler):
    address = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in _FILES:
            kind, name = _FILES[path]
            return self._answer(HTTPStatus.OK, kind, (PAGES / name).read_bytes())
        text = page(path, self.address)
        if text is None:
            missing = page("/", self.address) or ""
            return self._answer(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", missing.encode())
        return self._answer(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy(self.address))
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Who read which article is nobody's business."""


def _facts() -> dict[str, str]:
    """Every safety fact as a part of an English article, by the name of its place there."""
    stored = json.loads(FACTS.read_text(encoding="utf-8"))["facts"]
    return {f"fact_{fact['id']}": _fact(fact) for fact in stored}


def _fact(fact: Mapping[str, Any]) -> str:
    number = f'<a href="tel:{EMERGENCY}">{EMERGENCY}</a>'
    items = [escape(item, quote=False) % {"emergency": number} for item in fact["items"]]
    kind = "ol" if fact["is_ordered"] else "ul"
    listed = "".join(f"<li>{item}</li>" for item in items)
    body = f"<{kind}>{listed}</{kind}>" if len(items) > 1 else f"<p>{items[0]}</p>"
    return f'<div class="warning"><h3>{escape(fact["title"])}</h3>{body}</div>'


def _links(language: str, name: str) -> str:
    others = (
        (address(language, each), title)
        for each, title in TITLES[language].items()
        if each not in ("index", name)
    )
    return "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in others)


def _read(name: str) -> Template:
    return Template((PAGES / name).read_text(encoding="utf-8"))
