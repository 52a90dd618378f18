"""The list of outcomes that advisors choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Form, FormField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from helpline import clock
from helpline.calls import outcome_list
from helpline.db import StaleVersion, db
from helpline.domain.lifecycle import Event
from helpline.domain.outcomes import (
    MAX_LABEL_LENGTH,
    OUTCOMES_OF,
    EndingsMissing,
    Outcome,
    Required,
    check_outcomes,
)
from helpline.domain.retries import CONSEQUENCES, Disposition
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.disposition_text import usual_labels
from helpline.web.forms import (
    FieldByLanguage,
    VersionedForm,
    WholeNumberField,
    conflict_page,
    inputs_of,
    one_line,
    shown_value,
)
from helpline.web.language import gettext as _
from helpline.web.language import in_language, lazy_gettext, site_languages
from helpline.web.sessions import current_staff_id

_LAST = len(Disposition)


class OutcomeFields(Form):  # type: ignore[misc]
    """How one outcome is offered."""

    position = WholeNumberField(lazy_gettext("Position"), least=1, most=_LAST)
    shown = BooleanField(lazy_gettext("Show at the desk"))
    labels = FieldByLanguage(
        lazy_gettext("Label"),
        languages=site_languages,
        field=lambda name: StringField(
            lazy_gettext("Label (%(language)s)", language=name),
            filters=[one_line],
            validators=[
                Length(
                    max=MAX_LABEL_LENGTH,
                    message=lazy_gettext(
                        "Shorten this to %(most)s characters or fewer.", most=MAX_LABEL_LENGTH
                    ),
                )
            ],
        ),
    )
    required = SelectMultipleField(
        lazy_gettext("Required"),
        choices=[
            SelectChoice(Required.NOTES, lazy_gettext("Notes")),
            SelectChoice(Required.RISK_NOTE, lazy_gettext("Risk note")),
            SelectChoice(Required.REFERRAL, lazy_gettext("Referral")),
        ],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
    )


class OutcomesForm(VersionedForm):
    """The whole list, with the fields of each outcome under its name."""

    @classmethod
    def saved(cls) -> Self:
        """Return the form with what is saved."""
        outcomes, version = outcome_list.outcomes_and_version(db.session())
        fields = {
            outcome.disposition: {**outcome.as_dict(), "position": position}
            for position, outcome in enumerate(outcomes, start=1)
        }
        return cls(formdata=None, data=fields, version=version)

    @property
    def rows(self) -> Sequence[tuple[Disposition, Any]]:
        """Each outcome with its fields, in the order typed."""
        rows = [(disposition, self[disposition]) for disposition in Disposition]
        return sorted(rows, key=lambda row: row[1].position.data or _LAST)

    def outcomes(self) -> list[Outcome]:
        """Return what to save. Call only after ``validate()``."""
        return [
            Outcome(
                disposition,
                fields.labels.by_language,
                fields.shown.data,
                frozenset(map(Required, fields.required.data)),
            )
            for disposition, fields in self.rows
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, that no two labels are the same, and that every call can be ended."""
        if not super().validate(extra_validators):
            return False
        try:
            check_outcomes(self.outcomes())
        except EndingsMissing as missing:
            for ending in missing.endings:
                self._require_one_of([each for each in Disposition if each in OUTCOMES_OF[ending]])
            return False
        return self._labels_differ()

    def _require_one_of(self, dispositions: Sequence[Disposition]) -> None:
        labels = usual_labels()
        words = ", ".join(labels[disposition] for disposition in dispositions)
        error = (
            _("Advisors always need this outcome: %(label)s. Show it.", label=words)
            if len(dispositions) == 1
            else _("Show at least one of these: %(labels)s.", labels=words)
        )
        self[dispositions[0]].shown.errors = [error]

    def _labels_differ(self) -> bool:
        usual = _usual_labels()
        first: dict[tuple[str, str], str] = {}
        differ = True
        for disposition, fields in self.rows:
            for field in fields.labels if fields.shown.data else ():
                language = field.short_name
                label = (field.data or usual[disposition][language]).casefold()
                if first.setdefault((language, label), disposition) != disposition:
                    field.errors = [_("Another outcome has this label. Choose a different one.")]
                    differ = False
        return differ

    def comparison(self) -> Iterator[tuple[str, str, str]]:
        """Compare only what differs, and name its outcome."""
        newest = self.newest or self
        for disposition, label in usual_labels().items():
            saved, typed = inputs_of(newest[disposition]), inputs_of(self[disposition])
            for before, field in zip(saved, typed, strict=True):
                if shown_value(before) != shown_value(field):
                    name = f"{label}: {field.label.text}"
                    yield name, shown_value(before), shown_value(field)


for _disposition in Disposition:
    setattr(OutcomesForm, _disposition, FormField(OutcomeFields))


@admin.get("/outcomes")
@allow(ADMIN)
def outcomes() -> ResponseReturnValue:
    return _page(OutcomesForm.saved())


@admin.post("/outcomes")
@allow(ADMIN)
def save_outcomes() -> ResponseReturnValue:
    form = OutcomesForm()
    if not form.validate():
        return _page(form), 422
    try:
        outcome_list.save(
            form.outcomes(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        return conflict_page(form, OutcomesForm.saved(), _page)
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.outcomes"), 303)


def _page(form: OutcomesForm) -> str:
    return render_template(
        "admin/outcomes.html",
        form=form,
        names=usual_labels(),
        rules={disposition: _rule(disposition) for disposition in Disposition},
        usual=_usual_labels(),
    )


def _usual_labels() -> dict[str, dict[str, str]]:
    """Return the usual label of each outcome by language."""
    by_language = {}
    for language in site_languages():
        with in_language(language):
            by_language[language] = usual_labels()
    return {
        disposition: {language: labels[disposition] for language, labels in by_language.items()}
        for disposition in Disposition
    }


def _rule(disposition: Disposition) -> str:
    """Say what follows from an outcome, and how reports count it."""
    match disposition:
        case Disposition.EMERGENCY:
            return _(
                "The request is closed, and a follow-up can be booked. Notes must say what was "
                "done. Counts as reached."
            )
        case Disposition.DO_NOT_CALL:
            return _("The request is closed and the number is blocked. Counts as reached.")
        case Disposition.SOMEONE_ELSE:
            return _(
                "Nothing was said. They are called again later, and no text message is sent. "
                "Counts as not reached."
            )
        case Disposition.WRONG_NUMBER:
            return _("The request is closed. Counts as not reached.")
    match CONSEQUENCES[disposition]:
        case Event.REACHED:
            return _("The request is closed, and a follow-up can be booked. Counts as reached.")
        case Event.HOLD:
            return _(
                "No one calls until the visitor chooses a time or a supervisor releases the "
                "request. Counts as not reached."
            )
        case Event.CALL_BACK:
            return _(
                "They are called back at once if they agreed to that. Otherwise the request is "
                "closed. Counts as reached."
            )
        case Event.GIVE_UP:
            return _("The request is closed. Counts as neither reached nor missed.")
        case _:
            return _("They are called again later, while attempts are left. Counts as not reached.")
