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

_RUN = """async rules => {
  const { prototype } = Element;
  const names = ["clientHeight", "clientWidth", "outerHTML", "scrollHeight", "scrollWidth"];
  const getters = names.map(name => [name, Object.getOwnPropertyDescriptor(prototype, name)]);
  for (const [name, own] of getters) {
    const values = new WeakMap();
    Object.defineProperty(prototype, name, { ...own, get() {
      if (!values.has(this)) values.set(this, own.get.call(this));
      return values.get(this);
    }});
  }
  const { getComputedStyle } = window, styles = new WeakMap();
  window.getComputedStyle = (element, pseudo) => {
    if (pseudo) return getComputedStyle(element, pseudo);
    if (!styles.has(element)) {
      const style = getComputedStyle(element), values = new Map();
      style.getPropertyValue = name => {
        if (!values.has(name)) {
          values.set(name, CSSStyleDeclaration.prototype.getPropertyValue.call(style, name));
        }
        return values.get(name);
      };
      styles.set(element, style);
    }
    return styles.get(element);
  };
  try {
    return await axe.run(rules);
  } finally {
    getters.forEach(([name, own]) => Object.defineProperty(prototype, name, own));
    window.getComputedStyle = getComputedStyle;
  }
}"""
"""Runs axe. It reads the same sizes and styles thousands of times; no page changes meanwhile, so
each is asked of the browser once."""


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
            found = self.page.evaluate(_RUN, rules)
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
