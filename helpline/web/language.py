"""The language of a page, given by its address, so that no cookie is needed.

Every visitor page has a bare address, in the first language of the site, and one for each language:
/crisis, /en/crisis, /hi/crisis. Links on a page of the second kind keep its language. Staff pages
are in the language of their account; before sign-in, in the browser's.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import quote

import flask_babel
from babel import Locale
from babel.support import NullTranslations
from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
)
from markupsafe import Markup
from werkzeug.routing import Rule

from helpline import extensions
from helpline.current import settings
from helpline.i18n import catalogs
from helpline.staff.models import SignedInStaff
from helpline.web.access import ANY_SITE, ANYONE, CARRIER, audience_of
from helpline.web.page_cache import per_response
from helpline.web.request_context import profile

_IN_PATH = "site_language"
_SPOKEN = "spoken_language"
_KNOWN = "helpline.page_language"
"""Environ key of the page's language, which is needed for every text."""


@dataclass(frozen=True, slots=True)
class SamePage:
    """The current page in another language.

    Args:
        code: for HTML.
        name: the language's own name.
        path: on this site.
        address: the whole address, for search engines.
        shown: whether it is the current language.
    """

    code: str
    name: str
    path: str
    address: str
    shown: bool


class HasNotes(Protocol):
    """A crisis line or a service."""

    @property
    def notes(self) -> str: ...
    @property
    def notes_by_language(self) -> Mapping[str, str] | None: ...


class _OverriddenDomain(flask_babel.Domain):  # type: ignore[misc]
    """The catalogs with the text overrides of admins."""

    def get_translations(self) -> NullTranslations:
        return _spoken().translations


_DOMAIN = _OverriddenDomain()


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A language of a page.

    Args:
        code: such as "hi".
        translations: its catalog.
        marked: texts already marked as safe for templates.
    """

    code: str
    translations: NullTranslations
    marked: dict[str, Markup]


def install(app: Flask) -> None:
    """Load the catalogs; an unreadable one stops the start."""
    for code in catalogs.available():
        catalogs.translations(code)
    extensions.babel.init_app(app, locale_selector=_locale_of_page)
    app.jinja_env.globals.update(
        # In place of the library's, which ask for the language with every word of a page.
        _=_template_text,
        gettext=_template_text,
        ngettext=_template_texts,
    )


def add_language_prefixes(app: Flask, blueprint: Blueprint) -> None:
    """Add the language prefixes to the routes of a blueprint."""
    with app.app_context():
        codes = ",".join(f"'{code}'" for code in site_languages())
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.partition(".")[0] == blueprint.name:
            path = f"/<any({codes}):{_IN_PATH}>{rule.rule}"
            methods = (rule.methods or set()) - {"OPTIONS"}
            app.url_map.add(
                Rule(path, endpoint=rule.endpoint, methods=methods, defaults=rule.defaults)
            )


def site_languages() -> tuple[str, ...]:
    """Return the languages of the site, that of bare addresses first."""
    return settings().site_languages or catalogs.available()


def page_language() -> str:
    """Return the code of this page's language."""
    if not has_request_context():
        return catalogs.SOURCE_LANGUAGE
    code: str | None = request.environ.get(_KNOWN)
    if code is None:
        code = staff_language() if _is_for_staff() else chosen_language() or site_languages()[0]
        request.environ[_KNOWN] = code
    return code


def staff_language() -> str:
    """Return the language of the signed-in account; without one, the browser's if we have it."""
    signed_in: SignedInStaff | None = g.get("signed_in")
    codes = catalogs.staff_languages()
    if signed_in is not None:
        return signed_in.page_language if signed_in.page_language in codes else codes[0]
    return request.accept_languages.best_match(codes) or codes[0]


def set_language(code: str | None) -> None:
    """Set this request's language, where the site has it: for programs, whose addresses name
    none.
    """
    g.language = code if code in site_languages() else None
    request.environ.pop(_KNOWN, None)
    g.pop(_SPOKEN, None)


def page_variant() -> Hashable:
    """Return what links and texts of every page depend on, as a part of a cache key."""
    return request.script_root, chosen_language(), page_language(), _is_for_staff()


def same_page() -> list[SamePage]:
    """Return this page in every language of the site; empty where there is only one."""
    codes = site_languages()
    if len(codes) < 2 or _is_for_staff():
        return []
    return [_in(code) for code in codes]


def bare_address() -> str:
    """Return the whole address of this page without a language."""
    return settings().public_url + bare_path()


def public_address(path: str) -> str:
    """Return the address of a page as people read and type it."""
    return settings().public_url.split("://")[-1] + path


def gettext(text: str, **values: Any) -> str:
    translation = _spoken().translations.ugettext(text)
    return str(translation % values if values else translation)


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    translation = _spoken().translations.ungettext(one, many, num)
    return str(translation % {"num": num, **values})


def _template_text(text: str, **values: Any) -> Markup:
    """Texts may hold markup, placeholders are escaped."""
    spoken = _spoken()
    if values:
        return Markup(spoken.translations.ugettext(text)) % values  # noqa: S704  # nosec B704
    cached = spoken.marked.get(text)
    if cached is None:
        translation = Markup(spoken.translations.ugettext(text)) % {}  # noqa: S704  # nosec B704
        cached = spoken.marked[text] = translation
    return cached


def _template_texts(one: str, many: str, num: int, **values: Any) -> Markup:
    translation = Markup(_spoken().translations.ungettext(one, many, num))  # noqa: S704  # nosec B704
    return translation % {"num": num, **values}


def line_words(text: str) -> str:
    """Translate a crisis line's name or note; an admin's own text stays as written."""
    return catalogs.translate(catalogs.LINE, text, _spoken().code) if text else ""


def notes_words(entry: HasNotes) -> str:
    """Return an entry's notes in this page's language: an admin's translation, else the
    original.
    """
    translations = entry.notes_by_language or {}
    return translations.get(_spoken().code) or line_words(entry.notes)


def time_format(pattern: str) -> str:
    """Return the pattern of a time or day in this page's language.

    Args:
        pattern: the English one, in CLDR syntax.
    """
    return catalogs.translate(catalogs.FORMAT, pattern, _spoken().code)


def lazy_gettext(text: str, **values: Any) -> Any:
    """Return a text translated when it is shown."""
    return _DOMAIN.lazy_gettext(text, **values)


def site_name(code: str | None = None) -> str:
    """Return the service name in a language, else the common one.

    Args:
        code: such as "hi"; None for this page's.
    """
    code = code or _spoken().code
    names = profile().names
    translated = names.get(code) or names.get(site_languages()[0]) or settings().name_in(code)
    if translated is not None:
        return translated
    with in_language(code):
        return gettext("Helpline")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Translate into this language within the context.

    Args:
        code: such as "hi"; English where there is no catalog.
    """
    with flask_babel.force_locale(code.replace("-", "_")):
        previous = g.get(_SPOKEN)
        setattr(g, _SPOKEN, _speaking(code))
        try:
            yield
        finally:
            g.pop(_SPOKEN, None)
            if previous is not None:
                setattr(g, _SPOKEN, previous)


def locale() -> Locale:
    """Return this page's locale; English outside a page."""
    page_locale: Locale | None = flask_babel.get_locale()
    return page_locale or Locale("en")


@lru_cache(maxsize=64)
def own_name(code: str) -> str:
    """Return a language's own name."""
    parsed = Locale.parse(code, sep="-")
    name = parsed.get_display_name(parsed) or code
    return name[:1].upper() + name[1:]


def _spoken() -> _Spoken:
    if not has_app_context():
        return _speaking(catalogs.SOURCE_LANGUAGE)
    spoken: _Spoken | None = g.get(_SPOKEN)
    if spoken is None:
        spoken = _speaking(page_language())
        setattr(g, _SPOKEN, spoken)
    return spoken


def _speaking(code: str) -> _Spoken:
    translations = catalogs.translations(code)
    return _Spoken(code, translations, _marked(translations))


@lru_cache(maxsize=32)
def _marked(_translations: NullTranslations) -> dict[str, Markup]:
    return {}


def _locale_of_page() -> str:
    return page_language().replace("-", "_")


def _is_for_staff() -> bool:
    endpoint = request.endpoint or ""
    return endpoint.startswith("security.") or bool(
        audience_of(endpoint) - {ANYONE, ANY_SITE, CARRIER}
    )


def chosen_language() -> str | None:
    """Return the language requested by address or ``speak``, or None."""
    spoken: str | None = g.get("language")
    return spoken or _in_path()


def _in_path() -> str | None:
    """Read from the path itself, so that it holds for 404 pages too."""
    if _IN_PATH not in request.environ:
        first = request.path.split("/", 2)[1]
        request.environ[_IN_PATH] = first if first in site_languages() else None
    code: str | None = request.environ[_IN_PATH]
    return code


def take_from_path(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the language out of the values of an address: no view asks for it."""
    if values is not None:
        values.pop(_IN_PATH, None)


def keep_in_links(endpoint: str, values: MutableMapping[str, Any]) -> None:
    """Keep the language of this page in its links."""
    if not has_request_context() or _IN_PATH in values:
        return
    code = chosen_language()
    if code and current_app.url_map.is_endpoint_expecting(endpoint, _IN_PATH):
        values[_IN_PATH] = code


def _in(code: str) -> SamePage:
    path = f"/{code}{bare_path()}"
    return SamePage(
        code=code,
        name=own_name(code),
        path=request.script_root + path,
        address=settings().public_url + path,
        shown=code == page_language(),
    )


@per_response
def bare_path() -> str:
    """Return this page's path and query without a language; the front page's for the response to
    a form.
    """
    code = _in_path()
    path = request.path.removeprefix(f"/{code}") if code else request.path
    can_be_read = request.method in {"GET", "HEAD"} or _answers(request.path)
    query = request.query_string.decode("ascii", "replace")
    bare = (path or "/") if can_be_read else "/"
    return quote(bare, safe="/:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")


def _answers(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, method="GET")
