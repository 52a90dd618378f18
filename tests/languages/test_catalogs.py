"""Every catalog is whole: pages, texts and voice, each word of them, with the same places open."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from babel.messages.mofile import read_mo, write_mo
from flask import Flask
from pydantic import ValidationError

from config import Settings
from helpline.i18n import catalogs
from helpline.messaging import sms_templates
from helpline.telephony import prompts
from tests import factories
from tests.cast import KAVITA
from tests.languages.every_page import pages
from tests.languages.template import template
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page
from tools.untranslated import problems, read_catalog

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 20:00"
ADDRESS = re.compile(r"\S+\.(?:com|org|in|fr)\b|localhost\S*|\b[A-Z0-9]{3}-[A-Z0-9]{3}\b")
"""An address, or the reference of a request."""
LATIN_IN_HINDI = {"English", "JavaScript", "Shift", "Tab", "Enter"}
WHAT_TO_DO = (
    "Run `make words`, then translate what it names in helpline/translations/ (docs/languages.md)."
)


@pytest.mark.parametrize("language", [each for each in catalogs.available() if each != "en"])
def test_a_catalog_has_every_word_of_pages_texts_and_voice(language: str) -> None:
    found = problems(catalogs.source_file(language), template())
    assert found == [], f"{language}: {len(found)} problems. {WHAT_TO_DO}"


def test_the_catalog_of_staff_pages_has_every_word_that_only_staff_read() -> None:
    staff = template(catalogs.STAFF)
    assert staff.get("Claim next callback") and staff.get("Ask for a call") is None
    found = problems(catalogs.source_file("hi", catalogs.STAFF), staff)
    assert found == [], f"{len(found)} problems. {WHAT_TO_DO}"


@pytest.mark.parametrize("domain", [catalogs.VISITORS, catalogs.STAFF])
@pytest.mark.parametrize("language", [each for each in catalogs.available() if each != "en"])
def test_a_compiled_catalog_is_in_step_with_its_source(language: str, domain: str) -> None:
    source = catalogs.source_file(language, domain)
    compiled = BytesIO()
    write_mo(compiled, read_catalog(source))
    compiled.seek(0)
    with source.with_suffix(".mo").open("rb") as stored:
        assert _messages(stored) == _messages(compiled), "run `make words`"


def _messages(compiled: BinaryIO) -> dict[object, object]:
    return {(str(each.id), each.context): each.string for each in read_mo(compiled) if each.id}


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('msgstr "यह पेज नहीं मिला"', 'msgstr ""', "not translated: 'We could not find this page'"),
        ("अभी %(number)s पर", "अभी पर", "has placeholders"),
        ("अभी %(number)s पर", "अभी %(phone)s पर", "has placeholders"),
        ("हम {time} के आसपास", "हम {name} के आसपास", "has placeholders ['name'], not ['time']"),
        ("यह {name} है।", "नमस्ते।", "has placeholders [], not ['name']"),
        ('msgid "Crisis numbers"', '#, fuzzy\nmsgid "Crisis numbers"', "marked fuzzy"),
        ('msgid "Crisis numbers"', 'msgid "Crisis lines"', "missing: 'Crisis numbers'"),
        ('msgid "Crisis numbers"', 'msgid "Crisis lines"', "not in the sources any more"),
        ('msgstr[1] "%(num)d घंटे"', 'msgstr[1] ""', "not translated: '%(num)d hour'"),
    ],
)
def test_what_is_wrong_with_a_catalog_is_named(
    tmp_path: Path, was: str, becomes: str, problem: str
) -> None:
    whole = catalogs.source_file("hi").read_text(encoding="utf-8")
    assert was in whole
    spoilt = tmp_path / "hi.po"
    spoilt.write_text(whole.replace(was, becomes, 1), encoding="utf-8")
    found = problems(spoilt, template())
    assert any(problem in each for each in found), found


def test_the_sources_give_all_that_a_visitor_reads_hears_or_is_sent_and_nothing_of_staff() -> None:
    messages = template()
    for text, context in (
        ("Ask for a call", None),
        ("Enter the phone number we should call.", None),
        ("%(num)d hour", None),
        ("We are about to call you.", "text"),
        ("We are closed right now.", "voice"),
        ("Tele-MANAS", "line"),
        ("h:mm a", "format"),
    ):
        assert messages.get(text, context), text
    assert messages.get("Claim next callback") is None
    places = {place for message in messages for place, _ in message.locations}
    staff = ("/admin/", "/desk/", "/supervisor/", "/auth/", "staff")
    assert not [place for place in places if any(each in place for each in staff)]
    assert {"templates/base_visitor.html", "templates/components/crisis.html"} <= places, (
        "what a page refers to is read with it"
    )


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
