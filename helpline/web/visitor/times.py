"""Slots as visitor pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from helpline.callbacks.errors import SlotUnavailable
from helpline.callbacks.queries import OfferedSlot
from helpline.web import formatting, request_context
from helpline.web.language import gettext as _
from helpline.web.visitor.forms import WhenForm

_HALF_HOUR = 30


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A slot, as text."""

    value: str
    starts_at: datetime
    full: bool


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day and its slots."""

    label: str
    date_id: str
    slots: tuple[ShownSlot, ...]


def slot_context(
    form: WhenForm, offered: Sequence[OfferedSlot], nearest: Sequence[datetime]
) -> dict[str, Any]:
    """Return the template's variables for choosing a slot, and set the form's choices.

    Args:
        nearest: the nearest free times, if the chosen one was taken meanwhile.
    """
    form.offer([slot.starts_at for slot in offered])
    form.offer_until(_call_until_times(offered))
    return {
        "days": _days(offered),
        "slot_gone": [_shown_slot(OfferedSlot(start, False)) for start in nearest] or None,
    }


def _call_until_times(offered: Sequence[OfferedSlot]) -> list[tuple[str, str]]:
    """Each half hour, from the first slot on offer to half an hour after the last."""
    zone = request_context.zone()
    starts = {slot.starts_at.astimezone(zone) for slot in offered}
    minutes = {moment.hour * 60 + moment.minute for moment in starts}
    if not minutes:
        return []
    day = next(iter(starts)).replace(hour=0, minute=0)
    last = min(max(minutes) + _HALF_HOUR, 24 * 60 - _HALF_HOUR)
    steps = range(min(minutes) // _HALF_HOUR * _HALF_HOUR + _HALF_HOUR, last + 1, _HALF_HOUR)
    ends = [day.replace(hour=moment // 60, minute=moment % 60) for moment in steps]
    return [(f"{moment:%H:%M}", formatting.clock_words(moment)) for moment in ends]


def _days(offered: Iterable[OfferedSlot]) -> list[ShownDay]:
    zone = request_context.zone()
    days = groupby(offered, lambda slot: slot.starts_at.astimezone(zone).date())
    shown_days = []
    for day, slots_of_day in days:
        slots = tuple(_shown_slot(slot) for slot in slots_of_day)
        shown_days.append(
            ShownDay(formatting.tab_words(slots[0].starts_at), day.isoformat(), slots)
        )
    return shown_days


def _shown_slot(slot: OfferedSlot) -> ShownSlot:
    return ShownSlot(slot.starts_at.isoformat(), slot.starts_at, slot.full)


def report_slot_unavailable(form: WhenForm, unavailable: SlotUnavailable) -> None:
    """Add the error that the chosen slot was taken meanwhile."""
    sentence = (
        _("That time has just been taken. These are the nearest free times.")
        if unavailable.nearest
        else _("That time has just been taken. You can ask us to call you as soon as possible.")
    )
    form.when.errors = [*form.when.errors, sentence]


def too_many_bookings_words() -> str:
    """Return the message for a network over the hourly limit of bookings."""
    return _(
        "Too many calls have been booked from your network in the last hour. Please choose “As "
        "soon as possible”, or try again later."
    )
