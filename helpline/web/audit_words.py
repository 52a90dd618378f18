"""The audit log in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpline.privacy.personal import Group
from helpline.web.language import gettext, ngettext
from helpline.web.language import lazy_gettext as _

DEEDS: Mapping[str, Any] = {
    "audit_end_accepted": _("accepted the end of the audit log, such as after a restore"),
    "key_accepted": _("accepted a new secret key"),
    "unreadable_reported": _("reported a callback that cannot be decrypted"),
    "unreadable_ended": _("ended a callback that cannot be decrypted"),
    "number_shown": _("saw the visitor's number"),
    "message_heard": _("heard a recorded message"),
    "unread_text_shown": _("read a text that is no command"),
    "callback_claimed": _("took a callback"),
    "call_started": _("started a call"),
    "call_in_answered": _("answered a call to the helpline"),
    "visitor_dialled": _("rang the visitor"),
    "visitor_rang_and_was_connected": _("connected a visitor who rang"),
    "dial_refused_outside_hours": _("rang nobody, since the helpline was closed"),
    "disposition_recorded": _("wrote down what came of a call"),
    "follow_up_booked": _("booked a further call"),
    "emergency_pressed": _("marked an emergency"),
    "crisis_numbers_texted": _("texted crisis numbers to the visitor"),
    "handed_over": _("handed a callback to a colleague"),
    "marked_urgent": _("marked a callback urgent"),
    "urgent_undone": _("marked a callback urgent no more"),
    "callbacks_rehoused": _("moved callbacks to other times"),
    "message_kept": _("fetched a recorded message"),
    "message_deleted_at_carrier": _("deleted a recording at the phone company"),
    "backup_restored": _("restored a backup"),
    "held_released": _("released a request held after a restore"),
    "held_closed": _("closed a request held after a restore"),
    "hours_changed": _("changed the opening hours"),
    "hours_planned": _("planned other opening hours"),
    "hours_taken_back": _("took planned hours back"),
    "hours_brought_in": _("brought opening hours in from a file"),
    "exception_added": _("added a day with other hours"),
    "exception_changed": _("changed a day with other hours"),
    "exception_removed": _("removed a day with other hours"),
    "holidays_added": _("added public holidays"),
    "closed_now": _("closed the helpline at once"),
    "opened_again": _("opened the helpline again"),
    "costs_changed": _("changed what calls may cost"),
    "call_settings_changed": _("changed who gets callbacks"),
    "capacity_changed": _("changed the capacity"),
    "callback_rules_changed": _("changed the rules for callbacks"),
    "service_target_changed": _("changed how soon visitors are to be rung"),
    "region_set_right": _("said that a region may be rung again"),
    "number_addresses_set": _("pointed a number here at the phone company"),
    "crisis_line_confirmed": _("rang a crisis line and confirmed it"),
    "crisis_line_added": _("added a crisis line"),
    "crisis_line_changed": _("changed a crisis line"),
    "crisis_line_moved": _("moved a crisis line"),
    "crisis_line_retired": _("retired a crisis line"),
    "crisis_line_brought_back": _("brought a crisis line back"),
    "care_place_added": _("added a place to go on to"),
    "care_place_changed": _("changed a place to go on to"),
    "care_place_moved": _("moved a place to go on to"),
    "care_place_retired": _("retired a place to go on to"),
    "care_place_brought_back": _("brought a place to go on to back"),
    "care_place_confirmed": _("checked a place to go on to and confirmed it"),
    "words_changed": _("said something otherwise to visitors"),
    "words_reset": _("went back to our own words"),
    "place_named": _("told a visitor of a place"),
    "place_taken_back": _("took a place back that a visitor was told of"),
    "places_texted": _("texted a visitor to look at their page"),
    "safety_fact_signed": _("signed a safety fact"),
    "safety_changed": _("changed the way out and the title of pages"),
    "websites_changed": _("changed the websites with the panel"),
    "notice_dismissed": _("dismissed a notice"),
    "marked_away": _("was set to away after missed calls"),
    "staff_added": _("added a member of staff"),
    "staff_invited": _("invited a member of staff"),
    "invitation_used": _("accepted an invitation"),
    "invitation_taken_back": _("took an invitation back"),
    "staff_changed": _("changed a member of staff"),
    "staff_deactivated": _("deactivated a member of staff"),
    "staff_reactivated": _("reactivated a member of staff"),
    "shifts_added": _("added weekly shifts"),
    "shift_ended": _("ended a weekly shift"),
    "days_off_added": _("added days off"),
    "extra_shift_added": _("added extra hours"),
    "shift_exception_removed": _("took an exception of the shifts back"),
    "floor_give": _("gave a callback to an advisor"),
    "floor_take_back": _("took a callback back to the queue"),
    "floor_first": _("put a callback before all others"),
    "floor_usual": _("put a callback in its usual place"),
    "number_blocked": _("blocked the number of a callback"),
    "set_aside": _("set requests aside"),
    "brought_back": _("brought back requests that were set aside"),
    "number_unblocked": _("unblocked a number"),
    "dial_refused_number_rests": _("rang nobody, since the number is to be left alone for now"),
    "floor_last": _("put a callback after the others"),
    "signed_in": _("signed in"),
    "password_given": _("gave the password, the second step still to come"),
    "sign_in_failed": _("could not sign in"),
    "signed_out": _("signed out"),
    "sessions_ended": _("ended sessions"),
    "password_changed": _("changed the password"),
    "password_link_made": _("made a link for a new password"),
    "password_made_void": _("made a password void after too many wrong codes"),
    "second_step_added": _("added a second step to their sign-in"),
    "second_step_removed": _("took a second step of their sign-in away"),
    "recovery_codes_made": _("made new recovery codes"),
    "recovery_code_used": _("used a recovery code"),
    "second_step_reset": _("reset the second step of a sign-in"),
    "number_looked_up": _("looked up how much is known of a number"),
    "erased_by_visitor": _("erased everything about themselves"),
    "erased_on_request": _("erased a number on request"),
    "erased_in_time": _("erased what was kept long enough"),
    "retention_changed": _("changed how long things are kept"),
    "measures_exported": _("took a table of the measures out"),
    "audit_taken_out": _("took a copy of this log"),
}
"""What was done, as the end of a sentence that begins with who did it."""

_ACTORS: Mapping[str, Any] = {
    "visitor": _("A visitor"),
    "carrier": _("The phone company"),
    "worker": _("The worker"),
    "operator": _("An operator, by a command"),
}

_SUBJECTS: Mapping[str, Any] = {
    "callback": _("callback %(id)s"),
    "staff": _("member of staff %(id)s"),
    "voice_message": _("recording %(id)s"),
    "set_aside": _("set of requests %(id)s"),
    "notice": _("notice %(id)s"),
    "crisis_line": _("crisis line %(id)s"),
    "safety_fact": _("safety fact %(id)s"),
    "care_place": _("place %(id)s"),
    "measures": _("table %(id)s"),
}

_TABLES: Mapping[str, Any] = {
    "callback": _("requests"),
    "referral": _("places they were told of"),
    "attempt": _("notes of calls"),
    "hand_over": _("notes of hand-overs"),
    "note_draft": _("drafts of notes"),
    "text_out": _("texts"),
    "text_in": _("texts to us"),
    "text_hint": _("hints"),
    "inbound_call": _("calls to us"),
    "inbound_reply": _("answers in calls to us"),
    "voice_message": _("recordings"),
}


def deed_words(deed: str) -> str:
    """What was done, in words."""
    return str(DEEDS.get(deed, deed.replace("_", " ")))


def actor_words(actor: str, names: Mapping[int, str]) -> str:
    """Who did it.

    Args:
        names: of staff, by id.
    """
    kind, _colon, number = actor.partition(":")
    if kind == "staff" and number.isdigit():
        return names.get(int(number)) or gettext("Staff %(id)s", id=number)
    return str(_ACTORS.get(actor, actor))


def subject_words(subject: str, names: Mapping[int, str]) -> str:
    """What it was done to."""
    kind, _colon, number = subject.partition(":")
    if kind == "staff" and number.isdigit() and int(number) in names:
        return names[int(number)]
    return str(_SUBJECTS[kind] % {"id": number}) if kind in _SUBJECTS else ""


def group_words(group: Group) -> str:
    """What is kept equally long."""
    return {
        Group.PERSON: gettext("Names, numbers and what visitors wrote"),
        Group.NOTES: gettext("Notes of advisors"),
        Group.RECORDING: gettext("Recorded messages"),
        Group.CALLER: gettext("Numbers that rang or texted us"),
    }[group]


def rows_words(rows: Mapping[str, int]) -> str:
    """ "requests: 2, texts: 1": what an erasing took."""
    told = [f"{_TABLES.get(table, table)}: {count}" for table, count in sorted(rows.items())]
    return ", ".join(told) or gettext("nothing was left")


def details(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the entry says beside, name by name; of a change, only what became different."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        changed = {
            name: f"{_value(before.get(name))} → {_value(after.get(name))}" for name in names
        }
        rest = {name: each for name, each in detail.items() if name not in ("before", "after")}
        detail = changed | rest
    return [(name.replace("_", " "), _value(value)) for name, value in detail.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')}: {_value(each)}" for name, each in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value) or "-"
    return "-" if value is None else str(value)


def days_words(days: int) -> str:
    """ "90 days"."""
    return ngettext("%(num)d day", "%(num)d days", days)
