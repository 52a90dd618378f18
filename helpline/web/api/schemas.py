"""Request and response schemas. They check only the shape; the website's form checks the rest (see
callbacks.py).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from helpline.domain.intake_answers import About, Cover, ForWhom, WhosePhone
from helpline.domain.slots import parse_start
from helpline.domain.visitor_state import VisitorState
from helpline.domain.web_origins import MAX_PATH_LENGTH, MAX_TITLE_LENGTH
from helpline.web.problem_json import NO_TYPE, PROBLEMS, problem_type

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_SLOT = "slot_at"
MIN_DISTINCT_KEY_DIGITS = 8


class Instant(fields.DateTime):
    """A timestamp with its offset (RFC 3339)."""

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            instant = parse_start(value.upper())
            if instant is not None:
                return instant
        raise ValidationError("Enter a date and time such as 2026-11-24T10:30:00+05:30.")


class StrictBoolean(fields.Boolean):
    """A strict boolean: only true or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError("Must be true or false.")


def _metadata(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class _Strict(Schema):
    """A request body. Null is the same as nothing for every optional field, since many generated
    clients send it.
    """

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if not field_obj.required:
            field_obj.allow_none = True

    @post_load
    def _without_nulls(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None or name == _SLOT}


class FieldErrorSchema(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    message = fields.String(required=True, metadata=_metadata("Text to show to the person."))


class CrisisLineSchema(Schema):
    """A crisis line."""

    name = fields.String(required=True)
    action = fields.String(
        required=True, metadata=_metadata('Label for its button, such as "Call 112".')
    )
    kind = fields.String(
        required=True, metadata=_metadata("emergency, crisis_line, text_line, ...")
    )
    about = fields.String(required=True, metadata=_metadata("What it is for."))
    phone = fields.String(
        required=True, allow_none=True, metadata=_metadata("Formatted for people to read.")
    )
    tel = fields.String(required=True, allow_none=True, metadata=_metadata("For a tel: link."))
    text_to = fields.String(required=True, allow_none=True, metadata=_metadata("For an sms: link."))
    text_word = fields.String(required=True, allow_none=True, metadata=_metadata("What to text."))
    whatsapp = fields.String(required=True, allow_none=True, metadata=_metadata("WhatsApp number."))
    chat = fields.String(
        required=True, allow_none=True, metadata=_metadata("URL of its online chat.")
    )
    from_abroad = fields.String(
        required=True,
        allow_none=True,
        metadata=_metadata(
            "Number to dial from another country; null if it cannot be reached from "
            "abroad or is not known."
        ),
    )
    only_inside = fields.Boolean(
        required=True,
        metadata=_metadata("Whether it works only inside its own country. If so, say so."),
    )
    hours = fields.String(required=True, metadata=_metadata("Opening hours, in words."))
    open_now = fields.Boolean(
        required=True,
        allow_none=True,
        metadata=_metadata("Whether it is open now; null if its hours are not known."),
    )
    opens_at = Instant(required=True, allow_none=True, metadata=_metadata("When it opens next."))
    closes_at = Instant(required=True, allow_none=True)
    notes = fields.String(required=True, metadata=_metadata("What callers must know. Show it."))
    languages = fields.List(fields.String(), required=True)
    website = fields.String(required=True, allow_none=True)


class ProblemSchema(Schema):
    """An error (RFC 9457)."""

    type = fields.String(
        required=True,
        validate=validate.OneOf([NO_TYPE, *map(problem_type, PROBLEMS)]),
        metadata=_metadata("about:blank, or the address of a problem type in this API."),
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))
    nearest = fields.List(
        Instant(), metadata=_metadata("Free times near the one that is no longer available.")
    )
    crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        metadata=_metadata(
            "Crisis lines that are open now. Included whenever the request fails. Show them."
        ),
    )


class FailureSchema(ProblemSchema):
    """An error that is not the person's fault, with numbers they can call instead."""

    crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_metadata("Crisis lines that are open now. Show them."),
    )


class HereSchema(Schema):
    """Region and language of the visitor."""

    region = fields.String(
        validate=validate.Regexp(r"^[A-Za-z]{2}$"),
        metadata=_metadata(
            "Region of the crisis numbers, such as IN. Defaults to the region of the helpline."
        ),
    )
    lang = fields.String(
        validate=validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
        metadata=_metadata(
            "Language of the texts, such as hi. Defaults to the first language of the site."
        ),
    )


class NumberSchema(Schema):
    """A phone number of the helpline."""

    tel = fields.String(required=True, metadata=_metadata("For a tel: link."))
    shown = fields.String(required=True, metadata=_metadata("Formatted for people to read."))


class PanelWordsSchema(Schema):
    """Texts of the contact panel, in the requested language."""

    heading = fields.String(required=True)
    advisor = fields.String(required=True)
    state = fields.String(
        required=True, metadata=_metadata("Whether the helpline is open, and until when.")
    )
    wait = fields.String(
        required=True,
        metadata=_metadata(
            "Notice that the helpline closes soon or that no advisor is available; otherwise empty."
        ),
    )
    hours = fields.String(required=True, metadata=_metadata("The weekly hours."))
    zone = fields.String(required=True, metadata=_metadata("Time zone of all times."))
    call = fields.String(required=True)
    call_us = fields.String(
        required=True, metadata=_metadata("Call button with the number of the helpline.")
    )
    text = fields.String(required=True)
    ask = fields.String(required=True)
    nameless = fields.String(required=True)
    danger = fields.String(required=True)
    numbers = fields.String(required=True)
    more = fields.String(required=True)
    notes = fields.String(
        required=True, metadata=_metadata("Label that opens the notes for callers.")
    )
    elsewhere = fields.String(
        required=True, metadata=_metadata("Label for the link to find_a_helpline.")
    )


class AvailabilitySchema(Schema):
    """Whether the helpline is open now, by the clock of the server, and which crisis lines are."""

    open = fields.Boolean(required=True)
    accepting = fields.Boolean(
        required=True, metadata=_metadata("Whether callback requests are accepted.")
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf([*VisitorState]),
        metadata=_metadata("State that a new request would have now."),
    )
    now = Instant(required=True)
    closes_at = Instant(required=True, allow_none=True)
    opens_at = Instant(required=True, allow_none=True, metadata=_metadata("When it opens next."))
    region = fields.String(required=True)
    lang = fields.String(required=True)
    direction = fields.String(required=True, validate=validate.OneOf(["ltr", "rtl"]))
    number = fields.Nested(NumberSchema, required=True)
    ask_url = fields.String(
        required=True, metadata=_metadata("Page where a person asks for a call.")
    )
    from_page_url = fields.String(
        required=True,
        metadata=_metadata("The same page, opened by POST, with the page they came from."),
    )
    crisis_url = fields.String(required=True)
    words = fields.Nested(PanelWordsSchema, required=True)
    notes = fields.List(
        fields.String(), required=True, metadata=_metadata("Days this week with different hours.")
    )
    emergency = fields.Nested(CrisisLineSchema, required=True)
    crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_metadata("Lines known to be open now."),
    )
    other_crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_metadata("Lines that are closed, or whose hours are not known."),
    )
    home_crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_metadata(
            "For visitors outside the region of the helpline: lines of the helpline's region that "
            "can be reached from abroad, by from_abroad or whatsapp."
        ),
    )
    ask_again_at = Instant(
        required=True,
        allow_none=True,
        metadata=_metadata(
            "When this response changes next, because the helpline or a crisis line opens or "
            "closes."
        ),
    )
    find_a_helpline = fields.String(
        required=True, metadata=_metadata("Directory of helplines in other regions.")
    )


class SlotSchema(Schema):
    """A time that can be booked."""

    starts_at = Instant(required=True)
    full = fields.Boolean(required=True)
    words = fields.String(required=True)


class SlotsSchema(Schema):
    """Times that can be booked."""

    accepting = fields.Boolean(
        required=True, metadata=_metadata("Whether callback requests are accepted.")
    )
    likely_wait = fields.String(
        required=True,
        allow_none=True,
        metadata=_metadata(
            "Estimated wait for a call as soon as possible, in words; null if unknown."
        ),
    )
    zone = fields.String(required=True, metadata=_metadata("The helpline's time zone."))
    slots = fields.List(fields.Nested(SlotSchema), required=True)


class SourceSchema(_Strict):
    """The page a request came from. Stored only if an admin allows it for the website."""

    page = fields.String(
        required=True,
        validate=validate.Length(min=1, max=MAX_PATH_LENGTH),
        metadata=_metadata("Path of the page. The query string is removed."),
    )
    title = fields.String(validate=validate.Length(max=MAX_TITLE_LENGTH))


class AskSchema(_Strict):
    """A callback request. The same rules apply as for the form on the website."""

    phone = fields.String(
        required=True,
        validate=validate.Length(min=1, max=40),
        metadata=_metadata(
            "In any common format, with an extension such as ext. 12 at the end.",
            format="phone",
            examples=["98765 43210"],
        ),
    )
    consent = StrictBoolean(
        required=True,
        validate=validate.OneOf(
            [True], error="Consent must be true. We only call people who have agreed to it."
        ),
        metadata=_metadata(
            "Whether the person agreed that the helpline may store this and call "
            "them. Never assume it."
        ),
    )
    slot_at = Instant(
        allow_none=True, metadata=_metadata("A time from /slots; null for as soon as possible.")
    )
    if_no_answer = fields.String(
        validate=validate.OneOf(["never", "today"]),
        metadata=_metadata(
            "Whether to call again if they do not answer: never, or on the same day. Without it "
            "and without call_until, only within 15 minutes of slot_at."
        ),
    )
    call_until = Instant(
        metadata=_metadata("They are not called after this time. At most one day after the call.")
    )
    name = fields.String(validate=validate.Length(max=80))
    language = fields.String(
        metadata=_metadata(
            "Language they would like to speak, such as hi.", format="spoken-language"
        )
    )
    note = fields.String(validate=validate.Length(max=1000))
    may_leave_voicemail = StrictBoolean(
        metadata=_metadata("Defaults to false. Set true only if the person chose it.")
    )
    may_say_who = StrictBoolean(
        metadata=_metadata(
            "Whether the advisor may say who is calling. Defaults to false. Set true "
            "only if the person chose it."
        )
    )
    cover = fields.String(
        validate=validate.OneOf([*Cover]),
        metadata=_metadata(
            "What the advisor says if someone else answers and may_say_who is false."
        ),
    )
    safe_times = fields.String(
        validate=validate.Length(max=80),
        metadata=_metadata("When it is safe to call, in their own words."),
    )
    code_word = fields.String(
        validate=validate.Length(max=40),
        metadata=_metadata("Code word that the advisor says first."),
    )
    may_text = StrictBoolean(
        metadata=_metadata("Defaults to false. Set true only if the person chose it.")
    )
    may_ring_back = StrictBoolean(
        metadata=_metadata(
            "Whether to call back at once if the call drops. "
            "Defaults to false. Set true only if the person chose "
            "it."
        )
    )
    about = fields.String(validate=validate.OneOf([*About]))
    for_whom = fields.String(validate=validate.OneOf([*ForWhom]))
    whose_phone = fields.String(
        validate=validate.OneOf([*WhosePhone]),
        metadata=_metadata("Whose phone to call, if for_whom is other."),
    )
    person_knows = StrictBoolean(
        metadata=_metadata(
            "Whether the other person knows about the call. Must be true if whose_phone "
            "is theirs. Defaults to false."
        )
    )
    may_say_who_asked = StrictBoolean(
        metadata=_metadata(
            "Whether the advisor may say who asked for the "
            "call. Defaults to false. Set true only if the "
            "person chose it."
        )
    )
    asked_by = fields.String(
        validate=validate.Length(max=80), metadata=_metadata("Who asked for the call.")
    )
    source = fields.Nested(SourceSchema)


class MoveSchema(_Strict):
    """A new time for the call."""

    slot_at = Instant(
        required=True,
        allow_none=True,
        metadata=_metadata("A time from /slots; null for as soon as possible."),
    )
    if_no_answer = fields.String(
        validate=validate.OneOf(["never", "today"]),
        metadata=_metadata(
            "As for POST /callbacks. Without it and without call_until, the earlier choice stays."
        ),
    )
    call_until = Instant(
        metadata=_metadata("They are not called after this time. At most one day after the call.")
    )


def _require_uuid(value: str) -> None:
    try:
        UUID(value)
    except ValueError as error:
        raise ValidationError("Not a valid UUID.") from error


class KeySchema(Schema):
    """A key that makes it safe to send the same request more than once."""

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        required=True,
        validate=_require_uuid,
        metadata=_metadata(
            "A new random UUID for each request. Anyone with the key and the full request can get "
            "its token, so keep it secret.",
            format="random-uuid",
        ),
    )


class AskedSchema(Schema):
    """A request that was accepted."""

    token = fields.String(required=True, metadata=_metadata("Gives access to this request only."))
    status_url = fields.String(
        required=True, metadata=_metadata("Status page to give to the person.")
    )


class CallbackSchema(Schema):
    """Status of a request. It says nothing about other requests for the same number."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(
            ["waiting", "claimed", "calling", "reached", "unreached", "cancelled", "expired"]
        ),
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf([*VisitorState]),
        metadata=_metadata("Detailed state, as shown to the person."),
    )
    heading = fields.String(required=True, metadata=_metadata("Heading to show."))
    sentence = fields.String(
        required=True, metadata=_metadata("What to expect or to do next, to show.")
    )
    requested_at = Instant(required=True)
    slot_at = Instant(required=True, allow_none=True)
    due_at = Instant(required=True, metadata=_metadata("Earliest time of the call."))
    call_until = Instant(
        required=True, allow_none=True, metadata=_metadata("They are not called after this time.")
    )
    ended_at = Instant(required=True, allow_none=True)
    ahead = fields.Integer(
        required=True,
        allow_none=True,
        metadata=_metadata("Number of requests ahead in the queue; null if unknown."),
    )
    likely_wait = fields.String(required=True, allow_none=True)
    rings_from = fields.String(
        required=True,
        allow_none=True,
        metadata=_metadata("Caller ID of the call; null if advisors use their own phones."),
    )
    can_move = fields.Boolean(required=True)
    can_cancel = fields.Boolean(required=True)
