"""Save opening hours from any of their pages, after showing the effect on bookings.

Each page derives a new plan from the saved one and passes it here. If someone saved in between, or
booked callbacks are affected, a page shows that, keeps everything that was posted, and asks.
Nothing is stored on the server between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.callbacks import change_hours
from helpline.callbacks.rescheduling import Approval, Choice, NeedsApproval, ReschedulingOutcome
from helpline.db import StaleVersion, db
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import queries
from helpline.hours.models import HoursVersion
from helpline.staff.models import Staff
from helpline.web import formatting
from helpline.web.admin import hours_diff
from helpline.web.forms import posted_version
from helpline.web.int_params import parse_row_id
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.sessions import current_staff_id

Edit = Callable[[HoursPlan], HoursPlan]

_OURS = frozenset({"csrf_token", "version", "shown", "off_slots", "do"})
_CHOICE = "choice-"
"""Prefix of the field with the choice for a callback."""


def save(
    edit: Edit,
    *,
    action: str,
    back: str,
    message: str,
    may_edit: bool = False,
    at_once: bool = False,
) -> ResponseReturnValue:
    """Save what an edit makes of the saved plan, or ask about its effects.

    Args:
        edit: returns the new plan; its own errors are handled by the page.
        action: the action for the audit log.
        back: the address of the page.
        message: the message once it is saved.
        may_edit: whether the page can show the input again, with ``do=draft``.
        at_once: whether agreement also covers bookings made meanwhile, for what cannot wait.
    """
    newest = queries.newest_version(db.session())
    before = queries.plan_of(newest)
    wanted = edit(before)
    page = _page(back, may_edit)
    saved_version = newest.version if newest else 0
    if posted_version() != saved_version:
        return _conflict(newest, before, wanted, page)
    try:
        settled = change_hours.change_opening_hours(
            wanted,
            expected_version=saved_version,
            action=action,
            staff_id=current_staff_id(),
            now=clock.now(),
            agreed=agreed(is_rule=at_once),
        )
    except StaleVersion:
        db.session().rollback()
        newest = queries.newest_version(db.session())
        return _conflict(newest, queries.plan_of(newest), wanted, page)
    except NeedsApproval as found_in_the_way:
        return ask(found_in_the_way, saved_version, back, may_edit=may_edit, at_once=at_once)
    flash(said_of(message, settled))
    return redirect(back, 303)


def agreed(*, is_rule: bool = False) -> Approval | None:
    """Return what the admin agreed to on the page of ``ask``.

    Args:
        is_rule: see ``Approval``.
    """
    shown, too = request.form.get("shown", ""), "off_slots" in request.form
    if not shown:
        return None
    return Approval(shown, off_slots_too=too, is_rule=is_rule, choices=dict(_choices()))


def _choices() -> Iterator[tuple[int, Choice]]:
    for name, value in request.form.items():
        callback_id = parse_row_id(name.removeprefix(_CHOICE)) if name.startswith(_CHOICE) else None
        if callback_id is not None and value in tuple(Choice):
            yield callback_id, Choice(value)


def _sent() -> Iterator[tuple[str, str]]:
    """Everything that was posted, to be posted again."""
    for name, values in request.form.lists():
        if name not in _OURS and not name.startswith(_CHOICE):
            yield from ((name, value) for value in values)


def _conflict(
    newest: HoursVersion | None, saved_plan: HoursPlan, new_plan: HoursPlan, page: dict[str, Any]
) -> ResponseReturnValue:
    who = db.session().get(Staff, newest.saved_by) if newest and newest.saved_by else None
    return (
        render_template(
            "admin/hours_conflict.html",
            **page,
            by=who.name if who else _("the initial setup"),
            at=newest.saved_at if newest else clock.now(),
            version=newest.version if newest else 0,
            rows=hours_diff.side_by_side(saved_plan, new_plan),
        ),
        409,
    )


def ask(
    problem: NeedsApproval,
    expected_version: int,
    back: str,
    *,
    may_edit: bool = False,
    at_once: bool = False,
) -> ResponseReturnValue:
    """Show the affected callbacks and ask what to do with them.

    Args:
        expected_version: the version that the admin edited.
        back: the address of the page.
        may_edit: whether the page can show the input again, with ``do=draft``.
        at_once: whether agreement also covers bookings made meanwhile.
    """
    settled = problem.settled
    return (
        render_template(
            "admin/hours_affected_bookings.html",
            **_page(back, may_edit),
            version=expected_version,
            changed=problem.changed,
            at_once=at_once,
            settled=settled,
            moves=settled.moves,
            untold=[reschedule.callback_id for reschedule in settled.untold],
            choices=(agreed() or Approval("")).choices,
            off_slots=sorted(Counter(settled.off_slots).items()),
            zone_words=formatting.zone_words(),
        ),
        409,
    )


def _page(back: str, may_edit: bool) -> dict[str, Any]:
    return {"back": back, "may_edit": may_edit, "fields": list(_sent())}


def said_of(message: str, settled: ReschedulingOutcome) -> str:
    """Return the message with the effect on booked calls."""
    return " ".join([message, *_outcome(settled)])


def _outcome(settled: ReschedulingOutcome) -> Iterator[str]:
    if moved := len(settled.moves) - settled.asked:
        yield ngettext("%(num)s booked call was moved.", "%(num)s booked calls were moved.", moved)
    if settled.without_a_slot:
        yield ngettext(
            "There was no free slot for %(num)s of them. It will be called as soon as you "
            "are open after its booked time.",
            "There was no free slot for %(num)s of them. They will be called as soon as "
            "you are open after their booked times.",
            settled.without_a_slot,
        )
    if settled.asked:
        yield ngettext(
            "%(num)s visitor is asked to choose another time.",
            "%(num)s visitors are asked to choose another time.",
            settled.asked,
        )
    if settled.kept:
        yield ngettext(
            "%(num)s booked call keeps its time. An exception was added for it.",
            "%(num)s booked calls keep their times. Exceptions were added for them.",
            settled.kept,
        )
    if untold := settled.untold:
        yield _(
            "These visitors could not be informed by text message: %(calls)s.",
            calls=", ".join(
                _(
                    "callback %(number)s (%(time)s)",
                    number=reschedule.callback_id,
                    time=formatting.moment_words(reschedule.was),
                )
                for reschedule in untold
            ),
        )
