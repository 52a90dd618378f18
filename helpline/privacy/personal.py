"""What we keep of people, table by table: the one list by which it is erased.

Whoever adds a column that says something of a person adds it here; a test holds every encrypted
column and every hash of a number against this list. It names tables of higher rooms by their
names only, as data.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What is kept equally long, and goes together."""

    PERSON = "person"
    """Who a visitor is, and what they told us."""
    NOTES = "notes"
    """What staff wrote down about the talk."""
    RECORDING = "recording"
    """What a caller said after the tone."""
    CALLER = "caller"
    """Which number rang us or texted us."""
    STAFF = "staff"
    """What belongs to the account of a member of staff, and goes with it."""
    PROMISE = "promise"
    """What we must know in order to keep a promise: a number that said STOP is not texted, one
    that was rung enough is not rung."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Columns of one table that go together.

    Args:
        table: its name.
        columns: which become NULL; none where the whole row goes.
        group: how long it is kept.
        callback: the column that leads to the callback it belongs to, if it belongs to one.
        number: the column with the hash of the number, if there is one.
        since: the column from which its age counts; the end of its callback where there is none.
        within: the column that leads to the row, and the table, of which this is a part.
        stamp: the column that says when it was erased.
        state: a column, and what it says once this is erased.
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


PERSONAL: tuple[Personal, ...] = (
    # A part comes before the whole: it is found by what the whole still says.
    Personal("inbound_reply", (), Group.CALLER, within=("call_id", "inbound_call")),
    Personal(
        "inbound_call",
        ("phone", "phone_hash", "typed_phone"),
        Group.CALLER,
        callback="callback_id",
        number="phone_hash",
        since="ended_at",
    ),
    Personal(
        "text_in",
        ("phone_hash", "answer", "words"),
        Group.CALLER,
        number="phone_hash",
        since="received_at",
    ),
    # Nobody has read them: they go with whichever of the two goes first.
    Personal("text_in", ("words",), Group.NOTES, number="phone_hash", since="received_at"),
    Personal("text_hint", (), Group.CALLER, number="phone_hash", since="at"),
    Personal(
        "voice_message",
        ("sound",),
        Group.RECORDING,
        callback="callback_id",
        state=("state", "erased"),
    ),
    Personal("attempt", ("notes",), Group.NOTES, callback="callback_id"),
    Personal("note_draft", (), Group.NOTES, callback="callback_id"),
    Personal("hand_over", ("note",), Group.NOTES, callback="callback_id"),
    Personal("floor_deed", ("reason",), Group.NOTES, callback="callback_id"),
    Personal("number_rest", ("reason",), Group.NOTES, callback="callback_id"),
    Personal("set_aside", ("reason",), Group.NOTES, callback="example_id"),
    Personal("text_out", ("phone", "phone_hash", "words"), Group.PERSON, callback="callback_id"),
    # What remains is that a place was named at some time, for counting.
    Personal("referral", ("callback_id",), Group.PERSON, callback="callback_id"),
    Personal(
        "callback",
        (
            *("name", "phone", "phone_hash", "note", "source_title", "request_hash"),
            *("phone_extension", "phone_as_typed", "answers"),
            *("network_hash", "network_56_hash", "network_48_hash"),
        ),
        Group.PERSON,
        callback="id",
        stamp="erased_at",
    ),
    Personal("staff", ("phone", "phone_hash"), Group.STAFF),
    Personal("staff_session", ("app_secret",), Group.STAFF),
    Personal("code_app", ("secret",), Group.STAFF),
    Personal("invitation", ("email",), Group.STAFF),
    # Whoever erases a request, or asks that a number be erased, must not begin its count anew, nor
    # lift a block. Rings are forgotten after a day, a number when its rest is over.
    Personal("ring", (), Group.PROMISE, number="phone_hash"),
    Personal("number_on_line", (), Group.PROMISE, number="phone_hash"),
    Personal("number_rest", ("phone_hash",), Group.PROMISE, number="phone_hash"),
    Personal("text_stop", (), Group.PROMISE, number="phone_hash"),
)

OF_A_VISITOR = frozenset({Group.PERSON, Group.NOTES, Group.RECORDING, Group.CALLER})
"""What goes when a visitor wants everything gone."""


def of_groups(groups: Collection[Group]) -> tuple[Personal, ...]:
    """The entries of these groups, in the order in which they are erased."""
    return tuple(each for each in PERSONAL if each.group in groups)
