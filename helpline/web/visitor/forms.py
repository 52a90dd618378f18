"""Forms of the visitor pages; only the phone number is required.

See docs/decisions/0003-visitor-pages-keep-no-cookie.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from helpline import clock
from helpline.callbacks.phone_limits.checks import may_call_region
from helpline.callbacks.service import CallbackRequest
from helpline.callbacks.visitor_numbers import require_visitor_number
from helpline.current import settings
from helpline.db import db
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.intake_answers import (
    About,
    Answers,
    Cover,
    Danger,
    ForWhom,
    Urgent,
    WhosePhone,
)
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.safe_times import IfMissed, IfNoAnswer
from helpline.domain.slots import parse_start
from helpline.privacy.encryption import request_hash
from helpline.web import rate_limits
from helpline.web.consent_text import CONSENT, consent_given
from helpline.web.formatting import clock_words, language_name
from helpline.web.language import gettext, page_language
from helpline.web.language import lazy_gettext as _
from helpline.web.request_context import opening_hours, other_numbers, profile, sends_texts
from helpline.web.visitor import form_timing
from helpline.web.visitor.referrer import ReferrerFields

ASAP = "asap"
_Choice = TypeVar("_Choice", bound=StrEnum)
_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_YES_NO = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
_NOT_IN_DIGEST = (
    *("phone", "more", "danger_seen", "request_key", "began"),
    *("via", "from_page", "from_title", "hide_page"),
)
"""Fields left out of the digest; the phone is added in normalized form."""
_SKIPPED = SelectChoice("", _("Prefer not to say"))

PHONE_WORDS = {
    PhoneProblem.EMPTY: _("Enter the phone number we should call."),
    PhoneProblem.NOT_A_NUMBER: _("Enter a phone number, such as 98765 43210."),
    PhoneProblem.TOO_SHORT: _("This number is too short. Please check it."),
    PhoneProblem.TOO_LONG: _("This number is too long. Please check it."),
    PhoneProblem.REGION_NOT_ALLOWED: _(
        "We cannot call numbers in this country. The crisis numbers on this page can help you "
        "where you are."
    ),
    PhoneProblem.PREMIUM_RATE: _(
        "We cannot call this kind of number. Please enter another number."
    ),
    PhoneProblem.SHARED_COST: _("We cannot call this kind of number. Please enter another number."),
    PhoneProblem.CANNOT_BE_CALLED: _(
        "We cannot call toll-free or service numbers. Please enter another number."
    ),
    PhoneProblem.OWN_NUMBER: _("This is our own number. Enter the number we should call."),
    PhoneProblem.OTHER_SERVICE: _(
        "This is the number of another service. You can call it yourself. Please enter your own "
        "number."
    ),
    PhoneProblem.EMERGENCY: _(
        "This is an emergency number. If life is in danger, call it now. To be called back, enter "
        "your own number."
    ),
    PhoneProblem.SHORT_NUMBER: _("We cannot call short numbers. Please enter the full number."),
    PhoneProblem.EXTENSION: _("Enter an extension of 1 to 8 digits, such as ext. 12."),
    PhoneProblem.NOT_VALID: _("This does not look like a working number. Please check it."),
}


def _problem_words(reason: PhoneProblem, typed: str) -> Any:
    is_of_here = not typed.strip().startswith(("+", "00"))
    digits = phone_numbers.mobile_number_length(settings().default_region)
    if is_of_here and digits and reason in (PhoneProblem.TOO_SHORT, PhoneProblem.TOO_LONG):
        return gettext("This number needs %(num)s digits. Please check it.", num=digits)
    return PHONE_WORDS[reason]


def hidden_fields() -> dict[str, str]:
    """Return the hidden fields of a new form: its key and timestamp."""
    return {"request_key": _new_key(), "began": form_timing.signed_timestamp()}


def _new_key() -> str:
    return secrets.token_urlsafe(18)


def strip_control_characters(text: str | None) -> str | None:
    """Remove control characters, which no keyboard types."""
    if text is None:
        return None
    return "".join(c for c in text if c >= " " or c in "\n\r\t").strip()


def _default_language() -> str:
    spoken = profile().spoken_languages
    return page_language() if page_language() in spoken else spoken[0]


class WhenForm(FlaskForm):  # type: ignore[misc]
    """When to call: as soon as possible, or in a slot."""

    class Meta:
        csrf = False

    when = RadioField(_("When should we call?"), default=ASAP, validate_choice=False, choices=[])

    if_missed = SelectField(_("If I do not answer"), validate_choice=False, default="")

    def offer_until(self, times: Sequence[tuple[str, str]]) -> None:
        """Set the choices of ``if_missed``; what was chosen before stays among them."""
        chosen = self.if_missed.data or ""
        if self.call_until is not None and chosen not in dict(times):
            times = sorted([*times, (chosen, clock_words(self.call_until))])
        self.if_missed.choices = [
            SelectChoice("", _("Call only within 15 minutes of a time I choose above")),
            SelectChoice(IfMissed.NEVER, _("Do not call again")),
            *(
                SelectChoice(value, _("Call again until %(time)s", time=label))
                for value, label in times
            ),
            SelectChoice(IfMissed.TODAY, _("Call again on the same day")),
        ]

    def validate_if_missed(self, field: SelectField) -> None:
        value = field.data or ""
        if value in ("", IfMissed.NEVER, IfMissed.TODAY):
            return
        if not _TIME_OF_DAY.fullmatch(value):
            raise ValidationError(_("Choose one of the answers."))
        if self.call_until is None or self.call_until <= self._first_call:
            raise ValidationError(_("Choose a time after the time of the call."))

    @property
    def chosen_if_missed(self) -> IfMissed | None:
        """What to do after a missed call; None if not answered."""
        value = self.if_missed.data or ""
        if value in (IfMissed.NEVER, IfMissed.TODAY):
            return IfMissed(value)
        return IfMissed.UNTIL if value else None

    @property
    def if_no_answer(self) -> IfNoAnswer:
        return IfNoAnswer(self.chosen_if_missed, self.call_until)

    def show_if_missed(self, if_missed: IfMissed | None, until: datetime | None) -> None:
        zone = opening_hours(clock.now()).zone
        is_until = if_missed == IfMissed.UNTIL and until is not None
        self.if_missed.data = (
            f"{until.astimezone(zone):%H:%M}" if is_until and until else if_missed or ""
        )

    @property
    def call_until(self) -> datetime | None:
        """The latest time to call, on the day of the call."""
        value = self.if_missed.data or ""
        if not _TIME_OF_DAY.fullmatch(value):
            return None
        zone = opening_hours(clock.now()).zone
        day = self._first_call.astimezone(zone).date()
        return datetime.combine(day, time.fromisoformat(value), zone)

    @property
    def _first_call(self) -> datetime:
        """The chosen slot, else when we are open."""
        now = clock.now()
        return self.slot_at or opening_hours(now).first_open_instant(now) or now

    def offer(self, starts: Sequence[datetime]) -> None:
        self.when.choices = [ASAP, *(start.isoformat() for start in starts)]

    @property
    def slot_at(self) -> datetime | None:
        """The chosen slot; None for as soon as possible."""
        return None if self.when.data == ASAP else parse_start(self.when.data)

    def is_callable_then(self, region: str) -> bool:
        """Check that the law of a region allows a call at the chosen time; add an error if not."""
        if self.slot_at is None or may_call_region(db.session(), region, self.slot_at):
            return True
        self.when.errors = [
            _("We may not call this number at that time. Please choose another time.")
        ]
        return False

    def validate_when(self, field: RadioField) -> None:
        if field.data in (None, "", ASAP):
            field.data = ASAP
            return
        if parse_start(field.data) is None:
            raise ValidationError(_("Choose one of the times shown."))


def _yes_no_field(label: Any) -> RadioField:
    return RadioField(
        label,
        choices=_YES_NO,
        default="no",
        validators=[AnyOf(["yes", "no"], message=_("Choose yes or no."))],
        validate_choice=False,
    )


def _optional_question(label: Any, choices: Mapping[str, Any]) -> RadioField:
    return RadioField(
        label,
        choices=[
            *(SelectChoice(value, label_text) for value, label_text in choices.items()),
            _SKIPPED,
        ],
        default="",
        validators=[AnyOf([*choices, "", None], message=_("Choose one of the answers."))],
        validate_choice=False,
    )


class RequestForm(ReferrerFields, WhenForm):
    """The callback request form."""

    phone = StringField(
        _("Your phone number"),
        description=_("Include the area code. Write it the way you usually do."),
        filters=[strip_control_characters],
        validators=[Length(max=40, message=_("This number is too long. Please check it."))],
    )
    name = StringField(
        _("Name we should ask for"),
        description=_("Any name you like. It does not have to be your own."),
        filters=[strip_control_characters],
        validators=[Length(max=80, message=_("Please use a shorter name: up to 80 letters."))],
    )
    language = SelectField(_("Language you would like to speak"), validate_choice=False)
    may_leave_voicemail = _yes_no_field(_("If you do not answer, may we leave a voicemail?"))
    may_say_who = _yes_no_field(_("If someone else answers, may we say who is calling?"))
    cover = RadioField(
        _("If no, what should we say?"),
        choices=[
            SelectChoice(Cover.WRONG_NUMBER, _("Say it is a wrong number")),
            SelectChoice(Cover.FRIEND, _("Say it is a friend")),
            SelectChoice(Cover.HANG_UP, _("Say nothing and hang up")),
        ],
        default=Cover.WRONG_NUMBER.value,
        validators=[AnyOf([*Cover, "", None], message=_("Choose one of the answers."))],
        validate_choice=False,
    )
    safe_times = StringField(
        _("Is it safe to call this number, and when?"),
        description=_("For example, only between 2 and 4. Choose a time above that is safe."),
        filters=[strip_control_characters],
        validators=[Length(max=80, message=_("Please use fewer words: up to 80 letters."))],
    )
    code_word = StringField(
        _("A code word, if you want one"),
        description=_("We will say it first, so you know it is us."),
        filters=[strip_control_characters],
        validators=[Length(max=40, message=_("Please use a shorter word: up to 40 letters."))],
    )
    may_text = _yes_no_field(_("May we send you text messages?"))
    may_ring_back = _yes_no_field(_("If the call drops, should we call you back at once?"))
    danger = _optional_question(
        _("Is anyone in danger right now?"),
        {Danger.YES: _("Yes"), Danger.UNSURE: _("I am not sure"), Danger.NO: _("No")},
    )
    about = _optional_question(
        _("What is it about?"),
        {
            About.MOOD: _("Mood, worry or stress"),
            About.SUICIDE: _("Thoughts of suicide"),
            About.SUBSTANCES: _("Alcohol or drugs"),
            About.VIOLENCE: _("Violence or abuse"),
            About.OTHER: _("Something else"),
        },
    )
    for_whom = _optional_question(
        _("Is it for you, or for someone else?"),
        {ForWhom.SELF: _("For me"), ForWhom.OTHER: _("For someone else")},
    )
    whose_phone = _optional_question(
        _("Whose phone should we call?"),
        {WhosePhone.MINE: _("Mine"), WhosePhone.THEIRS: _("Theirs")},
    )
    person_knows = _yes_no_field(_("Does this person know that we will call?"))
    may_say_who_asked = _yes_no_field(_("May we tell them who asked us to call?"))
    asked_by = StringField(
        _("Who asked us to call?"),
        description=_("For example, her brother Ravi. You can leave this empty."),
        filters=[strip_control_characters],
        validators=[Length(max=80, message=_("Please use fewer words: up to 80 letters."))],
    )
    note = TextAreaField(
        _("Anything the advisor should know"),
        filters=[strip_control_characters],
        validators=[Length(max=1000, message=_("Please shorten your note: up to 1,000 letters."))],
    )
    consent = BooleanField(
        CONSENT,
        validators=[
            InputRequired(
                message=_(
                    "To get a call, please tick the box. We can only call you if you agree. The "
                    "numbers on this page are there for you either way."
                )
            )
        ],
    )
    danger_seen = HiddenField()
    request_key = HiddenField()
    began = HiddenField()
    more = HiddenField()
    """Honeypot: hidden from people."""

    number: PhoneNumber
    extension: str | None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [
            SelectChoice(code, language_name(code)) for code in profile().spoken_languages
        ]
        if not sends_texts():
            del self.may_text
        if self.language.data is None:
            self.language.data = _default_language()
        if not _KEY.fullmatch(self.request_key.data or ""):
            self.request_key.data = _new_key()
        self._filled_for = form_timing.seconds_since(self.began.data)
        if self._filled_for is None:
            self.began.data = form_timing.signed_timestamp()

    @property
    def is_too_quick(self) -> bool:
        """Whether it was submitted faster than a person can read it, or has no timestamp."""
        least = settings().least_fill_seconds
        return least > 0 and (self._filled_for is None or self._filled_for < least)

    @property
    def is_honeypot_filled(self) -> bool:
        return bool(self.more.data)

    def add_form_error(self, sentence: str) -> None:
        """Add an error about the form as a whole."""
        self.form_errors.append(sentence)

    def validate_phone(self, field: StringField) -> None:
        try:
            self.number, self.extension = phone_numbers.parse_with_extension(
                field.data or "",
                settings().default_region,
                settings().allowed_regions,
            )
            require_visitor_number(db.session(), self.number, other_numbers())
        except InvalidPhoneNumber as problem:
            raise ValidationError(_problem_words(problem.reason, field.data or "")) from problem

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: the law allows a call to this number at the chosen time."""
        return super().validate(extra_validators) and self.is_callable_then(self.number.region)

    def validate_person_knows(self, field: RadioField) -> None:
        is_their_phone = self.whose_phone.data == WhosePhone.THEIRS
        if self.for_whom.data == ForWhom.OTHER and is_their_phone and field.data != "yes":
            raise ValidationError(
                _(
                    "We only call someone who knows that we will. Ask them first, or give us your "
                    "own number. We will call you and help you to help them."
                )
            )

    def validate_language(self, field: SelectField) -> None:
        if field.data and field.data not in profile().spoken_languages:
            raise ValidationError(_("Choose a language from the list."))

    def to_request(self) -> CallbackRequest:
        """Return the request. Call only after ``validate()``."""
        return CallbackRequest(
            phone=self.number,
            phone_extension=self.extension,
            slot_at=self.slot_at,
            name=self.name.data or None,
            note=self.note.data or None,
            language=self.language.data or _default_language(),
            reads=page_language(),
            may_leave_voicemail=self.may_leave_voicemail.data == "yes",
            may_say_who=self.may_say_who.data == "yes",
            # Other people may read a text message sent to a switchboard.
            may_text="may_text" in self and self.may_text.data == "yes" and not self.extension,
            may_ring_back=self.may_ring_back.data == "yes",
            phone_as_typed=self.phone.data,
            answers=self._answers(),
            if_missed=self.chosen_if_missed,
            call_until=self.call_until,
            origin=rate_limits.origin(),
            consent=consent_given(),
            **self.referrer_values(),
        )

    def digest(self) -> str:
        """Return a keyed hash of the content, to recognize the same form sent again.

        The number is normalized first, so its spelling makes no difference.
        """
        values = {
            field.name: str(field.data or "") for field in self if field.name not in _NOT_IN_DIGEST
        }
        number = [self.number.e164, *([self.extension] if self.extension else [])]
        return request_hash(json.dumps([*number, values], sort_keys=True))

    def renew_key(self) -> None:
        """Give the form a new key, for another request."""
        self.request_key.data = _new_key()

    def as_hidden_fields(self, sent: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what was typed, as hidden fields of another page."""
        names = [field.name for field in self if field.name not in ("more", "danger_seen")]
        return [(name, sent[name]) for name in (*names, "day") if sent.get(name)]

    @property
    def needs_emergency_page(self) -> bool:
        """Whether someone may be in danger and the emergency page has not been shown yet."""
        in_danger = self.danger.data in (Danger.YES, Danger.UNSURE)
        return in_danger and not self.danger_seen.data

    @property
    def urgent(self) -> Urgent | None:
        """Return why the visitor should not wait for our call. Works on invalid forms too."""
        danger, about = self.danger.data, self.about.data
        return Answers(
            danger=Danger(danger) if danger in [*Danger] else None,
            about=About(about) if about in [*About] else None,
        ).urgent

    def _answers(self) -> Answers:
        for_other = self.for_whom.data == ForWhom.OTHER
        return Answers(
            danger=_selected(Danger, self.danger),
            about=_selected(About, self.about),
            for_whom=_selected(ForWhom, self.for_whom),
            whose_phone=_selected(WhosePhone, self.whose_phone) if for_other else None,
            may_say_who_asked=for_other and self.may_say_who_asked.data == "yes",
            asked_by=(self.asked_by.data or None) if for_other else None,
            person_knows=for_other and self.person_knows.data == "yes",
            cover=self._cover(),
            code_word=self.code_word.data or None,
            safe_times=self.safe_times.data or None,
        )

    def _cover(self) -> Cover | None:
        """None for the default cover story."""
        chosen = _selected(Cover, self.cover)
        return None if chosen == Cover.WRONG_NUMBER else chosen


def _selected(choices: type[_Choice], field: RadioField) -> _Choice | None:
    return choices(field.data) if field.data else None
