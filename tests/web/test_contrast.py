"""Text of visitors' pages has a contrast of 7:1, in light and dark (WCAG 2.2, 1.4.6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import ROOT

CSS = (Path(ROOT) / "helpline" / "static" / "helpline.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", part))
    for part in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
GROUNDS = {
    "ink": ("paper", "card"),
    "muted": ("paper", "card", "accent-soft", "emergency-ground"),
    "accent": ("paper", "card", "accent-soft", "emergency-ground"),
    "emergency": ("emergency-ground", "card", "paper"),
    "long": ("long-ground",),
    "done": ("card", "paper"),
    "on-accent": ("accent",),
    "card": ("emergency",),
}
"""The colours of text, each with what it stands on."""


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_a_contrast_of_seven_to_one(scheme: str) -> None:
    colours = LIGHT if scheme == "light" else {**LIGHT, **DARK}
    low = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, grounds in GROUNDS.items()
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 7
    }
    assert low == {}
