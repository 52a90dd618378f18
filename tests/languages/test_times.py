"""Days and times as each language says them, and midnight above all."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from helpline.domain.sms_progress import When
from helpline.messaging import sms_templates
from helpline.telephony import prompts
from helpline.web import formatting
from helpline.web.language import in_language
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

INDIA = ZoneInfo("Asia/Kolkata")
NOW = "2026-11-23 12:00"


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=INDIA)


def plain(told: str) -> str:
    """With the spaces that a line may break at."""
    return told.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("moment", "english", "hindi"),
    [
        (on(23, 16), "today at 4:00 PM", "आज शाम 4:00 बजे"),
        (on(24, 10), "tomorrow at 10:00 AM", "कल सुबह 10:00 बजे"),
        (on(25, 10), "Wednesday 25 November at 10:00 AM", "बुधवार, 25 नवंबर को सुबह 10:00 बजे"),
        (on(24, 0), "tonight at midnight", "आज रात 12 बजे"),
        (on(25, 0), "Wednesday 25 November at 12:00 AM", "कल रात 12 बजे"),
        (on(27, 0), "Friday 27 November at 12:00 AM", "गुरुवार की रात 12 बजे"),
    ],
)
def test_a_moment_is_put_into_a_sentence_as_the_language_puts_it(
    app: Flask, at: Clock, moment: datetime, english: str, hindi: str
) -> None:
    at(NOW)
    with in_language("en"):
        assert plain(formatting.moment_words(moment)) == english
    with in_language("hi"):
        assert plain(formatting.moment_words(moment)) == hindi


def test_an_approximate_time_has_its_particle_after_a_date_only(app: Flask, at: Clock) -> None:
    at(NOW)
    with in_language("hi"):
        assert plain(formatting.about_words(on(24, 10))) == "कल, लगभग सुबह 10:00 बजे"
        assert plain(formatting.about_words(on(25, 10))) == "बुधवार, 25 नवंबर को लगभग सुबह 10:00 बजे"


def test_a_time_never_breaks_before_its_last_word(app: Flask, at: Clock) -> None:
    at(NOW)
    with in_language("hi"):
        assert formatting.clock_words(on(24, 12)) == "दोपहर\u00a012:00\u00a0बजे"
        assert formatting.clock_words(on(24, 0)) == "रात\u00a012:00\u00a0बजे"


def test_midnight_is_at_night_in_texts_and_prompts(app: Flask) -> None:
    midnight, hindi = on(25, 0), prompts.voice_for("hi")
    text = sms_templates.format_time(When(midnight, exactly=True), "hi", "IN")
    assert text == "मंगल 24 नवंबर को रात 12:00 बजे", "the night of the day that ends"
    assert hindi.moment(midnight) == "मंगलवार, 24 नवंबर को रात 12 बजे"
    assert hindi.moment(on(25, 0, 30)) == "बुधवार, 25 नवंबर को रात 12 बजकर 30 मिनट पर"
    english = sms_templates.format_time(When(midnight, exactly=True), "en", "IN")
    assert english == "Wed 25 Nov, 12:00 AM"


@pytest.mark.settings(site_name="Jeevan", site_names="hi=जीवन")
def test_the_service_has_a_name_in_each_language(app: Flask) -> None:
    with in_language("hi"):
        assert formatting.page_context()["site_name"] == "जीवन"
    with in_language("en"):
        assert formatting.page_context()["site_name"] == "Jeevan"
        with in_language("hi"):
            assert formatting.page_context()["site_name"] == "जीवन"


@pytest.mark.settings(site_name="Jeevan")
def test_a_name_of_ones_own_is_not_translated(app: Flask) -> None:
    with in_language("hi"):
        assert formatting.page_context()["site_name"] == "Jeevan"


def test_the_name_that_it_comes_with_is_translated(app: Flask) -> None:
    with in_language("hi"):
        assert formatting.page_context()["site_name"] == "हेल्पलाइन"
