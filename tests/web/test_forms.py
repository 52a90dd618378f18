"""What forms of staff share: numbers, and the page when someone else saved too."""

from __future__ import annotations

import pytest
from flask import Flask, get_template_attribute
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from helpline.web.forms import (
    DecimalNumberField,
    VersionedForm,
    WholeNumberField,
    conflict_page,
    strip,
)
from tests.web.page import Page

sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
pytestmark = sqlite


class Region(Form):
    price = DecimalNumberField("Price", least=0, most=100, message="Enter an amount.")


class ExampleForm(VersionedForm):
    pause = WholeNumberField("Pause", least=5, most=240, unit="minutes", description="Between.")
    note = StringField("Note", filters=[strip])
    mode = RadioField("Mode", choices=[SelectChoice("a", "First"), SelectChoice("b", "Second")])
    prices = FieldList(FormField(Region))


def filled(**typed: str) -> ExampleForm:
    posted = {"pause": "30", "mode": "a", "note": " x ", "prices-0-price": "0.05"} | typed
    return ExampleForm(MultiDict(posted), meta={"csrf": False})


@pytest.mark.parametrize("typed", ["", "4", "241", "four", "1_0", "٣٠", "-5", "9" * 400])
def test_every_error_of_a_number_is_one_sentence_and_keeps_what_was_typed(
    app: Flask, typed: str
) -> None:
    with app.test_request_context("/", method="POST"):
        form = filled(pause=typed)
        assert not form.validate()
        assert form.errors == {"pause": ["Enter a whole number from 5 to 240."]}
        page = Page(
            str(get_template_attribute("components/fields.html", "number_input")(form.pause))
        )
        shown = page.the("input", id="pause")
        assert shown.attrs["value"] == typed
        assert shown.attrs["aria-describedby"] == "pause-hint pause-error"
        assert page.the("label").text == "Pause (minutes)"
        assert "Enter a whole number from 5 to 240." in page.the("p", id="pause-error").text


@pytest.mark.parametrize(
    "typed", ["", "-1", "101", "sNaN", "Infinity", "1e999", "0,5", "0." + "1" * 20]
)
def test_an_amount_out_of_its_bounds_is_named_in_the_summary(app: Flask, typed: str) -> None:
    with app.test_request_context("/", method="POST"):
        form = filled(**{"prices-0-price": typed})
        assert not form.validate()
        page = Page(str(get_template_attribute("components/errors.html", "error_summary")(form)))
        assert page.the("a", href="#prices-0-price").text == "Enter an amount."


def test_what_someone_else_saved_is_shown_beside_what_was_typed(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        form = filled(pause="45", version="3")
        assert form.validate(), form.errors
        saved = ExampleForm(
            None,
            data={"pause": 60, "note": "x", "mode": "b", "prices": [{"price": 1}], "version": 7},
        )
        page, status = conflict_page(form, saved, lambda same: str(same.version()))
        assert status == 409
        assert 'value="7"' in page, "saving again replaces the other version"
        assert list(form.comparison()) == [
            ("Pause (minutes)", "60", "45"),
            ("Note", "x", "x"),
            ("Mode", "Second", "First"),
            ("Price", "1", "0.05"),
        ]


def test_a_version_that_is_no_number_is_version_0(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        assert [filled(version=typed).version.data for typed in ("", "x", "9" * 30)] == [0, 0, 0]
