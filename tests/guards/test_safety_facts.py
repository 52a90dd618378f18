"""Safety facts have an owner: a source, a date, and a next review that is not past due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from helpline.domain.safety_facts import safety_facts
from helpline.i18n import catalogs

LONGEST_REVIEW = timedelta(days=366)


def test_no_safety_fact_is_past_due() -> None:
    today = datetime.now(UTC).date()
    late = [each.id for each in safety_facts().values() if each.is_past_due(today)]
    assert late == [], "look at the sources again, then set found_on and next_review"


def test_a_fact_is_past_due_the_day_after_its_review() -> None:
    fact = safety_facts()["overdose_steps"]
    assert not fact.is_past_due(fact.next_review)
    assert fact.is_past_due(fact.next_review + timedelta(days=1))


def test_every_safety_fact_has_sources_and_is_reviewed_within_a_year() -> None:
    for fact in safety_facts().values():
        assert fact.sources, fact.id
        assert fact.items, fact.id
        assert date(2026, 1, 1) < fact.found_on < fact.next_review, fact.id
        assert fact.next_review - fact.found_on <= LONGEST_REVIEW, fact.id


def test_first_aid_and_warnings_are_marked_as_clinical() -> None:
    clinical = {each.id for each in safety_facts().values() if each.is_clinical}
    assert clinical >= {
        *("overdose_signs", "overdose_steps", "poison", "self_danger", "helper"),
        *("withdrawal", "tolerance", "contaminated_drugs", "pregnancy", "after_birth"),
    }


def test_every_safety_fact_is_translated() -> None:
    for language in set(catalogs.available()) - {catalogs.SOURCE_LANGUAGE}:
        usual = catalogs.built_in(language)
        for fact in safety_facts().values():
            for text in (fact.title, *fact.items):
                assert usual.ugettext(text) != text, (language, text)
