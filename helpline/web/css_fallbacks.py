"""Physical CSS properties for browsers without logical ones.

Chrome before 87, Safari before 14.1 and Firefox before 66 lack some logical properties, and ``gap``
in a flex container. Each rule that needs it is followed by the same rule in physical properties,
which only those browsers apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OLD = "@supports not (inset: 0)"
_RULE = re.compile(r"(?P<selector>[^{};@]+)\{(?P<body>[^{}]*)\}")
_EDGES = {"block": ("top", "bottom"), "inline": ("left", "right")}
_MIRRORED = {"left": "right", "right": "left"}
_SIZES = {"inline-size": "width", "block-size": "height"}
_LOGICAL = re.compile(
    r"(?P<stem>margin|padding|border|inset)-(?P<axis>inline|block)(?:-(?P<end>start|end))?$"
)
_SIZE = re.compile(r"(?P<bound>min-|max-|)(?P<size>inline-size|block-size)$")

Declaration = tuple[str, str]


def with_fallbacks(css: str) -> str:
    """Return the stylesheet with a fallback after each rule that needs one.

    Args:
        css: without comments.
    """
    return _RULE.sub(lambda rule: rule[0] + _fallback(rule["selector"], rule["body"]), css)


def _fallback(selector: str, body: str) -> str:
    declarations = list(_declarations(body))
    both: list[Declaration] = []
    directional: list[Declaration] = []
    for name, value in declarations:
        for physical in _physical(name, value):
            mirrored = physical[0].endswith(("left", "right")) and not _is_symmetric(name, value)
            (directional if mirrored else both).append(physical)
    parts = selector.strip()
    rules = _rule(parts, both + directional)
    if directional:
        rules += _rule(
            _each(parts, "[dir=rtl] {}"),
            [d for declaration in directional for d in _in_rtl(*declaration)],
        )
    rules += _gaps(parts, dict(declarations))
    return f"\n{_OLD} {{ {rules}}}" if rules else ""


def _declarations(body: str) -> Iterator[Declaration]:
    for part in body.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _physical(name: str, value: str) -> Iterator[Declaration]:
    if size := _SIZE.match(name):
        yield size["bound"] + _SIZES[size["size"]], value.replace("fit-content", "auto")
    elif name == "inset":
        for edge in ("top", "right", "bottom", "left"):
            yield edge, value
    elif match := _LOGICAL.match(name):
        stem = "" if match["stem"] == "inset" else f"{match['stem']}-"
        edges = _EDGES[match["axis"]]
        if match["end"]:
            yield stem + edges[match["end"] == "end"], value
            return
        values = [value, value] if match["stem"] == "border" else _two(value)
        for edge, length in zip(edges, values, strict=True):
            yield stem + edge, length


def _two(value: str) -> list[str]:
    """Start and end values; spaces inside brackets do not separate."""
    values = re.findall(r"[^\s(]+(?:\((?:[^()]|\([^()]*\))*\))?", value)
    return [values[0], values[-1]]


def _is_symmetric(name: str, value: str) -> bool:
    match = _LOGICAL.match(name)
    if name == "inset" or match is None:
        return True
    return not match["end"] and (match["stem"] == "border" or len(set(_two(value))) == 1)


def _in_rtl(name: str, value: str) -> list[Declaration]:
    stem, _, edge = name.rpartition("-")
    prefix = f"{stem}-" if stem else ""
    undone = "0" if stem else "auto"
    return [(name, undone), (prefix + _MIRRORED[edge], value)]


def _gaps(selector: str, declared: dict[str, str]) -> str:
    if "gap" not in declared or "flex" not in declared.get("display", ""):
        return ""
    row, column = _two(declared["gap"])
    margins = [
        (f"margin-{edge}", f"calc({gap} / 2)")
        for gap, edges in ((row, _EDGES["block"]), (column, _EDGES["inline"]))
        if gap != "0"
        for edge in edges
    ]
    return _rule(_each(selector, "{} > *"), margins)


def _each(selector: str, pattern: str) -> str:
    """Apply a pattern to each selector of a rule."""
    parts = re.split(r",\s*(?![^()]*\))", selector)
    return ", ".join(pattern.format(part.strip()) for part in parts)


def _rule(selector: str, declarations: list[Declaration]) -> str:
    if not declarations:
        return ""
    body = " ".join(f"{name}: {value};" for name, value in declarations)
    return f"{selector} {{ {body} }} "
