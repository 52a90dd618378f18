"""The reason that a supervisor gives for an action."""

from __future__ import annotations

from helpline.web.language import gettext as _

_MAX_LENGTH = 500


def reason_error(reason: str, *, missing: str) -> dict[str, str]:
    """Check a reason.

    Args:
        reason: as typed, without spaces around it.
        missing: the message for an empty reason; it says who will see the reason.

    Returns:
        The message under the field's name; empty for a valid reason.
    """
    if not reason:
        return {"reason": missing}
    if len(reason) > _MAX_LENGTH:
        return {"reason": _("The reason must be 500 characters or fewer.")}
    return {}
