"""The name of a browser in two words, for the list of sessions."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Return such as "Firefox, Windows", or an empty text; no more of it is stored.

    Args:
        agent: the User-Agent header.
    """
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    machine = next((name for mark, name in _MACHINES if mark in agent), None)
    return ", ".join(word for word in (browser, machine) if word)
