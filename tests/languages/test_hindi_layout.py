"""Hindi on the narrowest screens: no time breaks before बजे, and nothing is wider than its place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests import factories
from tests.cast import KAVITA
from tests.support.clock import Clock
from tests.support.web import Client

NARROWEST = {"width": 320, "height": 640}
OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 20:30"
UNFIT_CHIPS = """() => [...document.querySelectorAll(".chip span")].filter((chip) => {
  const words = document.createRange();
  words.selectNodeContents(chip);
  const box = words.getBoundingClientRect();
  return chip.offsetWidth && (words.getClientRects().length > 1 || box.width > chip.clientWidth);
}).map((chip) => chip.textContent)"""


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_times_and_numbers_fit_at_320_pixels(client: Client, at: Clock, chromium: Browser) -> None:
    at(OPEN)
    request = f"/hi/request/{factories.link(KAVITA, slot_at=factories.slot('13:30'))}"
    shown = {path: client.get(path).text for path in ("/hi/", request, f"{request}/move")}
    shown["/hi/emergency"] = client.get("/hi/emergency").text
    at(CLOSED)
    shown |= {f"closed {path}": client.get(path).text for path in ("/hi/", "/hi/crisis")}

    context = chromium.new_context(viewport=NARROWEST)  # type: ignore[arg-type]
    page = context.new_page()
    for name, html in shown.items():
        page.set_content(html)
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, name
        assert page.evaluate(UNFIT_CHIPS) == [], name
    context.close()
