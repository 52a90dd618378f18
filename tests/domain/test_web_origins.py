"""Which website a page belongs to, as browsers say it and as admins type it."""

from __future__ import annotations

import pytest

from helpline.domain.web_origins import InvalidOrigin, Origin, path_of_page, title_of_page


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("example.org", "https://example.org"),
        ("  https://Example.ORG/articles/sleep?x=1#top ", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:8443/", "https://example.org:8443"),
        ("http://127.0.0.1:8002", "http://127.0.0.1:8002"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_read_as_the_origin_a_browser_sends(typed: str, origin: str) -> None:
    assert Origin.parse(typed).text == origin


@pytest.mark.parametrize(
    "typed",
    [
        *("", "*", "null", "https://", "example", "javascript:alert(1)", "ftp://example.org"),
        *("http://example.org", "https://*.example.org", "https://a b.example", "https://[::1"),
        *("https://someone@example.org", "https://example.org:x", "https://" + "a." * 200 + "in"),
    ],
)
def test_what_is_no_safe_website_is_refused(typed: str) -> None:
    with pytest.raises(InvalidOrigin):
        Origin.parse(typed)


def test_of_a_page_its_path_is_kept_and_nothing_personal() -> None:
    assert path_of_page("/cocaine-and-mood?user=7#symptoms") == "/cocaine-and-mood"
    assert path_of_page("https://example.org/a/b?c") == "/a/b"
    assert path_of_page("/" + "x" * 500) == "/" + "x" * 299
    assert path_of_page("/a\x00\nb") == "/ab"
    for nothing in (None, "", "cocaine", "https://[", "mailto:a@b.example"):
        assert path_of_page(nothing) is None


def test_a_title_is_one_line_of_a_sensible_length() -> None:
    assert title_of_page("  Cocaine\n and   mood\x00 ") == "Cocaine and mood"
    assert title_of_page("é" * 500) == "é" * 200
    assert title_of_page(" \n ") is None
    assert title_of_page(None) is None
