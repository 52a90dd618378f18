"""How long somebody had the form before they sent it, without a cookie or a script.

The form carries the instant at which it was shown, signed, so that no program can make it up. A
form that is shown again keeps its first one, so whoever presses once more is through.
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from helpline import clock


def begin() -> str:
    """What a form that is shown now carries."""
    return _signer().dumps(round(clock.now().timestamp(), 1))


def seconds_since(carried: str | None) -> float | None:
    """How long ago a form was shown, in seconds; None where it does not say, or is not ours."""
    try:
        began = _signer().loads(carried or "")
    except BadSignature:
        return None
    return clock.now().timestamp() - float(began)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form-was-shown")
