"""Watched pages of a real browser: the console stays quiet, axe finds nothing, all fits."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

_AXE = Axe().axe_script
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
_COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}


@dataclass
class Screen:
    """A page, and all that its console messages."""

    page: Page
    house_url: str
    messages: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def watch(self) -> None:
        """Keeps what the console says."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.messages.append(f"pageerror: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(f"{message.type}: {message.text} {message.location}")

    def go(self, path: str) -> None:
        """Opens an address of the house."""
        self.page.goto(self.house_url + path)

    def quiet(self) -> None:
        """Nothing was messages in the console that nobody expected."""
        unexpected = [
            words for words in self.messages if not any(each in words for each in self.expected)
        ]
        assert unexpected == [], f"{self.page.url}: {unexpected}"

    def accessible(self, what: str) -> None:
        """axe finds nothing; in dark, where only colours differ, no contrast too weak."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_AXE)
        for scheme, rules in (("dark", _COLOURS), ("light", _RULES)):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = self.page.evaluate("rules => axe.run(rules)", rules)
            wrong = [_finding(each) for each in found["violations"]]
            assert wrong == [], f"{what}, {scheme}:\n" + "\n".join(wrong)

    def fits(self, what: str) -> None:
        """Nothing is wider than the window."""
        wider = self.page.evaluate(_WIDER)
        assert wider == [], f"{what} is wider than its window: {wider}"


_WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 8).concat(["page"]);
}"""


def _finding(violation: dict[str, Any]) -> str:
    places = "; ".join(f"{node['target']}: {node['html'][:160]}" for node in violation["nodes"][:4])
    return f"{violation['id']} ({violation['help']}): {places}"


def new_context(
    browser: Browser, width: int = 1280, height: int = 800, **more: Any
) -> BrowserContext:
    """A browser window with cookies of its own."""
    return browser.new_context(
        viewport={"width": width, "height": height}, locale="en-IN", reduced_motion="reduce", **more
    )


def picture(page: Page, name: str) -> None:
    """Saves a picture of the window where PICTURES says; else does nothing."""
    folder = os.environ.get("PICTURES")
    if folder:
        target = Path(folder) / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, animations="disabled")
