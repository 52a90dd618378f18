"""A printed status page lies on a table: neither its text nor its title names the helpline."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from config import Settings
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.browser.test_sign_in_pages import served
from tests.conftest import _opened
from tests.journeys.live_services import free_port

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_a_printed_status_page_does_not_name_the_helpline(
    browser: Browser, make_settings: Callable[..., Settings]
) -> None:
    port = free_port()
    address = f"http://localhost:{port}"
    with _opened(make_settings(public_url=address, site_name="Nasha Mukti")) as app:
        with app.app_context():
            path = f"/request/{factories.link()}"
        context = new_context(browser)
        screen = Screen(context.new_page(), address)
        with served(app, port):
            for prefix in ("", "/hi"):
                screen.go(prefix + path)
                assert "Nasha Mukti" in screen.page.locator("body").inner_text()
                screen.page.emulate_media(media="print")
                assert "Nasha Mukti" not in screen.page.locator("body").inner_text()
                assert "Nasha Mukti" not in screen.page.title()
                picture(screen.page, f"print{prefix.replace('/', '-')}")
                screen.page.emulate_media(media="screen")
        context.close()
