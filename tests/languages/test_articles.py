"""The articles of the demo website: their warnings come from the safety facts, there is a number at
each point of danger, and a child of eleven can read them."""

from __future__ import annotations

import re

import pytest

from demosite.site import ARTICLES, PAGES, page
from helpline.domain.safety_facts import safety_facts
from tests.languages.reading import sentences_of
from tests.languages.test_reading_age import LONGEST_SENTENCE_WORDS, hard_to_read
from tests.web.page import Page

WARNINGS = {
    "/depression": (
        *("withdrawal", "medicine", "self_danger", "poison", "after_birth", "under_18", "helper"),
    ),
    "/cocaine-and-mood": (
        *("tolerance", "contaminated_drugs", "alcohol_and_cocaine", "overdose_signs"),
        *("overdose_steps", "withdrawal", "pregnancy", "helper"),
    ),
}
YEAR_OF_ARTICLES = 6
"""Articles may be a year harder than our own pages: children of 11 are in it."""


def article(path: str) -> Page:
    return Page(page(path, "https://helpline.example") or "")


@pytest.mark.parametrize("path", WARNINGS)
def test_an_article_holds_its_warnings_word_for_word(path: str) -> None:
    text = article(path).text
    for fact_id in WARNINGS[path]:
        for item in safety_facts()[fact_id].items:
            assert (item % {"emergency": "112"}) in text, fact_id


@pytest.mark.parametrize("path", [*WARNINGS, "/finding-a-therapist"])
def test_an_article_names_a_number_where_it_speaks_of_danger(path: str) -> None:
    name = ARTICLES[path][1]
    source = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    for paragraph in re.findall(r"<p>.*?</p>", source):
        if re.search(r"end(ing)? your life|life is in danger, call", paragraph):
            assert "tel:" in paragraph, paragraph
    links = article(path).links("tel:")
    assert {"tel:112", "tel:14416"} <= set(links)
    assert "the emergency number" not in article(path).text


def test_cocaine_is_not_said_to_make_the_brain_give_out() -> None:
    assert "give out" not in article("/cocaine-and-mood").text


@pytest.mark.parametrize("path", [each for each, (lang, _) in ARTICLES.items() if lang == "en"])
def test_an_article_can_be_read_by_a_child_of_eleven(path: str) -> None:
    sentences = sentences_of(article(path))
    found = [each for each in hard_to_read(sentences) if "index" not in each.casefold()]
    assert found == [], f"over {LONGEST_SENTENCE_WORDS} words"
    years = [each for each in hard_to_read(sentences) if "index" in each.casefold()]
    assert [each for each in years if float(each.split()[-1]) > YEAR_OF_ARTICLES] == []
