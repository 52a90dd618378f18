"""What forms of staff share: numbers within bounds, and the page when someone else saved too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Self, TypeVar

from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectFieldBase,
)
from wtforms.validators import NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from helpline.policy.numbers import HUNDREDTHS
from helpline.web.int_params import parse_int
from helpline.web.language import gettext, own_name
from helpline.web.language import lazy_gettext as _

_MOST_DIGITS = 12


def strip(text: str | None) -> str:
    """Filter of text fields: remove the spaces around what was typed."""
    return (text or "").strip()


def one_line(text: str | None) -> str:
    """Filter of text fields: put what was typed on one line."""
    return " ".join((text or "").split())


def only_if(is_needed: Callable[[Any], bool]) -> Callable[[FlaskForm, Field], None]:
    """Return a first validator that leaves a field out unless the rest of the form needs it."""

    def check(form: FlaskForm, field: Field) -> None:
        if not is_needed(form):
            field.errors = []
            raise StopValidation

    return check


def unsubmitted(form: FlaskForm) -> dict[str, Any]:
    """Return the arguments of a copy of a form, to be validated for a preview.

    The form itself shows no errors while it is still being filled in.
    """
    return {"formdata": None, "data": form.data, "meta": {"csrf": False}}


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number within bounds. What was typed stays, and one sentence says every error.

    Args:
        unit: such as "minutes"; shown behind the label.
        message: what to enter, in place of the usual sentence.
    """

    widget = TextInput()

    def __init__(
        self,
        label: str = "",
        *,
        least: int,
        most: int,
        unit: str = "",
        message: str = "",
        **options: Any,
    ) -> None:
        message = message or _(
            "Enter a whole number from %(least)s to %(most)s.", least=least, most=most
        )
        super().__init__(with_unit(label, unit), [NumberRange(least, most, message)], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = _whole(valuelist[0])


class DecimalNumberField(DecimalField):  # type: ignore[misc]
    """A number within bounds, such as 12 or 0.05; as ``WholeNumberField``.

    Args:
        message: what to enter, for every error.
        validators: before that of the bounds, such as ``Optional()``.
    """

    widget = TextInput()

    def __init__(
        self,
        label: str = "",
        *,
        least: float,
        most: float,
        message: str,
        unit: str = "",
        validators: Iterable[Any] = (),
        **options: Any,
    ) -> None:
        super().__init__(
            with_unit(label, unit),
            [*validators, NumberRange(least, most, message)],
            places=None,
            **options,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = _decimal(valuelist[0].strip())


class WholeNumberListField(Field):  # type: ignore[misc]
    """Whole numbers within bounds, separated by commas; as ``WholeNumberField``.

    Args:
        message: what to enter, for every error.
    """

    widget = TextInput()

    def __init__(
        self,
        label: str = "",
        *,
        least: int,
        most: int,
        message: str,
        unit: str = "",
        **options: Any,
    ) -> None:
        super().__init__(with_unit(label, unit), **options)
        self.least, self.most, self.message = least, most, message

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = [_whole(part) for part in valuelist[0].split(",")]

    def pre_validate(self, _form: Any) -> None:
        if not self.data or not all(
            part is not None and self.least <= part <= self.most for part in self.data
        ):
            raise ValidationError(self.message)

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else ", ".join(map(str, self.data or ()))


class AmountField(DecimalNumberField):
    """An amount of money within bounds, such as 12 or 0.05; ``data`` is in hundredths.

    It may be left empty.
    """

    def __init__(self, label: str = "", *, least: int, most: int, **options: Any) -> None:
        super().__init__(
            label,
            least=least * HUNDREDTHS,
            most=most * HUNDREDTHS,
            message=_("Enter an amount from 0 to %(most)s, such as 12 or 0.05.", most=most),
            validators=[Optional()],
            **options,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if valuelist and self.data is not None:
            self.data *= HUNDREDTHS

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(super()._value())
        return f"{(Decimal(self.data) / HUNDREDTHS).normalize():f}"


def with_unit(label: str, unit: str) -> Any:
    """Return a label with its unit; in the page's language, since both may be lazy."""
    return _("%(label)s (%(unit)s)", label=label, unit=unit) if unit else label


def _whole(typed: str) -> int | None:
    text = typed.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _decimal(typed: str) -> Decimal | None:
    try:
        number = Decimal(typed)
    except InvalidOperation:
        return None
    return number if number.is_finite() and len(typed) <= _MOST_DIGITS else None


class FieldByLanguage(FormField):  # type: ignore[misc]
    """A text in several languages. A field "notes" has inputs "notes-en", "notes-hi" and so on.

    Args:
        languages: returns the codes.
        field: returns the field of a language, by its own name.
    """

    def __init__(
        self,
        label: str,
        *,
        languages: Callable[[], Iterable[str]],
        field: Callable[[str], Field],
        **options: Any,
    ) -> None:
        def form(**kwargs: Any) -> Form:
            fields = {code: field(own_name(code)) for code in languages()}
            return type("ByLanguage", (Form,), fields)(**kwargs)

        super().__init__(form, label, **options)

    @property
    def by_language(self) -> dict[str, str]:
        """The text in each language that has one."""
        return {code: text for code, text in self.data.items() if text}


class VersionField(IntegerField):  # type: ignore[misc]
    """The version that a form was opened with; 0 where the browser sends none."""

    widget = HiddenInput()

    def process_data(self, value: int | None) -> None:
        self.data = value or 0

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data = parse_int(valuelist[0]) if valuelist else 0
        except ValueError:
            self.data = 0

    def _value(self) -> str:
        return str(self.data or 0)


def posted_version() -> int:
    """Return the version that a button's form was rendered with; 0 where the browser sends none."""
    return request.form.get("version", 0, type=parse_int)


class VersionedForm(FlaskForm):  # type: ignore[misc]
    """A form of something that several people edit; see ``conflict_page``."""

    version = VersionField()
    newest: Self | None = None
    """What someone else saved since the form was opened."""

    def comparison(self) -> Iterator[tuple[str, str, str]]:
        """Return the label of each field, what someone else saved, and what was typed."""
        saved = {field.name: shown_value(field) for field in inputs_of(self.newest or ())}
        for field in inputs_of(self):
            yield field.label.text, saved.get(field.name, ""), shown_value(field)


_Form = TypeVar("_Form", bound=VersionedForm)


def conflict_page(form: _Form, newest: _Form, page: Callable[[_Form], str]) -> ResponseReturnValue:
    """Answer ``StaleVersion``: the page with what was typed, beside what someone else saved (409).

    Saving again replaces the other version. The page shows ``conflict`` of components/conflict.

    Args:
        newest: the same form as it is saved now.
        page: renders a form.
    """
    form.newest = newest
    form.version.data = newest.version.data
    return page(form), 409


def inputs_of(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield the visible fields of a form, those within others too."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from inputs_of(field)
        elif not isinstance(field.widget, HiddenInput):
            yield field


def shown_value(field: Field) -> str:
    """Return what a field holds, as text for a comparison."""
    if isinstance(field, BooleanField):
        return gettext("Yes") if field.data else gettext("No")
    if isinstance(field, SelectFieldBase):
        return ", ".join(str(option.label.text) for option in field if option.checked)
    return str(field._value())
