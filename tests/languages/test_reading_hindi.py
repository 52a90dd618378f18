"""Hindi pages, texts, prompts and articles are easy to read, by what can be counted."""

from __future__ import annotations

import pytest

from demosite import site
from helpline.i18n import catalogs
from helpline.i18n.catalogs import FORMAT
from tests.languages.reading_hindi import akshara, hard_to_read, sentences
from tests.web.page import Page
from tools.untranslated import read_catalog

BLOCKS = ("p", "li", "h1", "h2", "summary")


@pytest.mark.parametrize("context", [None, "text", "voice", "line"])
def test_the_hindi_catalog_is_easy_to_read(context: str | None) -> None:
    catalog = read_catalog(catalogs.source_file("hi"))
    messages = [each for each in catalog if each.id and each.context == context != FORMAT]
    forms = [
        form
        for each in messages
        for form in ((each.string,) if isinstance(each.string, str) else each.string)
    ]
    assert len(forms) > 20
    assert hard_to_read(forms) == []


@pytest.mark.parametrize(
    "path", [path for path, (language, _) in site.ARTICLES.items() if language == "hi"]
)
def test_the_hindi_articles_are_easy_to_read(path: str) -> None:
    page = Page(site.page(path, "https://helpline.example") or "")
    assert page.the("html").attrs["lang"] == "hi"
    blocks = [each.text for each in page.elements if each.tag in BLOCKS]
    assert hard_to_read(blocks) == []


@pytest.mark.parametrize("name", site.TITLES["en"])
def test_each_article_leads_to_itself_in_the_other_language(name: str) -> None:
    for language, other in (("en", "hi"), ("hi", "en")):
        page = Page(site.page(site.address(language, name), "https://helpline.example") or "")
        (link,) = page.all("a", hreflang=other)
        assert link.attrs["href"] == site.address(other, name)


@pytest.mark.parametrize("number", ["112", "14416"])
def test_the_hindi_articles_name_a_number_at_each_point_of_danger(number: str) -> None:
    for name in ("depression", "cocaine-and-mood", "finding-a-therapist"):
        page = Page(site.page(site.address("hi", name), "https://helpline.example") or "")
        article = page.the("div", class_="text")
        inside = [each for each in page.all("a", href=f"tel:{number}") if article in each.around]
        assert inside, f"{name}: {number}"


def test_what_is_counted_is_words_and_akshara() -> None:
    assert sentences("नमस्ते। आप कैसे हैं आज? फ़ोन करें।") == ["आप कैसे हैं आज"]
    assert [akshara(word) for word in ("घर", "आत्महत्या", "ज़रूरी", "हेल्पलाइन")] == [2, 4, 3, 5]


def test_the_hindi_of_an_office_is_found_too_hard() -> None:
    notice = (
        "आवेदकों से अपेक्षित है कि वे अपनी पात्रता के प्रमाणस्वरूप समस्त आवश्यक अभिलेख "
        "निर्धारित समयसीमा के अंतर्गत कार्यालय में प्रस्तुत करें।"
    )
    assert len(hard_to_read([notice])) == 2
