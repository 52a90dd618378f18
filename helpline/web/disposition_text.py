"""Dispositions as text, in the order of the desk."""

from __future__ import annotations

from wtforms.fields.choices import SelectChoice

from helpline.domain.retries import Disposition
from helpline.web.language import gettext as _


def disposition_labels() -> dict[str, str]:
    return {
        Disposition.REACHED: _("Reached"),
        Disposition.NO_ANSWER: _("No answer"),
        Disposition.BUSY: _("Busy"),
        Disposition.VOICEMAIL: _("Voicemail"),
        Disposition.WRONG_NUMBER: _("Wrong number"),
        Disposition.DECLINED: _("Declined"),
    }


def disposition_choices() -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in disposition_labels().items()]
