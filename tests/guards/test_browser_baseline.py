"""A visitor's page uses nothing that a browser of its baseline lacks (docs/visitors.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpline.web.css_fallbacks import with_fallbacks
from tests.support.newer_than_baseline import GLOBALS, MEMBERS, STATIC, SYNTAX

ROOT = Path(__file__).parents[2]
SCRIPTS = ("helpline/static/visitor.js", "templates/components/leave_again.html")
PANEL = "helpline/static/embed.js"
_PANEL_ASKS_FOR = {
    "customElements": "Firefox 63; without it nothing is run",
    "attachShadow": "comes with it",
    "adoptedStyleSheets": "Chrome 73; a style element without it",
    "replaceSync": "the same",
}
"""What the panel uses where a browser has it, and what it does elsewhere."""
_PANEL_CSS = re.compile(r"const CSS = `(.*?)`;", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_WORKS_WITHOUT = {
    "text-wrap": "lines are balanced",
    "accent-color": "the colour of a tick",
    "scroll-padding-block": "how far a jump scrolls",
    "forced-color-adjust": "only with forced colours",
    "text-size-adjust": "prefixed before it",
    "text-underline-offset": "how far a line is from its word",
    "text-decoration-thickness": "how thick it is",
    "color-scheme": "colours of controls in the dark",
}
"""Newer properties without a fallback, and what is missing without them."""
_NEWER = (
    *_WORKS_WITHOUT,
    *(
        "aspect-ratio",
        "backdrop-filter",
        "contain",
        "container",
        "container-type",
        "content-visibility",
    ),
    *(
        "inset-area",
        "mask",
        "overscroll-behavior",
        "rotate",
        "scale",
        "scrollbar-gutter",
        "translate",
    ),
)
_AT_RULES = ("@container", "@layer", "@property", "@scope", "@starting-style", "@import")


def newer_in(script: str) -> list[str]:
    """What of a script came later than the baseline."""
    found = [words for pattern, words in SYNTAX.items() if re.search(pattern, script)]
    members = {name for names in MEMBERS.values() for name in names} - {"replace"}
    found += [name for name in sorted(members) if re.search(rf"\.{name}\b(?!\s*:)", script)]
    for owner, names in STATIC.items():
        found += [f"{owner}.{name}" for name in names if f"{owner}.{name}" in script]
    return found + [
        name for name in GLOBALS if re.search(rf"(?<![.\w\"']){re.escape(name)}\b", script)
    ]


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_use_nothing_newer(path: str) -> None:
    script = _COMMENT.sub("", (ROOT / path).read_text(encoding="utf-8"))
    assert newer_in(script) == []


def test_the_panel_uses_nothing_newer_unasked() -> None:
    script = _COMMENT.sub("", (ROOT / PANEL).read_text(encoding="utf-8"))
    css = _PANEL_CSS.search(script)
    assert css is not None
    assert set(newer_in(script.replace(css[0], ""))) <= set(_PANEL_ASKS_FOR)
    assert with_fallbacks(css[1]) == css[1], "no logical property, no gap"
    assert css[1].count("@supports not (container-type:inline-size)") == 1
    used = [name for name in _NEWER if re.search(rf"[;{{(]{name}\s*:", css[1])]
    assert used == ["text-wrap", "container-type"]
    assert "clamp(" not in css[1]


@pytest.mark.parametrize(
    "script",
    [
        "document.documentElement.replaceChildren();",
        "try { a(); } catch { b(); }",
        "event.submitter",
        "new AbortController()",
        "a?.b",
        "class A { b() { return this.#c; } }",
        "class A {\n  #c = 1;\n}",
        "class A { static names = []; }",
        "import a from 'a';",
        "Object.fromEntries(x)",
    ],
)
def test_the_check_finds_what_is_newer(script: str) -> None:
    assert newer_in(script) != []


def test_styles_use_nothing_newer_without_a_fallback() -> None:
    source = (ROOT / "helpline/static/helpline.css").read_text(encoding="utf-8")
    css = with_fallbacks(_COMMENT.sub("", source))
    assert [rule for rule in _AT_RULES if rule in css] == []
    for name in _NEWER:
        if re.search(rf"(?<![-\w]){name}\s*:", css):
            assert name in _WORKS_WITHOUT, name
    for rule in re.findall(r"\{([^{}]*)\}", css):
        seen: set[str] = set()
        for declaration in filter(None, (part.strip() for part in rule.split(";"))):
            name, _, value = declaration.partition(":")
            if re.search(r"(?<![-\w])(?:clamp|min|max|env)\(", value):
                shorthand = name.split("-")[0]
                assert {name, shorthand} & seen, f"no value before {declaration}"
            seen.add(name.strip())
