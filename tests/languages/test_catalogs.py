"""Every catalog is whole: pages, texts and voice, each word of them, with the same places open."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from pydantic import ValidationError

from config import Settings
from helpline.i18n import catalogs
from helpline.messaging import sms_templates
from helpline.telephony import prompts
from tests import factories
from tests.cast import KAVITA
from tests.languages.every_page import pages
from tests.languages.third import URDU
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page
from tools import words

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 20:00"
ADDRESS = re.compile(r"\S+\.(?:com|org|in|fr)\b")
LATIN_IN_HINDI = {"English", "JavaScript", "Shift", "Tab", "Enter"}
WHAT_TO_DO = "Run `make words`, then translate in helpline/i18n/ what it names (docs/languages.md)."


@cache
def wanted() -> Catalog:
    """Every word of the sources, read once."""
    return words.wanted()


@pytest.mark.parametrize("language", [each for each in catalogs.available() if each != "en"])
def test_a_catalog_has_every_word_of_pages_texts_and_voice(language: str) -> None:
    file = catalogs.FOLDER / f"{language}.po"
    problems = words.problems(file, wanted())
    assert problems == [], f"{file.name}: {len(problems)} problems. {WHAT_TO_DO}"


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('msgstr "यह पेज नहीं मिला"', 'msgstr ""', "not translated: 'We could not find this page'"),
        ("अभी %(number)s पर", "अभी पर", "leaves open"),
        ("अभी %(number)s पर", "अभी %(phone)s पर", "leaves open"),
        ("हम {time} के आसपास", "हम {name} के आसपास", "leaves open ['name'], not ['time']"),
        ("यह {name} है।", "नमस्ते।", "leaves open [], not ['name']"),
        ('msgid "Crisis numbers"', '#, fuzzy\nmsgid "Crisis numbers"', "marked fuzzy"),
        ('msgid "Crisis numbers"', 'msgid "Crisis lines"', "missing: 'Crisis numbers'"),
        ('msgid "Crisis numbers"', 'msgid "Crisis lines"', "not in the sources any more"),
        ('msgstr[1] "%(num)d घंटे"', 'msgstr[1] ""', "not translated: '%(num)d hour'"),
    ],
)
def test_what_is_wrong_with_a_catalog_is_named(
    tmp_path: Path, was: str, becomes: str, problem: str
) -> None:
    whole = (catalogs.FOLDER / "hi.po").read_text(encoding="utf-8")
    assert was in whole
    spoilt = tmp_path / "hi.po"
    spoilt.write_text(whole.replace(was, becomes, 1), encoding="utf-8")
    found = words.problems(spoilt, wanted())
    assert any(problem in each for each in found), found


def test_the_sources_give_all_that_a_visitor_reads_hears_or_is_sent_and_nothing_of_staff() -> None:
    template = wanted()
    for text, context in (
        ("Ask for a call", None),
        ("Enter the phone number we should call.", None),
        ("%(num)d hour", None),
        ("We are about to call you.", "text"),
        ("We are closed right now.", "voice"),
        ("Tele-MANAS", "line"),
        ("h:mm a", "format"),
    ):
        assert template.get(text, context), text
    assert template.get("Claim next callback") is None
    places = {place for message in template for place, _ in message.locations}
    staff = ("/admin/", "/desk/", "/supervisor/", "/auth/", "staff")
    assert not [place for place in places if any(each in place for each in staff)]
    assert {"templates/base_visitor.html", "templates/components/crisis.html"} <= places, (
        "what a page refers to is read with it"
    )


def test_bringing_a_catalog_in_step_keeps_what_is_translated(tmp_path: Path) -> None:
    file = tmp_path / "ur.po"
    file.write_text(URDU + '\nmsgid "Gone"\nmsgstr "گیا"\n', encoding="utf-8")
    template = wanted()
    words.update(file, template)

    written = file.read_text(encoding="utf-8")
    assert "ہم سے کال مانگیں" in written
    assert "Gone" not in written
    assert len(words.problems(file, template)) == len(template) - 3
    again = file.read_bytes()
    words.update(file, template)
    assert file.read_bytes() == again, "the same sources make the same file"
    with file.open("rb") as opened:
        assert read_po(opened, locale="ur").charset == "utf-8"


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("time", [OPEN, CLOSED])
def test_nothing_on_a_page_in_hindi_is_left_in_english(
    app: Flask, client: Client, at: Clock, time: str
) -> None:
    at(time)
    for name, page in pages(app, client, "/hi"):
        words_of_page = ADDRESS.sub("", f"{page.title} {page.text}")
        latin = set(re.findall(r"[A-Za-z]{2,}", words_of_page))
        assert latin <= LATIN_IN_HINDI, f"{name}: {latin - LATIN_IN_HINDI}. {WHAT_TO_DO}"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_third_language_is_one_file(with_urdu: None, client: Client, at: Clock) -> None:
    at(OPEN)
    page = Page(client.get("/ur/").text)
    html = page.the("html").attrs
    assert (html["lang"], html["dir"]) == ("ur", "rtl")
    assert page.the("h2", id="ask-heading").text == "ہم سے کال مانگیں"
    assert page.the("a", hreflang="ur", aria_current="true").text == "اردو"
    assert "We are here to assist you" in page.text, "what is not translated yet is in English"
    assert [each.attrs["hreflang"] for each in page.all("link", rel="alternate")] == [
        *("en", "hi", "ur", "x-default")
    ]
    assert page.links("/ur/crisis")
    token = factories.link(KAVITA)
    assert Page(client.get(f"/ur/request/{token}").text).the("html").attrs["dir"] == "rtl"
    assert sms_templates.render("about_to_ring", "ur") == "ہم ابھی آپ کو فون کرنے والے ہیں۔"
    assert sms_templates.render("moved_soon", "ur").startswith("The time has changed.")
    assert prompts.voice_for("ur").say("closed") == "ہم ابھی بند ہیں۔"


@pytest.mark.usefixtures("with_urdu")
@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(voice_languages=("ur", "en"), site_languages=("ur", "en"))
def test_an_operator_may_choose_among_the_languages_there_are(client: Client, at: Clock) -> None:
    at(OPEN)
    page = Page(client.get("/").text)
    assert page.the("html").attrs["lang"] == "ur"
    assert client.get("/hi/").status_code == 404


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_language_without_a_catalog_is_refused_at_start(
    make_settings: Callable[..., Settings],
) -> None:
    for wrong in ({"site_languages": "en,fr"}, {"voice_languages": "fr"}, {"voice_languages": ""}):
        with pytest.raises(ValidationError):
            make_settings(**wrong)
    assert make_settings(site_languages="hi, en").site_languages == ("hi", "en")
