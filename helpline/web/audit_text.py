"""Texts of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpline.web.language import gettext, ngettext
from helpline.web.language import lazy_gettext as _

DEEDS: Mapping[str, Any] = {
    "audit_end_accepted": _(
        "accepted the current end of the audit chain, for example after a restore"
    ),
    "key_accepted": _("accepted a new secret key"),
    "unreadable_reported": _("reported a callback that cannot be decrypted"),
    "unreadable_ended": _("closed a callback that cannot be decrypted"),
    "number_shown": _("viewed the visitor's number"),
    "message_heard": _("listened to a recorded message"),
    "unread_text_shown": _("read a text message that is not a command"),
    "callback_claimed": _("claimed a callback"),
    "call_started": _("started a call"),
    "call_in_answered": _("answered an inbound call"),
    "visitor_dialled": _("called the visitor"),
    "visitor_rang_and_was_connected": _("connected a visitor who called"),
    "dial_refused_outside_hours": _("made no call because the helpline was closed"),
    "disposition_corrected": _("changed the outcome of a call"),
    "disposition_recorded": _("recorded the outcome of a call"),
    "disposition_undone": _("reopened the outcome of a call"),
    "look_up_refused": _("looked up too many requests, and was refused one"),
    "request_looked_up": _("looked a request up for a caller"),
    "booked_for_caller": _("made a request for a caller"),
    "rescheduled_for_caller": _("rescheduled a request for a caller"),
    "cancelled_for_caller": _("cancelled a request for a caller"),
    "cancelled_as_unsafe": _("cancelled a request because calling is not safe"),
    "follow_up_booked": _("booked a follow-up call"),
    "emergency_pressed": _("marked an emergency"),
    "location_recorded": _("recorded in which state the visitor is"),
    "dispatch_paused": _("paused dispatch"),
    "dispatch_resumed": _("resumed dispatch"),
    "listening_asked": _("asked to listen in to a call"),
    "listening_started": _("began to listen to a call"),
    "listening_joined": _("joined a call"),
    "listening_ended": _("stopped listening to a call"),
    "help_asked": _("asked supervisors for help with a caller"),
    "help_acknowledged": _("saw an advisor's request for help"),
    "help_ended": _("ended an advisor's request for help"),
    "crisis_numbers_texted": _("sent crisis numbers to the visitor by text message"),
    "handed_over": _("transferred a callback to a colleague"),
    "marked_urgent": _("marked a callback as urgent"),
    "urgent_undone": _("removed the urgent mark from a callback"),
    "booking_rescheduled": _("rescheduled a callback"),
    "callbacks_rehoused": _("rescheduled callbacks"),
    "message_kept": _("downloaded a recorded message"),
    "message_deleted_at_carrier": _("deleted a recording at the phone company"),
    "backup_restored": _("restored a backup"),
    "held_released": _("released a request held after a restore"),
    "held_closed": _("closed a request held after a restore"),
    "hours_changed": _("changed the opening hours"),
    "hours_planned": _("scheduled new opening hours"),
    "hours_taken_back": _("removed scheduled opening hours"),
    "hours_brought_in": _("imported opening hours"),
    "exception_added": _("added an exception to the opening hours"),
    "exception_changed": _("changed an exception to the opening hours"),
    "exception_removed": _("removed an exception to the opening hours"),
    "holidays_added": _("added public holidays"),
    "closed_now": _("started an emergency closure"),
    "opened_again": _("ended an emergency closure"),
    "alerts_changed": _("changed the alerts to staff"),
    "costs_changed": _("changed the daily budget"),
    "call_settings_changed": _("changed the call settings"),
    "text_registration_changed": _("changed the registration of text messages"),
    "capacity_changed": _("changed the capacity"),
    "callback_rules_changed": _("changed the callback rules"),
    "service_target_changed": _("changed the service level target"),
    "region_set_right": _("marked a refused region as fixed"),
    "number_addresses_set": _("set the addresses of a number at the phone company"),
    "crisis_line_confirmed": _("verified a crisis line"),
    "crisis_line_added": _("added a crisis line"),
    "crisis_line_changed": _("changed a crisis line"),
    "crisis_line_moved": _("changed the position of a crisis line"),
    "crisis_line_retired": _("retired a crisis line"),
    "crisis_line_brought_back": _("restored a crisis line"),
    "care_place_added": _("added a referral service"),
    "care_place_changed": _("changed a referral service"),
    "care_place_moved": _("changed the position of a referral service"),
    "care_place_retired": _("retired a referral service"),
    "care_place_brought_back": _("restored a referral service"),
    "care_place_confirmed": _("verified a referral service"),
    "words_changed": _("edited a text for visitors"),
    "words_reset": _("restored the original text for visitors"),
    "place_named": _("referred a visitor to a service"),
    "place_taken_back": _("withdrew a referral"),
    "places_texted": _("sent a visitor a text message about an update"),
    "safety_fact_signed": _("signed a safety fact"),
    "outcomes_changed": _("changed the outcomes that advisors choose from"),
    "checklist_dismissed": _("dismissed the first-run checklist"),
    "service_profile_changed": _("changed the name or languages of the service"),
    "safety_changed": _("changed the exit link, title or icon of visitor pages"),
    "websites_changed": _("changed the allowed websites"),
    "webhook_added": _("added a webhook"),
    "webhook_secret_rotated": _("created a new secret for a webhook"),
    "webhook_disabled": _("disabled a webhook"),
    "webhook_enabled": _("enabled a webhook"),
    "webhook_tested": _("sent a test to a webhook"),
    "webhook_sent_again": _("sent a message to a webhook again"),
    "earlier_calls_agreed": _("recorded that the visitor agrees to show earlier calls"),
    "earlier_calls_shown": _("viewed the notes of a visitor's earlier calls"),
    "notes_corrected": _("changed the notes of a call"),
    "notice_dismissed": _("marked a notice as done"),
    "marked_away": _("was set to break after missed calls"),
    "staff_added": _("added a member of staff"),
    "staff_invited": _("invited a member of staff"),
    "invitation_used": _("accepted an invitation"),
    "invitation_taken_back": _("withdrew an invitation"),
    "staff_changed": _("changed a member of staff"),
    "staff_deactivated": _("deactivated a member of staff"),
    "staff_reactivated": _("reactivated a member of staff"),
    "shifts_added": _("added weekly shifts"),
    "shift_ended": _("ended a weekly shift"),
    "days_off_added": _("added days off"),
    "extra_shift_added": _("added extra hours"),
    "shift_exception_removed": _("removed an exception from the rota"),
    "floor_give": _("assigned a callback to an advisor"),
    "floor_take_back": _("returned a callback to the queue"),
    "floor_first": _("moved a callback to the front of the queue"),
    "floor_usual": _("moved a callback back to its normal queue position"),
    "number_blocked": _("blocked a number"),
    "set_aside": _("set requests aside"),
    "brought_back": _("restored requests that were set aside"),
    "number_unblocked": _("unblocked a number"),
    "dial_refused_number_rests": _("made no call because of the call limit for the number"),
    "floor_last": _("moved a callback to the end of the queue"),
    "signed_in": _("signed in"),
    "password_given": _("entered the password, two-factor authentication pending"),
    "sign_in_failed": _("failed to sign in"),
    "signed_out": _("signed out"),
    "sessions_ended": _("revoked sessions"),
    "password_changed": _("changed a password"),
    "password_link_made": _("created a password reset link"),
    "password_made_void": _("disabled a password after too many wrong codes"),
    "second_step_added": _("added a two-factor authentication method"),
    "second_step_removed": _("removed a two-factor authentication method"),
    "recovery_codes_made": _("created new recovery codes"),
    "recovery_code_used": _("used a recovery code"),
    "second_step_reset": _("reset two-factor authentication"),
    "number_looked_up": _("checked how much data is stored about a number"),
    "consent_shown": _("viewed the proof of consent of a number"),
    "consent_exported": _("downloaded the proof of consent of a number"),
    "erased_by_visitor": _("erased all their own data"),
    "erased_on_request": _("erased the data of a number on request"),
    "erased_in_time": _("erased data past its retention period"),
    "retention_changed": _("changed the retention periods"),
    "measures_exported": _("downloaded a report"),
    "audit_taken_out": _("downloaded the audit log"),
}
"""Actions, as the end of a sentence that begins with the actor."""

_ACTORS: Mapping[str, Any] = {
    "visitor": _("A visitor"),
    "carrier": _("The phone company"),
    "worker": _("The worker"),
    "operator": _("An operator (command line)"),
}

_SUBJECTS: Mapping[str, Any] = {
    "callback": _("callback %(id)s"),
    "staff": _("member of staff %(id)s"),
    "voice_message": _("recording %(id)s"),
    "set_aside": _("group of requests %(id)s"),
    "notice": _("notice %(id)s"),
    "crisis_line": _("crisis line %(id)s"),
    "safety_fact": _("safety fact %(id)s"),
    "care_place": _("referral service %(id)s"),
    "measures": _("report %(id)s"),
    "webhook": _("webhook %(id)s"),
}

_TABLES: Mapping[str, Any] = {
    "callback": _("requests"),
    "referral": _("referrals"),
    "attempt": _("call notes"),
    "hand_over": _("transfer notes"),
    "note_draft": _("draft notes"),
    "text_out": _("outbound text messages"),
    "text_in": _("inbound text messages"),
    "text_hint": _("text message hints"),
    "inbound_call": _("inbound calls"),
    "inbound_reply": _("answers during inbound calls"),
    "voice_message": _("recordings"),
    "consent_proof": _("proofs of consent"),
}


def deed_words(deed: str) -> str:
    return str(DEEDS.get(deed, deed.replace("_", " ")))


def actor_words(actor: str, names: Mapping[int, str]) -> str:
    """Return the actor in words.

    Args:
        names: of staff, by id.
    """
    kind, _colon, number = actor.partition(":")
    if kind == "staff" and number.isdigit():
        return names.get(int(number)) or gettext("Staff %(id)s", id=number)
    return str(_ACTORS.get(actor, actor))


def subject_words(subject: str, names: Mapping[int, str]) -> str:
    kind, _colon, number = subject.partition(":")
    if kind == "staff" and number.isdigit() and int(number) in names:
        return names[int(number)]
    return str(_SUBJECTS[kind] % {"id": number}) if kind in _SUBJECTS else ""


def rows_words(rows: Mapping[str, int]) -> str:
    """ "requests: 2, texts: 1": what an erasure removed."""
    parts = [f"{_TABLES.get(table, table)}: {count}" for table, count in sorted(rows.items())]
    return ", ".join(parts) or gettext("nothing left to erase")


def details(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the details of an entry by name; for a change, only what differs."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        changed = {
            name: f"{_value(before.get(name))} → {_value(after.get(name))}" for name in names
        }
        rest = {name: value for name, value in detail.items() if name not in ("before", "after")}
        detail = changed | rest
    return [(name.replace("_", " "), _value(value)) for name, value in detail.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')}: {_value(item)}" for name, item in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "-"
    return "-" if value is None else str(value)


def days_words(days: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", days)
