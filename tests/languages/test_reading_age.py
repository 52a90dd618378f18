"""Somebody of 9 to 11 years can read every page, text and voice prompt in English.

The measures are the Automated Readability Index and the Coleman-Liau index, which need no word
list: both come out as a year of school in the United States, where a child of 10 to 11 is in
year 5. Which words of a page are counted is said in ``reading``.
"""

from __future__ import annotations

import pytest
from flask import Flask

from helpline.messaging import sms_templates
from helpline.telephony import prompts
from tests.languages.every_page import pages
from tests.languages.reading import sentences_of, split
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

OPEN, CLOSED = "2026-11-23 12:00", "2026-11-23 20:00"
LAST_YEAR_OF_SCHOOL = 5
LONGEST_SENTENCE_WORDS = 20
WRONG = {"phone": "", "name": "x" * 99, "note": "x" * 2000, "asked_by": "x" * 99}


def hard_to_read(sentences: list[str]) -> list[str]:
    """What makes these hard for a child of ten; nothing where they are easy."""
    import textstat  # With its word lists it takes a second to import.

    text = " ".join(sentences)
    years = {
        "Automated Readability Index": textstat.automated_readability_index(text),
        "Coleman-Liau index": textstat.coleman_liau_index(text),
    }
    found = [f"{name}: {year:.1f}" for name, year in years.items() if year > LAST_YEAR_OF_SCHOOL]
    return found + [each for each in sentences if len(each.split()) > LONGEST_SENTENCE_WORDS]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("time", [OPEN, CLOSED])
@pytest.mark.settings(texts_enabled=False)
def test_every_page_can_be_read_by_a_child_of_ten(
    app: Flask, client: Client, at: Clock, time: str
) -> None:
    at(time)
    for name, page in pages(app, client):
        sentences = sentences_of(page)
        assert sentences, f"{name} has no words"
        assert hard_to_read(sentences) == [], f"{name}: say it in shorter words and sentences"


def test_texts_and_voice_prompts_can_be_followed_by_a_child_of_ten() -> None:
    texts, voice = sms_templates.english_templates(), prompts.prompts()
    for words in (texts, voice):
        said = [sentence for each in words.values() for sentence in split(each)]
        assert hard_to_read(said) == []


def test_the_words_of_an_office_are_found_too_hard() -> None:
    notice = "Applicants are required to provide comprehensive documentation of their eligibility."
    assert len(hard_to_read(split(notice))) == 2
    endless = "We will call you " + "and ring you " * 6 + "soon."
    assert endless in hard_to_read(split(endless))


def test_what_is_read_is_the_running_text() -> None:
    page = Page(
        "<body><h1>We are here for you</h1><p>Call <a href='/'>112 now</a> if life is in danger. "
        "Please do not wait.</p><ul class='lines'><li>National helpline of India is here</li></ul>"
        "<li><p>From 10:00 AM we ring you as soon as we can</p></li><a href='/'>Back</a></body>"
    )
    assert sentences_of(page) == [
        "We are here for you.",
        "Call now if life is in danger.",
        "From we ring you as soon as we can.",
    ]
