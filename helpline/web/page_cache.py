"""A cache of rendered pages, keyed by the facts that they show.

The facts are read for every response; only rendering the same facts is not repeated. A page is
rendered with placeholders for what differs by response (the nonce, its own path, the key of a form,
the token of a link, the end of a number), which are filled for each: no personal data stays here.

In gzip a page is compressed once, too. Each value is put between the compressed texts as it is, so
that the length of the answer tells nothing about it (BREACH).
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from itertools import chain, zip_longest
from threading import Lock

from flask import Flask, Response, current_app, g, request
from markupsafe import escape

from helpline.app_state import AppState
from helpline.web.static_files import may_compress

_MAX_PAGES = 256
_MARK = secrets.token_hex(16)
"""Around the names of placeholders: no other text can contain it."""
_RENDERING = "rendering_for_cache"
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
"""RFC 1952: deflate, no name, no time, best compression, unknown system."""
_MAX_STORED, _WINDOW = 0xFFFF, 2**zlib.MAX_WBITS
_MAX_LENGTHS = 8
"""How many lengths of its values a page is compressed for."""
_PER_RESPONSE: dict[str, Callable[[], str]] = {}

Render = Callable[[Mapping[str, str]], str]
"""Renders a page, with the placeholders of its values by name."""


def per_response(value: Callable[[], str]) -> Callable[[], str]:
    """Declare a function whose text differs by response: cached pages get it each time."""
    name = value.__name__

    @wraps(value)
    def value_or_placeholder() -> str:
        return _placeholder(name) if g.get(_RENDERING) else value()

    _PER_RESPONSE[name] = value_or_placeholder
    return value_or_placeholder


def _placeholder(name: str) -> str:
    return f"{_MARK}{name}{_MARK}"


class CachedPage:
    """A rendered page: its texts, and the names of the values between them."""

    def __init__(self, page: str) -> None:
        parts = page.split(_MARK)
        self.texts = [part.encode() for part in parts[::2]]
        self.names = parts[1::2]
        self._compressed = lru_cache(_MAX_LENGTHS)(self._compress)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Return the page with these values, as HTML."""
        return b"".join(_between(self.texts, self._values(values)))

    def gzipped(self, values: Mapping[str, str]) -> bytes:
        """Return the page with these values, as HTML in gzip."""
        filled = self._values(values)
        page = b"".join(_between(self.texts, filled))
        texts = self._compressed(tuple(map(len, filled)))
        body = _between(texts, [_stored(value) for value in filled])
        end = struct.pack("<II", zlib.crc32(page), len(page))
        return b"".join((_GZIP_HEADER, *body, end))

    def _values(self, values: Mapping[str, str]) -> list[bytes]:
        made = {
            name: str(escape(values[name] if name in values else _PER_RESPONSE[name]())).encode()
            for name in dict.fromkeys(self.names)
        }
        return [made[name] for name in self.names]

    def _compress(self, lengths: tuple[int, ...]) -> Sequence[bytes]:
        """Return each text in deflate, to be joined with stored values of these lengths.

        A text refers back to those before it, but never to a value: in its dictionary values are
        bytes that no UTF-8 has. So it fits all values of the same lengths.
        """
        compressed, before = [], b""
        for text, length in zip_longest(self.texts, lengths):
            packer = zlib.compressobj(
                zlib.Z_BEST_COMPRESSION, wbits=-zlib.MAX_WBITS, zdict=before[-_WINDOW:]
            )
            begun = packer.compress(text)
            ended = packer.flush(zlib.Z_FINISH if length is None else zlib.Z_SYNC_FLUSH)
            compressed.append(begun + ended)
            before += text + b"\xff" * (length or 0)
        return compressed


def _between(texts: Sequence[bytes], values: Sequence[bytes]) -> Iterator[bytes]:
    return chain.from_iterable(zip_longest(texts, values, fillvalue=b""))


def _stored(value: bytes) -> bytes:
    """Return uncompressed deflate blocks, RFC 1951 section 3.2.4."""
    blocks = (value[at : at + _MAX_STORED] for at in range(0, len(value), _MAX_STORED))
    return b"".join(
        struct.pack("<BHH", 0, len(block), len(block) ^ _MAX_STORED) + block for block in blocks
    )


class PageCache:
    """The cached pages of an application, least recently used evicted."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> CachedPage | None:
        with self._lock:
            cached = self._pages.get(key)
            if cached is not None:
                self._pages.move_to_end(key)
            return cached

    def put(self, key: Hashable, page: CachedPage) -> None:
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > _MAX_PAGES:
                self._pages.popitem(last=False)


_CACHE = AppState[PageCache]("cached-pages")


def install(app: Flask) -> None:
    _CACHE.install(app, PageCache())


def cached_text(key: Hashable, render: Callable[[], str]) -> str:
    """Return a part of a page, rendered if it is not cached.

    Args:
        key: everything that the part shows, but the values of ``per_response``.
        render: renders it.
    """
    return _page(key, lambda _placeholders: render(), ()).filled({}).decode()


def cached_response(
    key: Hashable, render: Render, values: Mapping[str, str] | None = None, *, code: int = 200
) -> Response:
    """Return a page, rendered if it is not cached; packed where the browser takes only gzip.

    Args:
        key: everything that the page shows, but its values and those of ``per_response``.
        render: renders it, with the placeholders in place of the values.
        values: plain texts of this response alone.
        code: the HTTP status.
    """
    values = values or {}
    page = _page(key, render, values)
    accepted = request.accept_encodings
    # Brotli is a tenth smaller, which a slow network feels; it cannot be put together from parts.
    is_gzip = may_compress() and accepted.quality("gzip") > 0 and not accepted.quality("br")
    body = page.gzipped(values) if is_gzip else page.filled(values)
    response = current_app.response_class(body, code)
    if is_gzip:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _page(key: Hashable, render: Render, names: Iterable[str]) -> CachedPage:
    cache = _CACHE.get()
    page = cache.get(key)
    if page is None:
        before = g.get(_RENDERING, False)
        setattr(g, _RENDERING, True)
        try:
            page = CachedPage(render({name: _placeholder(name) for name in names}))
        finally:
            setattr(g, _RENDERING, before)
        cache.put(key, page)
    return page
