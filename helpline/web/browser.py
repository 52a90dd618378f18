"""A browser in two words, enough for its owner to know it by."""

from __future__ import annotations

from helpline.web.language import gettext as _

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
    """Such as "Firefox on Windows". The version and the rest of what it says are not kept.

    Args:
        agent: the User-Agent header.
    """
    browser = next((words for mark, words in _BROWSERS if mark in agent), None)
    machine = next((words for mark, words in _MACHINES if mark in agent), None)
    if browser and machine:
        return _("%(browser)s on %(machine)s", browser=browser, machine=machine)
    return browser or machine or _("A browser")
