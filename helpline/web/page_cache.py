"""A cache of rendered pages, keyed by the facts that they show.

The facts are read for every response; only rendering the same facts is not repeated. A page is
rendered with placeholders for what differs by response (the nonce, its own path, the key of a form,
the token of a link, the end of a number), which are filled for each: no personal data stays here.

A page is compressed once, too. Each value is put between the compressed texts as it is, so that the
length of the answer tells nothing about it (BREACH).
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, wraps
from itertools import chain, zip_longest
from threading import Lock

import brotli
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
_BROTLI_QUALITY = 5
_BROTLI_STORED = 1 << 19
_BROTLI_CONTEXTS = (2, 3, 4, 5)
"""A compressed block of Brotli depends on two bytes before it: RFC 7932 section 7.1."""
_NO_TEXT = bytes(chain.from_iterable((0xFF - (n >> 8), n & 0xFF) for n in range(2**11)))
"""In place of values: no four bytes of it repeat, nor are in any UTF-8, so nothing refers to it."""
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
        self._compressed_by_brotli = lru_cache(_MAX_LENGTHS)(self._compress_by_brotli)

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

    def brotli(self, values: Mapping[str, str]) -> bytes | None:
        """Return the page with these values, as HTML in Brotli; None where it cannot be joined."""
        filled = self._values(values)
        parts = self._compressed_by_brotli(tuple(map(len, filled)))
        return None if parts is None else b"".join(_between(parts, filled))

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

    def _compress_by_brotli(self, lengths: tuple[int, ...]) -> Sequence[bytes] | None:
        """Return all but the values in Brotli, to be joined with stored values of these lengths.

        The first bytes of a text are stored with the value before it, since how the next are read
        depends on them. That nothing depends on the values is tried; a library may then need more.
        """
        if sum(lengths) > len(_NO_TEXT):
            return None
        values = [[byte * length for length in lengths] for byte in (b"0", b"1")]
        for context in _BROTLI_CONTEXTS:
            parts = self._brotli_parts(lengths, context)
            with suppress(brotli.error):
                if all(
                    brotli.decompress(b"".join(_between(parts, each)))
                    == b"".join(_between(self.texts, each))
                    for each in values
                ):
                    return parts
        return None

    def _brotli_parts(self, lengths: tuple[int, ...], context: int) -> Sequence[bytes]:
        packer = brotli.Compressor(quality=_BROTLI_QUALITY)
        parts, at = [packer.process(self.texts[0]) + packer.flush()], 0
        for text, length in zip(self.texts[1:], lengths, strict=True):
            begin, rest = text[:context], text[context:]
            packer.process(_NO_TEXT[at : at + length] + begin)
            packer.flush()
            at += length
            if stored := length + len(begin):
                # The head of an uncompressed block (RFC 7932 section 9.2) ends the part before.
                parts[-1] += (stored - 1 << 3 | _BROTLI_STORED).to_bytes(3, "little")
            parts.append(begin + packer.process(rest) + packer.flush())
        parts[-1] += packer.finish()
        return parts


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
    """Return a page, rendered and compressed if it is not cached.

    Args:
        key: everything that the page shows, but its values and those of ``per_response``.
        render: renders it, with the placeholders in place of the values.
        values: plain texts of this response alone.
        code: the HTTP status.
    """
    values = values or {}
    page = _page(key, render, values)
    body, encoding = _encoded(page, values)
    response = current_app.response_class(body, code)
    if encoding:
        response.headers["Content-Encoding"] = encoding
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _encoded(page: CachedPage, values: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a page and how it is compressed, as the browser takes it."""
    by_brotli, by_gzip = map(request.accept_encodings.quality, ("br", "gzip"))
    if may_compress() and 0 < by_brotli >= by_gzip:  # Smaller, which a slow network feels.
        body = page.brotli(values)
        return (page.filled(values), "") if body is None else (body, "br")
    if may_compress() and by_gzip:
        return page.gzipped(values), "gzip"
    return page.filled(values), ""


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
