"""Security headers, allowed hosts and request limits."""

from __future__ import annotations

import math
import secrets
from typing import cast
from urllib.parse import urlsplit

from flask import Response, abort, g, request
from werkzeug.exceptions import SecurityError

from helpline.current import settings
from helpline.web.access import ANY_SITE, audience_of
from helpline.web.page_cache import per_response
from helpline.web.static_files import style_source

_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self' {styles}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}"
)
_FEATURES = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
    *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
_PERMISSIONS = ", ".join(
    [
        *(f"{feature}=()" for feature in _FEATURES),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
_ALWAYS = (
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Permissions-Policy", _PERMISSIONS),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_TWO_YEARS = "max-age=63072000"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FOR_MACHINES = frozenset({"health.alive", "health.ready", "health.measured"})
"""Probes use the address of the machine."""


@per_response
def csp_nonce() -> str:
    """Return the nonce of this response's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)


def require_known_host() -> None:
    """Refuse other hosts, so that no page, link or cache is made for an address of someone
    else's choosing.
    """
    if request.endpoint in _FOR_MACHINES:
        return
    try:
        host = urlsplit(f"//{request.host}").hostname
    except (SecurityError, ValueError):
        abort(400)
    if host not in _own_hosts():
        abort(400)


def require_small_body() -> None:
    """Refuse an announced body that is too large, even where nobody would read it."""
    if (request.content_length or 0) > (request.max_content_length or math.inf):
        abort(413)


def require_accepted_content() -> None:
    """Refuse NUL characters, which a database cannot store, JSON outside the API, and files: form
    libraries would break on them.
    """
    if "\0" in request.path:
        abort(404)
    if request.is_json and request.blueprint not in (None, "api"):
        abort(415)
    if request.mimetype == "multipart/form-data" and request.files:
        abort(415)


def _own_hosts() -> frozenset[str | None]:
    config = settings()
    hosts = {urlsplit(config.public_url).hostname, *config.extra_hosts}
    return frozenset(hosts | _LOOPBACK if config.environment == "development" else hosts)


def add_headers(response: Response) -> Response:
    """Set headers that the view has not set."""
    headers = response.headers
    present = {name.lower() for name, _ in headers}
    elsewhere = ANY_SITE in audience_of(request.endpoint)
    defaults = [
        ("Content-Security-Policy", content_security_policy()),
        *_ALWAYS,
        ("Cross-Origin-Resource-Policy", "cross-origin" if elsewhere else "same-origin"),
    ]
    if settings().public_url.startswith("https://"):
        defaults.append(("Strict-Transport-Security", _TWO_YEARS))
    if request.endpoint != "static":
        defaults.append(("Cache-Control", "no-store"))
    headers.extend([header for header in defaults if header[0].lower() not in present])
    return response


def content_security_policy(frame_ancestors: str = "'none'") -> str:
    """Return the policy of this response.

    Args:
        frame_ancestors: sources of pages that may show it in a frame.
    """
    scripts = f"'nonce-{csp_nonce()}'" if "csp_nonce" in g else "'none'"
    return _POLICY.format(scripts=scripts, styles=style_source(), ancestors=frame_ancestors)
