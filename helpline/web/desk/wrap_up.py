"""The form of the desk during and after a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from helpline.callbacks.follow_up import FollowUp
from helpline.calls.drafts import MAX_CHARACTERS, Draft
from helpline.calls.errors import DraftChanged
from helpline.domain.retries import Disposition
from helpline.domain.slots import parse_start
from helpline.web.formatting import moment_words
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _

MAX_NOTES_LENGTH = 5000


@dataclass(slots=True)
class WrapUp:
    """The values as typed, and errors by field."""

    disposition: str = ""
    notes: str = ""
    follow_up_at: str = ""
    follow_up_agreed: bool = False
    follow_up_with_me: bool = False
    hand_to: str = ""
    hand_note: str = ""
    place_kind: str = ""
    place_area: str = ""
    draft_version: int = 0
    unsaved: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    nearest: Sequence[datetime] = ()

    @classmethod
    def read(cls, form: Mapping[str, str]) -> WrapUp:
        return cls(
            disposition=form.get("disposition", ""),
            notes=form.get("notes", "").strip(),
            follow_up_at=form.get("follow_up_at", ""),
            follow_up_agreed="follow_up_agreed" in form,
            follow_up_with_me="follow_up_with_me" in form,
            hand_to=form.get("hand_to", ""),
            hand_note=form.get("hand_note", "").strip(),
            place_kind=form.get("place_kind", ""),
            place_area=form.get("place_area", ""),
            draft_version=parse_row_id(form.get("draft_version", "")) or 0,
            unsaved=True,
        )

    @classmethod
    def of_draft(cls, draft: Draft) -> WrapUp:
        return cls(
            disposition=draft.disposition or "",
            notes=draft.notes or "",
            hand_note=draft.transfer_note,
            draft_version=draft.version,
        )

    def draft(self, *, has_notes: bool) -> Draft | None:
        """Return the draft to save; None if there are errors.

        Args:
            has_notes: whether the form has a field for notes of the call.
        """
        for name, text in (("notes", self.notes), ("hand_note", self.hand_note)):
            if len(text) > MAX_CHARACTERS:
                self.errors[name] = _("This is too long to save. Shorten it.")
        chosen = None
        with suppress(ValueError):
            chosen = Disposition(self.disposition)
        if self.errors:
            return None
        return Draft(self.notes if has_notes else None, self.hand_note, chosen)

    def merge(self, newer: DraftChanged) -> None:
        """Append notes saved in another window to those typed in this one."""
        self.notes = _join_notes(self.notes, newer.notes)
        self.hand_note = _join_notes(self.hand_note, newer.transfer_note)
        self.draft_version = newer.version
        self.errors["notes"] = _(
            "Your notes were changed in another window. The other notes are below yours. Check "
            "them, then save again."
        )

    @property
    def has_follow_up(self) -> bool:
        return bool(self.follow_up_at or self.follow_up_agreed)

    @property
    def has_transfer(self) -> bool:
        return bool(self.hand_to or self.hand_note)

    def check_disposition(self) -> tuple[Disposition, FollowUp | None] | None:
        """Return the disposition and follow-up; None if there are errors."""
        self._check_length("notes", self.notes)
        chosen = None
        with suppress(ValueError):
            chosen = Disposition(self.disposition)
        if chosen is None:
            self.errors["disposition"] = _("Choose the outcome of the call.")
        further = self._follow_up()
        if self.errors or chosen is None:
            return None
        return chosen, further

    def check_transfer(self) -> int | None:
        """Return the id of the colleague to transfer to; None if there are errors."""
        self._check_length("notes", self.notes)
        self._check_length("hand_note", self.hand_note)
        to_id = parse_row_id(self.hand_to)
        if to_id is None:
            self.errors["hand_to"] = _("Choose a colleague.")
        return None if self.errors else to_id

    def slot_gone(self, nearest: Sequence[datetime]) -> None:
        """Report that the slot was taken, and offer the nearest free ones."""
        self.nearest = nearest
        self.follow_up_at = ""
        self.errors["follow_up_at"] = (
            _("That time is no longer free. The nearest free times are first in the list.")
            if nearest
            else _(
                "That time is no longer free, and there is no other free time. Nothing was saved."
            )
        )

    def _follow_up(self) -> FollowUp | None:
        if not self.has_follow_up:
            return None
        slot_at = parse_start(self.follow_up_at)
        if slot_at is None:
            self.errors["follow_up_at"] = _(
                "Choose a time for the follow-up, or untick “They agreed to be called at this "
                "time”."
            )
            return None
        if not self.follow_up_agreed:
            self.errors["follow_up_agreed"] = _(
                "Tick that they agreed to be called at this time, or choose No follow-up."
            )
            return None
        return FollowUp(slot_at, with_same_advisor=self.follow_up_with_me)

    def _check_length(self, name: str, text: str) -> None:
        if len(text) > MAX_NOTES_LENGTH:
            self.errors[name] = _("Notes must be 5,000 characters or fewer.")


def _join_notes(typed: str, newer: str) -> str:
    if newer in typed:
        return typed
    return newer if typed in newer else f"{typed}\n\n{newer}"


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select field."""

    value: str
    words: str
    full: bool = False


def time_choice(at: datetime, *, full: bool = False) -> Choice:
    """Return a slot as an option. Its label has the day, since a closed list shows nothing else."""
    return Choice(at.isoformat(), moment_words(at), full)
