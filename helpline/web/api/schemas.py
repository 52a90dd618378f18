"""What goes into the API and comes out of it. What a request may say is the form's to judge: see
callbacks.py; here stands only what shape it has."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from helpline.domain.answers import About, Cover, ForWhom, WhosePhone
from helpline.domain.slots import start_of
from helpline.domain.visitor_state import VisitorState
from helpline.domain.web_origins import LONGEST_PAGE, LONGEST_TITLE

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
KEY_LEAST_DIFFERENT = 8


class Instant(fields.Field[datetime]):
    """An instant with its zone, as RFC 3339 has it."""

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            found = start_of(value.upper())
            if found is not None:
                return found
        raise ValidationError("Write an instant as in 2026-11-24T10:30:00+05:30.")


class Truth(fields.Field[bool]):
    """true or false, and nothing that could be taken for one of them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError("Write true or false.")


def _about(words: str, **more: Any) -> dict[str, Any]:
    return {"description": words, **more}


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class FieldErrorSchema(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    message = fields.String(required=True, metadata=_about("Kind words, for the person."))


class CrisisLineSchema(Schema):
    """A crisis line."""

    name = fields.String(required=True)
    action = fields.String(
        required=True, metadata=_about('What a button for it says, such as "Call 112".')
    )
    kind = fields.String(required=True, metadata=_about("emergency, crisis_line, text_line, ..."))
    about = fields.String(required=True, metadata=_about("What it is for."))
    phone = fields.String(required=True, allow_none=True, metadata=_about("As people read it."))
    tel = fields.String(required=True, allow_none=True, metadata=_about("For a tel: link."))
    text_to = fields.String(required=True, allow_none=True, metadata=_about("For an sms: link."))
    text_word = fields.String(required=True, allow_none=True, metadata=_about("What to text."))
    whatsapp = fields.String(
        required=True, allow_none=True, metadata=_about("Its number on WhatsApp.")
    )
    chat = fields.String(required=True, allow_none=True, metadata=_about("Address of its chat."))
    from_abroad = fields.String(
        required=True,
        allow_none=True,
        metadata=_about("What to dial in another country; null: not reachable, or not known."),
    )
    only_inside = fields.Boolean(
        required=True, metadata=_about("It works only inside its own country: say so.")
    )
    hours = fields.String(required=True, metadata=_about("When it answers, in words."))
    open_now = fields.Boolean(
        required=True,
        allow_none=True,
        metadata=_about("Whether it is open at this minute; null: nobody knows."),
    )
    opens_at = Instant(required=True, allow_none=True, metadata=_about("The next opening."))
    closes_at = Instant(required=True, allow_none=True)
    notes = fields.String(required=True, metadata=_about("What a caller must know: show it."))
    languages = fields.List(fields.String(), required=True)
    website = fields.String(required=True, allow_none=True)


class ProblemSchema(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True, metadata=_about("about:blank, or an address here."))
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))
    nearest = fields.List(Instant(), metadata=_about("Free times near the one that is gone."))
    crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        metadata=_about("Open at this minute. Told along wherever we cannot help: show them."),
    )


class HereSchema(Schema):
    """Where the visitor is, and what they speak."""

    region = fields.String(
        validate=validate.Regexp(r"^[A-Za-z]{2}$"),
        metadata=_about("Whose crisis numbers to tell, such as IN; else the helpline's own."),
    )
    lang = fields.String(
        validate=validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
        metadata=_about("The language of the words, such as hi; the site's first where unknown."),
    )


class NumberSchema(Schema):
    """A number of ours."""

    tel = fields.String(required=True, metadata=_about("For a tel: link."))
    shown = fields.String(required=True, metadata=_about("As people read it."))


class PanelWordsSchema(Schema):
    """The words of the contact panel, in the language that was asked for."""

    heading = fields.String(required=True)
    advisor = fields.String(required=True)
    state = fields.String(required=True, metadata=_about("Open until when, or closed till when."))
    wait = fields.String(
        required=True,
        metadata=_about("That we close soon, or that no advisor is available; else empty."),
    )
    hours = fields.String(required=True, metadata=_about("The weekly hours."))
    zone = fields.String(required=True, metadata=_about("The time zone of all of it."))
    call = fields.String(required=True)
    call_us = fields.String(required=True, metadata=_about("Call us, with our number."))
    text = fields.String(required=True)
    ask = fields.String(required=True)
    nameless = fields.String(required=True)
    danger = fields.String(required=True)
    numbers = fields.String(required=True)
    more = fields.String(required=True)
    notes = fields.String(required=True, metadata=_about("Opens what a caller must know."))
    elsewhere = fields.String(required=True, metadata=_about("For the link to find_a_helpline."))


class AvailabilitySchema(Schema):
    """Whether somebody answers now, by the server's clock, and who does if we do not."""

    open = fields.Boolean(required=True)
    accepting = fields.Boolean(required=True, metadata=_about("Whether a call can be asked for."))
    state = fields.String(
        required=True,
        validate=validate.OneOf([*VisitorState]),
        metadata=_about("The state that a request for a call made now would have."),
    )
    now = Instant(required=True)
    closes_at = Instant(required=True, allow_none=True)
    opens_at = Instant(required=True, allow_none=True, metadata=_about("The next opening."))
    region = fields.String(required=True)
    lang = fields.String(required=True)
    direction = fields.String(required=True, validate=validate.OneOf(["ltr", "rtl"]))
    number = fields.Nested(NumberSchema, required=True)
    ask_url = fields.String(required=True, metadata=_about("Where a person asks for a call."))
    from_page_url = fields.String(
        required=True, metadata=_about("The same, by POST, with the page they came from.")
    )
    crisis_url = fields.String(required=True)
    words = fields.Nested(PanelWordsSchema, required=True)
    notes = fields.List(
        fields.String(), required=True, metadata=_about("Days of this week with other hours.")
    )
    emergency = fields.Nested(CrisisLineSchema, required=True)
    crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_about("Those known to be open at this minute."),
    )
    other_crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_about("Those that are closed, or of which nobody knows the hours."),
    )
    home_crisis_numbers = fields.List(
        fields.Nested(CrisisLineSchema),
        required=True,
        metadata=_about(
            "For a visitor in another region than the helpline's: lines of the helpline's region "
            "that can be reached from there, by from_abroad or whatsapp."
        ),
    )
    ask_again_at = Instant(
        required=True,
        allow_none=True,
        metadata=_about(
            "When this answer changes next: an opening or a closing, ours or a line's."
        ),
    )
    find_a_helpline = fields.String(
        required=True, metadata=_about("Where to look for other lines, in every region.")
    )


class SlotSchema(Schema):
    """A time to choose."""

    starts_at = Instant(required=True)
    full = fields.Boolean(required=True)
    words = fields.String(required=True)


class SlotsSchema(Schema):
    """When a call can be had."""

    accepting = fields.Boolean(required=True, metadata=_about("Whether a call can be asked for."))
    likely_wait = fields.String(
        required=True,
        allow_none=True,
        metadata=_about("As soon as possible takes so long, in words; null: nobody can say."),
    )
    zone = fields.String(required=True, metadata=_about("The helpline's time zone."))
    slots = fields.List(fields.Nested(SlotSchema), required=True)


class SourceSchema(_Strict):
    """The article a request came from. Kept only where an admin allows it for the website."""

    page = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_PAGE),
        metadata=_about("Its path. A query string is cut off."),
    )
    title = fields.String(validate=validate.Length(max=LONGEST_TITLE))


class AskSchema(_Strict):
    """A request for a call. The rules are those of our own form."""

    phone = fields.String(
        required=True,
        validate=validate.Length(min=1, max=40),
        metadata=_about(
            "As people write it, such as with ext. 12 behind it.",
            format="phone",
            examples=["98765 43210"],
        ),
    )
    consent = Truth(
        required=True,
        validate=validate.OneOf([True], error="We call nobody who has not agreed to it."),
        metadata=_about("The person agreed that we keep this and call them. Never assume it."),
    )
    slot_at = Instant(allow_none=True, metadata=_about("One of /slots; null: as soon as we can."))
    if_no_answer = fields.String(
        validate=validate.OneOf(["never", "today"]),
        metadata=_about(
            "Whether to call again if they do not answer: not at all, or on the same day. Without "
            "it, and without call_until: only within 15 minutes of slot_at."
        ),
    )
    call_until = Instant(
        metadata=_about("They are not called after that, within a day of the call.")
    )
    name = fields.String(validate=validate.Length(max=80))
    language = fields.String(
        metadata=_about("What they would like to speak, such as hi.", format="spoken-language")
    )
    note = fields.String(validate=validate.Length(max=1000))
    may_leave_voicemail = Truth(metadata=_about("No unless they chose it."))
    may_say_who = Truth(
        metadata=_about("Whether we may say who is calling. No unless they chose it.")
    )
    cover = fields.String(
        validate=validate.OneOf([*Cover]),
        metadata=_about("What is said to somebody else who answers, where may_say_who is no."),
    )
    safe_times = fields.String(
        validate=validate.Length(max=80), metadata=_about("When it is safe to call, in words.")
    )
    code_word = fields.String(
        validate=validate.Length(max=40), metadata=_about("What we say first.")
    )
    may_text = Truth(metadata=_about("No unless they chose it."))
    may_ring_back = Truth(metadata=_about("At once, if the call drops. No unless they chose it."))
    about = fields.String(validate=validate.OneOf([*About]))
    for_whom = fields.String(validate=validate.OneOf([*ForWhom]))
    whose_phone = fields.String(
        validate=validate.OneOf([*WhosePhone]), metadata=_about("Where they ask for another.")
    )
    person_knows = Truth(
        metadata=_about("Where the phone is theirs: we call it only if they know. No by default.")
    )
    may_say_who_asked = Truth(metadata=_about("Likewise. No unless they chose it."))
    asked_by = fields.String(validate=validate.Length(max=80), metadata=_about("Likewise."))
    source = fields.Nested(SourceSchema)


class MoveSchema(_Strict):
    """Another time."""

    slot_at = Instant(required=True, allow_none=True, metadata=_about("null: as soon as we can."))
    if_no_answer = fields.String(
        validate=validate.OneOf(["never", "today"]),
        metadata=_about(
            "As when asking. Without it, and without call_until, what they said before holds."
        ),
    )
    call_until = Instant(
        metadata=_about("They are not called after that, within a day of the call.")
    )


class KeySchema(Schema):
    """The key under which a request counts once, however often it is sent."""

    idempotency_key = fields.UUID(
        data_key="Idempotency-Key",
        required=True,
        metadata=_about(
            "Made afresh at random for each request. Whoever has the key and the whole request "
            "gets its token, so keep it to yourself."
        ),
    )


class AskedSchema(Schema):
    """A request that was taken."""

    token = fields.String(required=True, metadata=_about("Opens this request, and only this one."))
    status_url = fields.String(required=True, metadata=_about("Its page, for the person."))


class CallbackSchema(Schema):
    """Where a request stands. It tells nothing of any other for the same number."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(
            ["waiting", "claimed", "calling", "reached", "unreached", "cancelled", "expired"]
        ),
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf([*VisitorState]),
        metadata=_about("What the person is told just now, as finely as we know it."),
    )
    heading = fields.String(required=True, metadata=_about("The state in words, to show."))
    sentence = fields.String(required=True, metadata=_about("What to expect, or to do."))
    requested_at = Instant(required=True)
    slot_at = Instant(required=True, allow_none=True)
    due_at = Instant(required=True, metadata=_about("From when we may call."))
    call_until = Instant(
        required=True, allow_none=True, metadata=_about("They are not called after that.")
    )
    ended_at = Instant(required=True, allow_none=True)
    ahead = fields.Integer(
        required=True,
        allow_none=True,
        metadata=_about("How many go before; null where nobody can say."),
    )
    likely_wait = fields.String(required=True, allow_none=True)
    rings_from = fields.String(
        required=True,
        allow_none=True,
        metadata=_about("The number their phone will show; null where advisors use their own."),
    )
    can_move = fields.Boolean(required=True)
    can_cancel = fields.Boolean(required=True)
