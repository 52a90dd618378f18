"""The form of the desk during and after a call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from helpline.callbacks.follow_up import FollowUp
from helpline.calls.drafts import MAX_CHARACTERS, Draft
from helpline.calls.errors import DraftChanged
from helpline.domain.outcomes import Outcome, Required
from helpline.domain.retries import Disposition
from helpline.domain.slots import parse_start
from helpline.web.disposition_text import (
    disposition_choices,
    disposition_labels,
    shown_outcomes,
)
from helpline.web.formatting import moment_words
from helpline.web.forms import VersionField, one_line, strip
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _

MAX_NOTES_LENGTH = 5000
MAX_RISK_NOTE_LENGTH = 200


def _check_length(_form: FlaskForm, field: Field) -> None:
    if len(field.data) > MAX_NOTES_LENGTH:
        raise ValidationError(_("Notes must be 5,000 characters or fewer."))


def _check_draft_length(_form: FlaskForm, field: Field) -> None:
    if len(field.data) > MAX_CHARACTERS:
        raise ValidationError(_("This is too long to save. Shorten it."))


def _check_risk_note(form: WrapUpForm, field: Field) -> None:
    if len(field.data) > MAX_RISK_NOTE_LENGTH:
        raise ValidationError(
            _("The risk note must be %(most)s characters or fewer.", most=MAX_RISK_NOTE_LENGTH)
        )
    if Required.RISK_NOTE in form.required and not field.data:
        raise ValidationError(_("“%(outcome)s” needs a risk note.", outcome=form.chosen_label))


def _check_notes(form: WrapUpForm, field: Field) -> None:
    _check_length(form, field)
    if field.data or Required.NOTES not in form.required:
        return
    if form.chosen == Disposition.EMERGENCY:
        raise ValidationError(_emergency_notes_missing())
    raise ValidationError(_("“%(outcome)s” needs notes.", outcome=form.chosen_label))


def _check_disposition(form: WrapUpForm, _field: Field) -> None:
    if form.chosen is None:
        raise ValidationError(_("Choose the outcome of the call."))


def _emergency_notes_missing() -> str:
    return gettext("You marked an emergency. Write in the notes what was done, and when.")


def _check_follow_up_time(form: WrapUpForm, _field: Field) -> None:
    if form.has_follow_up and form.slot_at is None:
        raise ValidationError(
            _("Choose a time for the follow-up, or untick “They agreed to be called at this time”.")
        )


def _check_agreed(form: WrapUpForm, field: Field) -> None:
    if form.slot_at is not None and not field.data:
        raise ValidationError(
            _("Tick that they agreed to be called at this time, or choose No follow-up.")
        )


def _check_colleague(_form: FlaskForm, field: Field) -> None:
    if field.data is None:
        raise ValidationError(_("Choose a colleague."))


class WrapUpForm(FlaskForm):  # type: ignore[misc]
    """The form of the desk. What must be filled in depends on the button: see ``is_valid_...``."""

    nearest: Sequence[datetime] = ()
    """Free times to offer first, after the chosen one was taken."""

    disposition = RadioField(_("Outcome"), choices=disposition_choices, validate_choice=False)
    notes = TextAreaField(_("Notes (the next advisor will see them)"), filters=[strip])
    risk_note = StringField(
        _("Risk note (short; the next advisor sees it first)"), id="risk-note", filters=[one_line]
    )
    follow_up_at = SelectField(
        _("Time of the follow-up"),
        id="follow-up-at",
        choices=[],
        default="",
        validate_choice=False,
    )
    follow_up_with_me = BooleanField(_("Assign to me if I am available"), id="follow-up-with-me")
    follow_up_agreed = BooleanField(
        _("They agreed to be called at this time"), id="follow-up-agreed"
    )
    hand_to = SelectField(
        _("Transfer to"), id="hand-to", coerce=parse_row_id, validate_choice=False
    )
    hand_note = TextAreaField(_("Note for your colleague"), id="hand-note", filters=[strip])
    place_kind = SelectField(_("Type of place"), id="place-kind", default="", validate_choice=False)
    place_area = SelectField(_("Area"), id="place-area", default="", validate_choice=False)
    located_in = SelectField(_("State"), id="located-in", default="", validate_choice=False)
    draft_version = VersionField()

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give the first outcome the id of the field, so that its error leads to it."""
        super().__init__(*args, **options)
        first = next(iter(self.disposition))
        self.disposition.id = f"disposition-{first.data.replace('_', '-')}"

    @classmethod
    def of_draft(cls, draft: Draft) -> Self:
        return cls(
            None,
            disposition=draft.disposition,
            notes=draft.notes,
            hand_note=draft.transfer_note,
            risk_note=draft.risk_note,
            draft_version=draft.version,
        )

    @property
    def unsaved(self) -> bool:
        """Whether it was typed by the advisor, and not read from a draft."""
        return self.notes.raw_data is not None

    @property
    def chosen(self) -> Disposition | None:
        """The outcome; None if there is none yet."""
        outcome = self._outcome
        return outcome.disposition if outcome else None

    @property
    def _outcome(self) -> Outcome | None:
        shown = (each for each in shown_outcomes() if each.disposition == self.disposition.data)
        return next(shown, None)

    @property
    def chosen_label(self) -> str:
        return disposition_labels()[self.disposition.data]

    @property
    def required(self) -> Collection[Required]:
        """What the chosen outcome needs."""
        return self._outcome.required if self._outcome else ()

    @property
    def needs_referral(self) -> bool:
        return Required.REFERRAL in self.required

    @property
    def has_risk_note(self) -> bool:
        """Whether there is an outcome that needs one, or one was written already."""
        return bool(self.risk_note.data) or any(
            Required.RISK_NOTE in outcome.required for outcome in shown_outcomes()
        )

    @property
    def has_follow_up(self) -> bool:
        return bool(self.follow_up_at.data or self.follow_up_agreed.data)

    @property
    def slot_at(self) -> datetime | None:
        return parse_start(self.follow_up_at.data)

    @property
    def follow_up(self) -> FollowUp | None:
        """The follow-up to book. Only after ``is_valid_outcome``."""
        if self.slot_at is None:
            return None
        return FollowUp(self.slot_at, with_same_advisor=self.follow_up_with_me.data)

    @property
    def has_transfer(self) -> bool:
        return bool(self.hand_to.data or self.hand_note.data)

    def is_valid_draft(self) -> bool:
        texts = ("notes", "risk_note", "hand_note")
        return bool(self.validate({name: [_check_draft_length] for name in texts}))

    def is_valid_outcome(self) -> bool:
        checks = {
            "notes": [_check_notes],
            "risk_note": [_check_risk_note],
            "disposition": [_check_disposition],
            "follow_up_at": [_check_follow_up_time],
            "follow_up_agreed": [_check_agreed],
        }
        return bool(self.validate(checks))

    def is_valid_correction(self, *, is_same: bool) -> bool:
        """Check a changed call; an outcome that stays may be one that is no longer shown."""
        checks = {
            "notes": [_check_notes],
            "risk_note": [_check_risk_note],
            "disposition": [] if is_same else [_check_disposition],
        }
        return bool(self.validate(checks))

    def is_valid_transfer(self) -> bool:
        checks = {
            "notes": [_check_length],
            "hand_note": [_check_length],
            "hand_to": [_check_colleague],
        }
        return bool(self.validate(checks))

    def draft(self, *, has_notes: bool) -> Draft:
        """Return the draft to save.

        Args:
            has_notes: whether the form has a field for notes of the call.
        """
        texts = (self.notes.data, self.risk_note.data) if has_notes else (None, None)
        return Draft(texts[0], self.hand_note.data, self.chosen, risk_note=texts[1])

    def merge(self, newer: DraftChanged) -> None:
        """Append notes saved in another window to those typed in this one."""
        self.notes.data = _join_notes(self.notes.data, newer.notes)
        self.hand_note.data = _join_notes(self.hand_note.data, newer.transfer_note)
        self.risk_note.data = one_line(_join_notes(self.risk_note.data, newer.risk_note))
        self.draft_version.data = newer.version
        self.notes.errors = [
            _(
                "Your notes were changed in another window. The other notes are below yours. Check "
                "them, then save again."
            )
        ]

    def require_emergency_notes(self) -> None:
        """Report that the notes must say what was done about the emergency."""
        self.notes.errors = [_emergency_notes_missing()]

    def require_referral(self) -> None:
        """Report that the chosen outcome needs a referral."""
        self.disposition.errors = [
            _(
                "“%(outcome)s” needs a referral. Add it under Referrals, or choose another "
                "outcome.",
                outcome=self.chosen_label,
            )
        ]

    def slot_gone(self, nearest: Sequence[datetime]) -> None:
        """Report that the slot was taken, and offer the nearest free ones."""
        self.nearest = nearest
        self.follow_up_at.data = ""
        self.follow_up_at.errors = [
            _("That time is no longer free. The nearest free times are first in the list.")
            if nearest
            else _(
                "That time is no longer free, and there is no other free time. Nothing was saved."
            )
        ]


def _join_notes(typed: str, newer: str) -> str:
    if newer in typed:
        return typed
    return newer if typed in newer else f"{typed}\n\n{newer}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A time of a follow-up."""

    value: str
    words: str
    full: bool = False


def time_choice(at: datetime, *, full: bool = False) -> Choice:
    """Return a slot as an option. Its label has the day, since a closed list shows nothing else."""
    return Choice(at.isoformat(), moment_words(at), full)
