"""The language of a page: gettext and the locale, with types."""

from __future__ import annotations

from typing import Any

import flask_babel
from babel import Locale


def gettext(text: str, **values: Any) -> str:
    """The text in the language of this page."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The text for this number of things, in the language of this page."""
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(text: str, **values: Any) -> Any:
    """The text in the language of the page on which it is shown later."""
    return flask_babel.lazy_gettext(text, **values)


def locale() -> Locale:
    """The locale of this page; English outside a page."""
    found: Locale | None = flask_babel.get_locale()
    return found or Locale("en")
