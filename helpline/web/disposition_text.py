"""Dispositions as text: the usual labels, and those that an admin chose instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import g
from wtforms.fields.choices import SelectChoice

from helpline.calls import outcome_list
from helpline.db import db
from helpline.domain.outcomes import Outcome
from helpline.domain.retries import Disposition
from helpline.web.language import gettext as _
from helpline.web.language import page_language


def usual_labels() -> dict[str, str]:
    """Return the label of each disposition where an admin chose none."""
    return {
        Disposition.REACHED: _("Reached, supported"),
        Disposition.NO_ANSWER: _("No answer"),
        Disposition.BUSY: _("Busy"),
        Disposition.VOICEMAIL: _("Voicemail"),
        Disposition.WRONG_NUMBER: _("Wrong number"),
        Disposition.DECLINED: _("Declined"),
        Disposition.SOMEONE_ELSE: _("Someone else"),
        Disposition.UNSAFE: _("Unsafe to call"),
        Disposition.DO_NOT_CALL: _("Do not call again"),
        Disposition.REFERRED: _("Reached, referred"),
        Disposition.EMERGENCY: _("Reached, emergency"),
        Disposition.DROPPED: _("Call dropped"),
        Disposition.DUPLICATE: _("Duplicate"),
        Disposition.HOAX: _("Hoax"),
    }


def disposition_labels() -> dict[str, str]:
    language = page_language()
    chosen = {each.disposition: each.labels.get(language) for each in outcomes()}
    return {
        value: chosen.get(Disposition(value)) or label for value, label in usual_labels().items()
    }


def disposition_choices() -> list[SelectChoice]:
    """Return what advisors can choose, in the admin's order."""
    labels = disposition_labels()
    return [SelectChoice(each.disposition, labels[each.disposition]) for each in shown_outcomes()]


def shown_outcomes() -> Sequence[Outcome]:
    return [outcome for outcome in outcomes() if outcome.shown]


def outcomes() -> Sequence[Outcome]:
    """Return the list of outcomes, read once for a page."""
    if "outcomes" not in g:
        g.outcomes, _version = outcome_list.outcomes_and_version(db.session())
    return cast("Sequence[Outcome]", g.outcomes)
