"""The pages of the site, and the little server that gives them out."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

PAGES = Path(__file__).parent / "pages"
ARTICLES = {
    "/": ("index", "Clear Water"),
    "/depression": ("depression", "Depression"),
    "/cocaine-and-mood": ("cocaine-and-mood", "Cocaine and mood"),
    "/finding-a-therapist": ("finding-a-therapist", "Finding a therapist"),
}
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
    name, title = found
    panel = _read("panel.html").substitute(helpline=helpline)
    body = _read(f"{name}.html").substitute(panel=panel, related=_links(path))
    shown = title if path == "/" else f"{title} - Clear Water"
    return _read("layout.html").substitute(title=shown, main=body, helpline=helpline)


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


def _links(here: str) -> str:
    others: Iterable[tuple[str, str]] = (
        (path, title) for path, (_, title) in ARTICLES.items() if path not in ("/", here)
    )
    return "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in others)


def _read(name: str) -> Template:
    return Template((PAGES / name).read_text(encoding="utf-8"))
