"""The PII inventory: every column with personal data, the one list by which it is erased.

A test compares it with every encrypted column and every phone hash. It names tables of higher
layers by name only, as data. See docs/decisions/0015-personal-data-is-inventoried.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Data with one retention period, erased together."""

    PERSON = "person"
    """The visitor and their request."""
    NOTES = "notes"
    """Notes of staff about calls."""
    RECORDING = "recording"
    """Voicemail."""
    CALLER = "caller"
    """Numbers of inbound calls and text messages."""
    STAFF = "staff"
    """Data of a staff account, erased with it."""
    CONSENT = "consent"
    """Proof that a number was called because its owner asked. It outlives an erasure."""
    PROMISE = "promise"
    """Needed to keep a promise: no text message after STOP, no call beyond the daily limit."""


@dataclass(frozen=True, slots=True)
class PersonalColumns:
    """Columns of a table that are erased together.

    Args:
        columns: set to NULL; empty where whole rows are deleted.
        callback: the column with the callback's id, if any.
        number: the column with the phone hash, if any.
        since: the column from which age counts; None for the end of the callback.
        within: the column that references the row, and its table, of which this is a part.
        stamp: the column for the time of erasure.
        state: a column, and its value after erasure.
    """

    table: str
    columns: tuple[str, ...]
    group: Group
    callback: str | None = None
    number: str | None = None
    since: str | None = None
    within: tuple[str, str] | None = None
    stamp: str | None = None
    state: tuple[str, str] | None = None


INVENTORY: tuple[PersonalColumns, ...] = (
    # A part comes before the whole: it is found by what the whole still says.
    PersonalColumns("inbound_reply", (), Group.CALLER, within=("call_id", "inbound_call")),
    PersonalColumns(
        "inbound_call",
        ("phone", "phone_hash", "typed_phone"),
        Group.CALLER,
        callback="callback_id",
        number="phone_hash",
        since="ended_at",
    ),
    PersonalColumns(
        "text_in",
        ("phone_hash", "answer", "words"),
        Group.CALLER,
        number="phone_hash",
        since="received_at",
    ),
    # Nobody has read them: they go with whichever of the two goes first.
    PersonalColumns("text_in", ("words",), Group.NOTES, number="phone_hash", since="received_at"),
    PersonalColumns("text_hint", (), Group.CALLER, number="phone_hash", since="at"),
    PersonalColumns(
        "voice_message",
        ("sound",),
        Group.RECORDING,
        callback="callback_id",
        state=("state", "erased"),
    ),
    PersonalColumns("attempt", ("notes", "risk_note"), Group.NOTES, callback="callback_id"),
    PersonalColumns("note_draft", (), Group.NOTES, callback="callback_id"),
    PersonalColumns("hand_over", ("note",), Group.NOTES, callback="callback_id"),
    PersonalColumns("floor_deed", ("reason",), Group.NOTES, callback="callback_id"),
    PersonalColumns("number_rest", ("reason",), Group.NOTES, callback="callback_id"),
    PersonalColumns("set_aside", ("reason",), Group.NOTES, callback="example_id"),
    PersonalColumns(
        "text_out", ("phone", "phone_hash", "words"), Group.PERSON, callback="callback_id"
    ),
    # What remains is that a place was named at some time, for counting.
    PersonalColumns("referral", ("callback_id",), Group.PERSON, callback="callback_id"),
    PersonalColumns(
        "callback",
        (
            *("name", "phone", "phone_hash", "note", "source_title", "request_hash"),
            *("phone_extension", "phone_as_typed", "answers", "located_in"),
            *("network_hash", "network_56_hash", "network_48_hash"),
            *("reference", "reference_hash"),
        ),
        Group.PERSON,
        callback="id",
        stamp="erased_at",
    ),
    PersonalColumns("consent_proof", (), Group.CONSENT, since="at"),
    PersonalColumns("staff", ("phone", "phone_hash"), Group.STAFF),
    PersonalColumns("service_policy", ("duty_phone",), Group.STAFF),
    PersonalColumns("staff_session", ("app_secret",), Group.STAFF),
    PersonalColumns("code_app", ("secret",), Group.STAFF),
    PersonalColumns("invitation", ("email",), Group.STAFF),
    # Whoever erases a request, or asks that a number be erased, must not begin its count anew, nor
    # lift a block. Rings are forgotten after a day, a number when its rest is over.
    PersonalColumns("ring", (), Group.PROMISE, number="phone_hash"),
    PersonalColumns("number_on_line", (), Group.PROMISE, number="phone_hash"),
    PersonalColumns("number_rest", ("phone_hash",), Group.PROMISE, number="phone_hash"),
    PersonalColumns("text_stop", (), Group.PROMISE, number="phone_hash"),
)

VISITOR_GROUPS = frozenset({Group.PERSON, Group.NOTES, Group.RECORDING, Group.CALLER})
"""Groups erased at a visitor's request."""


def columns_of_groups(groups: Collection[Group]) -> tuple[PersonalColumns, ...]:
    """Return the entries of these groups in order of erasure."""
    return tuple(columns for columns in INVENTORY if columns.group in groups)
