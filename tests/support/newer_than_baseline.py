"""What came to browsers after Chrome 64, Safari 12 or Firefox 62 (docs/visitors.md), by its owner.

From MDN's browser-compat-data 8.1.9 (CC0): the members that are methods, accessors or classes, and
that a script of a page could want.
"""

from __future__ import annotations

MEMBERS: dict[str, tuple[str, ...]] = {
    "Document": ("adoptedStyleSheets", "replaceChildren", "moveBefore", "startViewTransition"),
    "DocumentFragment": ("replaceChildren", "moveBefore"),
    "Element": (
        *("replaceChildren", "moveBefore", "toggleAttribute", "checkVisibility", "getAnimations"),
        *("animate", "part", "computedStyleMap", "setHTML", "setHTMLUnsafe", "getHTML"),
        *("ariaBusy", "ariaLabel", "ariaHidden", "setPointerCapture", "attachShadow"),
    ),
    "HTMLElement": ("inert", "popover", "showPopover", "hidePopover", "enterKeyHint"),
    "HTMLFormElement": ("requestSubmit",),
    "HTMLInputElement": ("showPicker",),
    "URLSearchParams": ("size",),
    "CSSStyleSheet": ("replace", "replaceSync"),
    "SubmitEvent": ("submitter",),
    "Array": ("at", "flat", "flatMap", "findLast", "findLastIndex", "toSorted", "toReversed"),
    "String": ("at", "replaceAll", "matchAll", "trimStart", "trimEnd"),
    "Navigator": (
        "clipboard",
        "connection",
        "locks",
        "permissions",
        "share",
        "storage",
        "userAgentData",
    ),
}
STATIC: dict[str, tuple[str, ...]] = {
    "Object": ("fromEntries", "groupBy", "hasOwn"),
    "Promise": ("allSettled", "any", "try", "withResolvers"),
    "URL": ("canParse", "parse"),
}
GLOBALS: tuple[str, ...] = (
    *("AbortController", "AbortSignal", "PointerEvent", "customElements", "CustomElementRegistry"),
    *(
        "requestIdleCallback",
        "visualViewport",
        "navigation",
        "cookieStore",
        "globalThis",
        "structuredClone",
    ),
    *("queueMicrotask", "WeakRef", "BigInt", "AggregateError", "scheduler", "ResizeObserver"),
    *("ReportingObserver", "PerformanceNavigationTiming", "Intl.RelativeTimeFormat"),
)
SYNTAX: dict[str, str] = {
    r"catch\s*\{": "a catch without a name (Chrome 66)",
    r"\?\.(?!\d)": "optional chaining (Chrome 80)",
    r"\?\?": "?? (Chrome 80)",
    r"(?:\|\||&&)=": "logical assignment (Chrome 85)",
    r"(?m)(?:\.|^\s*|\b(?:async|get|set|static) )#[a-z_]\w*": "private members (Chrome 74)",
    r"\bstatic\s+\w+\s*=": "static fields (Chrome 72)",
    r"\d_\d": "numeric separators (Chrome 75)",
    r"\bimport\b\s*[\({\w]": "modules",
    r"for await": "async iteration (Safari 12, Chrome 63, but not needed)",
}
"""Syntax that an old browser refuses: it then runs nothing of the whole script."""


_DRIVER = {"globalThis", "BigInt", "WeakRef", "Intl.RelativeTimeFormat"}
"""What the driver of the test needs in the page."""


def removal_script(*keep: str) -> str:
    """JavaScript that takes them all away, before a page runs any script of its own.

    Args:
        keep: names of members and globals that stay.
    """
    lines = ["const cut = (owner, name) => { try { delete owner[name]; } catch (problem) {} };"]
    for owner, names in MEMBERS.items():
        lines += [
            f"window.{owner} && cut({owner}.prototype, {name!r});"
            for name in names
            if name not in keep
        ]
    for owner, names in STATIC.items():
        lines += [f"cut({owner}, {name!r});" for name in names]
    lines += [f"cut(window, {name!r});" for name in GLOBALS if name not in (*_DRIVER, *keep)]
    lines.append(
        "const entries = Performance.prototype.getEntriesByType;"
        "Performance.prototype.getEntriesByType = function (kind) {"
        " return kind === 'navigation' ? [] : entries.call(this, kind); };"
    )
    return "(() => {" + "\n".join(lines) + "})();"
