"""The demo website, with our panel on it, before a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from demosite.site import serve
from helpline import clock
from helpline.current import AppServices
from helpline.db import db
from helpline.domain.web_origins import Origin
from helpline.websites import queries as website_queries
from helpline.websites import service as websites
from tests.browser.screens import new_context
from tests.browser.website import Website, website

SHIFTS = """
window.shifted = 0;
window.moved = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    window.shifted += each.value;
    window.moved.push(...each.sources.map((one) => one.node && one.node.nodeName));
  }
}).observe({ type: "layout-shift", buffered: true });
window.broken = [];
addEventListener("error", (event) => window.broken.push(event.message));
addEventListener("unhandledrejection", (event) => window.broken.push(String(event.reason)));
"""


@dataclass
class Site:
    """The demo website, and the helpline beside it."""

    url: str
    helpline: Website


@pytest.fixture
def site(app: Flask) -> Iterator[Site]:
    """Both, in this very process; an admin let the one in by the other."""
    with website(app) as helpline:
        house = app.extensions["helpline"]
        own = house.settings.model_copy(update={"public_url": helpline.url})
        app.extensions["helpline"] = AppServices(own, house.carriers, house.webhooks)
        server = serve("127.0.0.1", 0, helpline.url)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        let_in(url)
        yield Site(url, helpline)
        server.shutdown()
        server.server_close()
        thread.join()


def let_in(url: str, *, may_tell_page: bool = True) -> None:
    """An admin lets a website in, or changes what it may."""
    websites.allow(
        Origin.parse(url),
        may_tell_page=may_tell_page,
        expected_version=website_queries.in_force(db.session()).version,
        admin_id=None,
        now=clock.now(),
    )


Readers = Callable[..., "Reader"]


class Reader:
    """Somebody who reads the articles.

    Args:
        page: of a real browser.
        site: where the articles are.
    """

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site

    def read(self, path: str = "/cocaine-and-mood") -> Reader:
        """Opens an article and waits until all of it has come."""
        self.page.goto(self.site.url + path, wait_until="networkidle")
        return self

    @property
    def panel(self) -> str:
        """What the panel says: our own part where it has come, else what the site put there."""
        return str(
            self.page.evaluate(
                """() => {
                  const panel = document.querySelector("helpline-panel");
                  const own = panel.shadowRoot && panel.shadowRoot.textContent.trim();
                  return own || panel.innerText;
                }"""
            )
        )


@pytest.fixture
def readers(chromium: Browser, site: Site) -> Iterator[Any]:
    """More readers, as often as it is called: reader(width=320, java_script_enabled=False)."""
    opened: list[BrowserContext] = []

    def reader(**more: Any) -> Reader:
        context = new_context(chromium, **more)
        opened.append(context)
        context.add_init_script(SHIFTS)
        return Reader(context.new_page(), site)

    yield reader
    for each in opened:
        each.close()
