"""Strategies: requests as browsers, programs, the carrier and none of them would send them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import hypothesis.strategies as st

from tests.fuzz.targets import Target, World, parts_of

NASTY = (
    "",
    " ",
    "0",
    "-1",
    "-0",
    "+1",
    "1_000",
    "٣",
    "²",
    "1e400",
    "NaN",
    "null",
    "true",
    "9" * 30,
    "9223372036854775807",
    "9223372036854775808",
    "2147483648",
    "a\x00b",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u202e\u2066resrever",
    "\u200fשלום",
    "😀" * 60,
    "ﷺ" * 20,
    "e" + "\u0308" * 200,
    "<script>alert(1)</script>",
    "%(name)s {name} {{7*7}} %s",
    "'; DROP TABLE callback; --",
    "../../etc/passwd",
    "//evil.example",
    "http://[::1",
    "\r\nSet-Cookie: a=b",
    "yes",
    "asap",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-23T10:00:00",
    "2026-11-23T09:30:00Z",
    "24:00",
    "25:61",
    "10:00",
    "+911",
    "+91 98765 43210",
    "112",
    "[]",
    "{}",
    '{"a":',
    "x" * 10_000,
)
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=latin-1",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "text/xml",
    "nonsense",
    "",
)
CHARSETS = ("utf-8", "utf-8", "utf-8", "latin-1", "utf-16", "shift_jis")


@dataclass(frozen=True)
class Made:
    """A request made up.

    Args:
        signed: what the carrier would have signed; None: unsigned.
        headers: beside those that a client sends by itself.
    """

    target: Target
    path: str
    query: bytes
    body: bytes
    content_type: str
    signed: dict[str, str] | None
    headers: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = f"{self.target.method} {self.path}?{self.query[:80]!r} [{self.content_type}] "
        return told + f"{'signed ' if self.signed else ''}{self.body[:300]!r}"


words = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.text("0123456789+-:. ", max_size=14),
)


@st.composite
def requests(draw: st.DrawFn, world: World) -> Made:
    """One request to anything in the house."""
    target = draw(st.sampled_from(world.targets))
    pairs = draw(_pairs(target))
    filled = target.rule
    for name in parts_of(target.rule):
        known = world.parts.get(name, ("1",))
        part = draw(st.one_of(*[st.sampled_from(known)] * 4, words))
        before, _open, rest = filled.partition("<")
        filled = before + _quoted(part) + rest.partition(">")[2]
    signed = None
    content_type, body, query = "", b"", b""
    kind = (
        target.kind if draw(st.integers(0, 9)) else draw(st.sampled_from(["form", "raw", "json"]))
    )
    if kind == "query":
        query = _form(pairs, "utf-8")
    elif kind == "json":
        content_type, body = "application/json", draw(_json(pairs))
    elif kind == "raw":
        content_type = draw(st.sampled_from(CONTENT_TYPES))
        body = draw(st.one_of(st.binary(max_size=200), st.just(_multipart(pairs))))
    elif kind == "form" and not draw(st.integers(0, 4)):
        content_type, body = "multipart/form-data; boundary=x", _multipart(pairs)
    else:
        charset = draw(st.sampled_from(CHARSETS)) if target.kind == "form" else "utf-8"
        content_type, body = CONTENT_TYPES[0], _form(pairs, charset)
    if target.kind == "webhook" and draw(st.integers(0, 9)):
        signed = (
            {_plain(name): _plain(value) for name, value in reversed(pairs)}
            if kind != "raw"
            else {}
        )
    return Made(target, filled, query, body, content_type, signed, draw(_headers(world)))


@st.composite
def _pairs(draw: st.DrawFn, target: Target) -> list[tuple[str, str]]:
    """Fields as they stand, some of them spoilt, left out, sent twice, or of no form at all."""
    pairs: list[tuple[str, str]] = []
    spoils = draw(st.integers(0, 7))
    for name, standing in target.fields.items():
        what = draw(st.integers(0, 9))
        if what == 9:
            continue
        value = draw(words) if what < spoils else draw(st.sampled_from(standing))
        pairs.append((name, value))
        if what == 8:
            pairs.append((name, draw(words)))
    if not draw(st.integers(0, 9)):
        pairs.append((draw(words), draw(words)))
    return pairs


@st.composite
def _headers(draw: st.DrawFn, world: World) -> tuple[tuple[str, str], ...]:
    tokens = st.sampled_from(world.parts["token"]).map("Bearer {}".format)
    origins = ["null", "http://localhost", "https://evil.example", "http://["]
    pool = (
        (
            "Authorization",
            st.one_of(tokens, st.sampled_from(["Bearer", ""])),
        ),
        ("Idempotency-Key", st.one_of(st.uuids().map(str), st.sampled_from(["1", "0" * 32]))),
        (
            "Origin",
            st.sampled_from(origins),
        ),
        ("Accept-Language", st.sampled_from(["hi", "*;q=9", "xx-yy-zz", "en;q=\xff"])),
        ("Referer", st.sampled_from(["http://[", "http://localhost/you", "x", ""])),
        (
            "Host",
            st.sampled_from(
                [*["localhost"] * 20, "localhost:99999", "[::1", "a b", "evil.example"]
            ),
        ),
        ("HX-Request", st.just("true")),
        ("X-Forwarded-For", st.sampled_from(["::1", "nonsense", ","])),
        ("Range", st.just("bytes=9-1")),
        ("Cookie", st.sampled_from(["session=x", "=;;=", "session=\xff"])),
    )
    chosen = [each for each in pool if draw(st.integers(0, 2)) == 0]
    return tuple((name, draw(strategy)) for name, strategy in chosen)


@st.composite
def _json(draw: st.DrawFn, pairs: Sequence[tuple[str, str]]) -> bytes:
    odd = st.one_of(
        words,
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.just([[[[]]]]),
        st.just({"page": "/x", "title": 7}),
        st.just({"a": {"b": {}}}),
    )
    told = {name: draw(odd) if not draw(st.integers(0, 2)) else value for name, value in pairs}
    for name in ("consent", "may_text"):
        if told.get(name) == "yes":
            told[name] = True
    whole = draw(st.sampled_from([told] * 6 + [[told], "text", 7, None]))
    charset = draw(st.sampled_from(CHARSETS))
    return json.dumps(whole).encode(charset, "replace")


def _form(pairs: Sequence[tuple[str, str]], charset: str) -> bytes:
    return b"&".join(
        quote_from_bytes(_encoded(name, charset)).encode()
        + b"="
        + quote_from_bytes(_encoded(value, charset)).encode()
        for name, value in pairs
    )


def _multipart(pairs: Sequence[tuple[str, str]]) -> bytes:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (
            _encoded(name, "utf-8").replace(b'"', b"").replace(b"\r\n", b" "),
            b'; filename="a.txt"' if len(value) % 7 == 6 else b"",
            _encoded(value, "utf-8"),
        )
        for name, value in pairs
    ]
    return b"".join(parts) + b"--x--\r\n"


def _encoded(text: str, charset: str) -> bytes:
    return text.encode(charset, "surrogatepass" if charset.startswith("utf") else "replace")


def _plain(text: str) -> str:
    return _encoded(text, "utf-8").decode("utf-8", "replace")


def _quoted(part: str) -> str:
    return quote_from_bytes(_encoded(part, "utf-8"), safe="") or "x"
