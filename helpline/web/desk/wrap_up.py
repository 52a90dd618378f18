"""The form of the desk during and after a call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from helpline.callbacks.follow_up import FollowUp
from helpline.calls.drafts import MAX_CHARACTERS, Draft
from helpline.calls.errors import DraftChanged
from helpline.domain.retries import Disposition
from helpline.domain.slots import parse_start
from helpline.web.disposition_text import disposition_choices
from helpline.web.formatting import moment_words
from helpline.web.forms import VersionField, strip
from helpline.web.int_params import parse_row_id
from helpline.web.language import lazy_gettext as _

MAX_NOTES_LENGTH = 5000


def _check_length(_form: FlaskForm, field: Field) -> None:
    if len(field.data) > MAX_NOTES_LENGTH:
        raise ValidationError(_("Notes must be 5,000 characters or fewer."))


def _check_draft_length(_form: FlaskForm, field: Field) -> None:
    if len(field.data) > MAX_CHARACTERS:
        raise ValidationError(_("This is too long to save. Shorten it."))


def _check_disposition(form: WrapUpForm, _field: Field) -> None:
    if form.chosen is None:
        raise ValidationError(_("Choose the outcome of the call."))


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

    # The first choice has the id of the field, so that its error leads to it.
    disposition = RadioField(
        _("Outcome"), id="disposition-reached", choices=disposition_choices, validate_choice=False
    )
    notes = TextAreaField(_("Notes (the next advisor will see them)"), filters=[strip])
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
    draft_version = VersionField()

    @classmethod
    def of_draft(cls, draft: Draft) -> Self:
        return cls(
            None,
            disposition=draft.disposition,
            notes=draft.notes,
            hand_note=draft.transfer_note,
            draft_version=draft.version,
        )

    @property
    def unsaved(self) -> bool:
        """Whether it was typed by the advisor, and not read from a draft."""
        return self.notes.raw_data is not None

    @property
    def chosen(self) -> Disposition | None:
        """The outcome; None if there is none yet."""
        with suppress(ValueError):
            return Disposition(self.disposition.data)
        return None

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
        return bool(
            self.validate({"notes": [_check_draft_length], "hand_note": [_check_draft_length]})
        )

    def is_valid_outcome(self) -> bool:
        checks = {
            "notes": [_check_length],
            "disposition": [_check_disposition],
            "follow_up_at": [_check_follow_up_time],
            "follow_up_agreed": [_check_agreed],
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
        notes = self.notes.data if has_notes else None
        return Draft(notes, self.hand_note.data, self.chosen)

    def merge(self, newer: DraftChanged) -> None:
        """Append notes saved in another window to those typed in this one."""
        self.notes.data = _join_notes(self.notes.data, newer.notes)
        self.hand_note.data = _join_notes(self.hand_note.data, newer.transfer_note)
        self.draft_version.data = newer.version
        self.notes.errors = [
            _(
                "Your notes were changed in another window. The other notes are below yours. Check "
                "them, then save again."
            )
        ]

    def require_emergency_notes(self) -> None:
        """Report that the notes must say what was done about the emergency."""
        self.notes.errors = [
            _("You marked an emergency. Write in the notes what was done, and when.")
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
