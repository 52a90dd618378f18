"""The chart of a day: requests, calls and waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_WIDTH, _LEFT, _RIGHT = 880, 56, 16
_TOP, _HIGH, _BETWEEN = 56, 170, 64
_PAPER, _INK, _FAINT = "#ffffff", "#1f2933", "#d9dee4"
_ASKED, _RUNG, _WAIT = "#b9c6d3", "#0f6e6e", "#a8442a"
_LINES = 4


def drawn(halves: Sequence[Any]) -> str:
    """SVG of the whole day, in half hours.

    Args:
        halves: national_report.HalfHour, the earliest first.
    """
    most = _round_up(max(max(each.asked, each.rung) for each in halves) or 1)
    longest = _round_up(max(each.wait_minutes or 0 for each in halves) or 1)
    second = _TOP + _HIGH + _BETWEEN
    parts = [
        _words(_LEFT, 24, "Callbacks in each half hour", weight=600, size=15),
        _key(_WIDTH - 210, 24, _ASKED, "asked"),
        _key(_WIDTH - 110, 24, _RUNG, "rung"),
        *_grid(_TOP, most),
        *_bars(halves, most),
        _words(_LEFT, second - 24, "Average wait, minutes", weight=600, size=15),
        *_grid(second, longest),
        _line(halves, second, longest),
        *_times(halves, second + _HIGH),
    ]
    high = second + _HIGH + 36
    body = "\n".join(parts)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {high}" role="img" \
font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">
<title>A national day, half hour by half hour</title>
<rect width="{_WIDTH}" height="{high}" fill="{_PAPER}"/>
{body}
</svg>
"""


def _round_up(number: float) -> float:
    """To something that is read easily, a little above."""
    step = 10 ** (len(str(int(number))) - 1)
    return next(part * step for part in (1, 2, 4, 6, 8, 10) if part * step >= number)


def _words(x: float, y: float, text: str, *, at: str = "start", **how: Any) -> str:
    told = "".join(f' font-{name}="{value}"' for name, value in how.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{at}"{told}>{text}</text>'


def _key(x: float, y: float, colour: str, text: str) -> str:
    return f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>' + _words(
        x + 18, y, text
    )


def _grid(top: float, most: float) -> list[str]:
    """Lines across, each with its number."""
    found = []
    for each in range(_LINES + 1):
        y = top + _HIGH * (1 - each / _LINES)
        found += [
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_FAINT}"/>',
            _words(_LEFT - 8, y + 4, f"{most * each / _LINES:,.3g}", at="end")
            if most < 1000
            else _words(_LEFT - 8, y + 4, f"{most * each / _LINES:,.0f}", at="end"),
        ]
    return found


def _step(halves: Sequence[Any]) -> float:
    return (_WIDTH - _LEFT - _RIGHT) / len(halves)


def _bars(halves: Sequence[Any], most: float) -> list[str]:
    """Requests behind, calls in front."""
    step, found = _step(halves), []
    for place, each in enumerate(halves):
        x = _LEFT + place * step
        for number, colour, inset in ((each.asked, _ASKED, 1.0), (each.rung, _RUNG, step / 3.2)):
            high = _HIGH * number / most
            if number:
                found.append(
                    f'<rect x="{x + inset:.1f}" y="{_TOP + _HIGH - high:.1f}" '
                    f'width="{step - 2 * inset:.1f}" height="{high:.1f}" fill="{colour}"/>'
                )
    return found


def _line(halves: Sequence[Any], top: float, longest: float) -> str:
    step = _step(halves)
    points = [
        f"{_LEFT + (place + 0.5) * step:.1f},{top + _HIGH * (1 - each.wait_minutes / longest):.1f}"
        for place, each in enumerate(halves)
        if each.wait_minutes is not None
    ]
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{_WAIT}" stroke-width="2.5" '
        f'stroke-linejoin="round"/>'
    )


def _times(halves: Sequence[Any], y: float) -> list[str]:
    step = _step(halves)
    return [
        _words(_LEFT + place * step, y + 18, f"{each.begins:%H:%M}", at="middle")
        for place, each in enumerate(halves)
        if not place % 4
    ]
