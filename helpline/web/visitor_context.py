"""The context of all visitor pages: region, emergency line, crisis numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from babel import Locale
from flask import Response, g, make_response, render_template, request
from markupsafe import Markup

from helpline import clock
from helpline.current import settings
from helpline.directory.crisis.quick_exit import Icon
from helpline.web.language import locale, page_variant
from helpline.web.page_cache import cached_response, cached_text
from helpline.web.request_context import directory, published_mark, safety

_SVG = (
    "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2032%2032'%3E"
    "{}%3C/svg%3E"
)
ICONS = {
    Icon.DOT: _SVG.format("%3Ccircle%20cx='16'%20cy='16'%20r='13'%20fill='%238a9492'/%3E"),
    Icon.SHEET: _SVG.format("%3Cpath%20d='M7%203h12l6%206v20H7z'%20fill='%238a9492'/%3E"),
    Icon.NONE: "data:,",
}
"""Inline, so that no request reveals them."""
EXIT_COOKIE = "left"
"""A browser has it from an exit until a form is sent: see ``visitor/quick_exit``."""
_EXIT_ID = re.compile(r"[0-9a-f]{8}")


def chosen_region() -> str:
    """Return the visitor's chosen region, else the deployment's."""
    if "region" not in g:
        picked = request.args.get("region", "").upper()
        is_known = picked and picked in directory().regions()
        g.region = picked if is_known else settings().default_region
    return cast(str, g.region)


def visitor_page() -> dict[str, Any]:
    """Return the context of every visitor page; needs no database."""
    crisis_directory, region, now = directory(), chosen_region(), clock.now()
    home = settings().default_region
    lines = crisis_directory.at(region, now)
    return {
        "region": region,
        "emergency": crisis_directory.emergency(region),
        "second_emergency": crisis_directory.second_emergency(region),
        "lines": lines.open_now,
        "later_lines": lines.opening_later,
        "unknown_lines": lines.hours_unknown,
        "state_lines": crisis_directory.state_lines(region),
        "home_lines": () if region == home else crisis_directory.reachable_from_abroad(home, now),
        "has_crisis_line": crisis_directory.has_crisis_line(region),
        "find_a_helpline": crisis_directory.find_a_helpline,
        "neutral_title": safety().page_title,
        "page_icon": ICONS[safety().page_icon],
    }


def visitor_page_key(page: str, now: datetime) -> Hashable:
    """Return what a visitor page shows besides its own data, as a cache key.

    The clock counts to the minute, with the full minute itself apart: lines open and close on it.

    Args:
        page: names the page.
    """
    minute = now.replace(second=0, microsecond=0)
    return page, page_variant(), chosen_region(), published_mark(), minute, now > minute


def cached_visitor_page(
    page: str, render: Callable[[], str], *facts: Hashable, code: int = 200
) -> Response:
    """Return a visitor page that needs no database, cached.

    After an exit it is rendered for that browser alone, with the script that leaves it again.

    Args:
        page: names the page.
        facts: what else it shows.
        code: the HTTP status.
    """
    if last_exit():
        return make_response(render(), code)
    key = (visitor_page_key(page, clock.now()), *facts)
    return cached_response(key, lambda _placeholders: render(), code=code)


def cached_fragment(template: str) -> Markup:
    """Render a fragment that depends only on language and region, once.

    Args:
        template: its path.
    """
    fragment = cached_text(
        visitor_page_key(template, clock.now()),
        lambda: render_template(template, **visitor_page()),
    )
    return Markup(fragment)  # noqa: S704 a template of ours  # nosec B704


def last_exit() -> str:
    """Return an id of the browser's last exit; empty if there was none or a form was sent since."""
    value = request.cookies.get(EXIT_COOKIE, "")
    return value if _EXIT_ID.fullmatch(value) else ""


def short_region_names() -> list[tuple[str, str]]:
    """Return regions with lines of their own, and the shown one; the crisis page has all others, so
    that the front page stays light.
    """
    with_lines = {line.region for line in directory().published}
    codes = {settings().default_region, chosen_region()} | with_lines
    return [(code, name) for code, name in region_names() if code in codes]


def region_names() -> list[tuple[str, str]]:
    """Return all regions with their names, those with lines of their own first."""
    published = (line.region for line in directory().published)
    own_regions = tuple(dict.fromkeys([settings().default_region, *published]))
    return _named(own_regions, tuple(directory().regions()), locale())


@lru_cache(maxsize=64)
def _named(
    first: tuple[str, ...], regions: tuple[str, ...], shown_in: Locale
) -> list[tuple[str, str]]:
    names = shown_in.territories
    others = sorted(set(regions).difference(first), key=lambda code: names.get(code, code))
    return [(code, names.get(code, code)) for code in (*first, *others)]
