"""How long a form was open before it was submitted, without a cookie or a script.

The form carries a signed timestamp of when it was shown. A form that is shown again keeps its
first one, so a second attempt is never too fast.
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from helpline import clock


def signed_timestamp() -> str:
    """Return the signed timestamp for a form shown now."""
    return _signer().dumps(round(clock.now().timestamp(), 1))


def seconds_since(carried: str | None) -> float | None:
    """Return the seconds since a form was shown; None if missing or not signed by us."""
    try:
        began = _signer().loads(carried or "")
    except BadSignature:
        return None
    return clock.now().timestamp() - float(began)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form-was-shown")
