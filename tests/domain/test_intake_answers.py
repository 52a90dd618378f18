"""Which answers mean that somebody should not wait for our call."""

from __future__ import annotations

import pytest

from helpline.domain.intake_answers import About, Answers, Danger, Urgent


@pytest.mark.parametrize(
    ("answers", "urgent"),
    [
        (Answers(), None),
        (Answers(danger=Danger.NO, about=About.MOOD), None),
        (Answers(danger=Danger.UNSURE), Urgent.DANGER),
        (Answers(danger=Danger.YES, about=About.SUICIDE), Urgent.DANGER),
        (Answers(danger=Danger.NO, about=About.SUICIDE), Urgent.SUICIDE),
        (Answers(danger=Danger.YES, about=About.VIOLENCE), Urgent.VIOLENCE),
    ],
)
def test_what_is_urgent(answers: Answers, urgent: Urgent | None) -> None:
    assert answers.urgent == urgent
