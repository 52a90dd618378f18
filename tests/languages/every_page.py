"""Every page that a visitor can come upon, in any language."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from helpline.web.errors import error_page
from tests import factories
from tests.cast import KAVITA
from tests.support.web import Client
from tests.web.page import Page

WRONG = {"phone": "", "name": "1" * 99, "note": "1" * 2000, "asked_by": "1" * 99}
ERRORS = (400, 401, 403, 405, 413, 429, 500, 503)


def pages(app: Flask, client: Client, prefix: str = "") -> Iterator[tuple[str, Page]]:
    """Every page, as it is at this time.

    Args:
        prefix: of the language, such as "/hi".
    """
    asked = f"{prefix}/request/{factories.link(KAVITA)}"
    for path in ("/", "/crisis?region=FR", "/emergency", "/exit-help", "/nowhere"):
        yield path, Page(client.get(prefix + path).text)
    for path in ("", "/move", "/number"):
        yield f"the request{path}", Page(client.get(asked + path).text)
    yield "the form with errors", Page(client.post(f"{prefix}/", data=WRONG).text)
    for code in ERRORS:
        with app.test_request_context(f"{prefix}/"):
            yield f"error {code}", Page(error_page(code).get_data(as_text=True))
    client.submit(client.get(asked), action="/cancel")
    yield "a request that is cancelled", Page(client.get(asked).text)
    client.submit(client.get(asked), action="/erase")
    yield "a request that is erased", Page(client.get(asked).text)
