"""How a reference is said aloud."""

from __future__ import annotations

from helpline.web.language import lazy_gettext as _

_SPELLED = {
    "C": _("C for cat"),
    "D": _("D for dog"),
    "F": _("F for fish"),
    "H": _("H for house"),
    "J": _("J for jam"),
    "K": _("K for kite"),
    "M": _("M for moon"),
    "P": _("P for pen"),
    "R": _("R for rain"),
    "T": _("T for tree"),
    "W": _("W for water"),
    "X": _("X for X-ray"),
}


def spelled(reference: str) -> str:
    """Return a reference letter by letter, with a word for each letter."""
    return ", ".join(str(_SPELLED.get(each, each)) for each in reference)
