"""A row of the policy is a column, a field of a form, a check of a save and a line of the docs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, get_template_attribute
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from helpline import clock
from helpline.db import StaleVersion, db
from helpline.domain.errors import InvalidPolicy
from helpline.policy import queries, service
from helpline.policy.models import RetentionPolicy, ServicePolicy
from helpline.policy.numbers import CALLBACKS, Kind, Number, Page, number, numbers
from helpline.privacy.models import AuditEntry
from helpline.web.admin.policy_forms import PolicyForm, with_numbers
from tests import factories
from tests.cast import MEERA
from tests.web.page import Page as HtmlPage
from tools import settings_doc

PAGE = Page("Example", "example_changed", "examples")
EVERY_NUMBER = {**numbers(ServicePolicy), **numbers(RetentionPolicy)}
sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


class _Base(DeclarativeBase):
    pass


class Example(_Base):
    """A table with a number that nothing else knows."""

    __tablename__ = "example"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    break_minutes: Mapped[int] = number(
        PAGE, "Length of a break", (5, 90), 15, unit="minutes", help="Between two calls."
    )


@with_numbers(numbers(Example, PAGE))
class ExampleForm(PolicyForm):
    pass


def test_a_row_is_a_column_with_its_default() -> None:
    column = Example.__table__.c.break_minutes
    assert isinstance(column.type, sa.Integer)
    assert not column.nullable
    assert column.default is not None and column.default.arg == 15
    assert isinstance(column.server_default, sa.DefaultClause)
    assert column.server_default.arg == "15"


@sqlite
def test_a_row_is_a_field_with_label_unit_help_and_bounds(app: Flask) -> None:
    field = get_template_attribute("components/fields.html", "number_input")
    with app.test_request_context("/", method="POST"):
        saved = ExampleForm.of(Example(version=3, break_minutes=20))
        page = HtmlPage(str(field(saved.break_minutes)))
        assert page.the("label", **{"for": "break_minutes"}).text == "Length of a break (minutes)"
        assert page.the("p", id="break_minutes-hint").text == "Between two calls."
        assert page.the("input", id="break_minutes").attrs["value"] == "20"
        wrong = ExampleForm(MultiDict({"break_minutes": "91"}), meta={"csrf": False})
        assert not wrong.validate()
        page = HtmlPage(str(field(wrong.break_minutes)))
        error = page.the("p", id="break_minutes-error").text
        assert error == "Error: Enter a whole number from 5 to 90."
        assert page.the("input", id="break_minutes").attrs["value"] == "91"
        right = ExampleForm(MultiDict({"break_minutes": "5"}), meta={"csrf": False})
        assert right.validate()
        assert right.values() == {"break_minutes": 5}


def test_a_row_is_a_line_of_the_documentation() -> None:
    [row] = numbers(Example).values()
    assert settings_doc.policy_row(row) == "|Length of a break (minutes)|15|5–90|"


def _stored(row: Number, bound: float) -> Any:
    return {
        Kind.WHOLE_LIST: [int(bound)],
        Kind.AMOUNT: int(bound * 100),
        Kind.AMOUNT_BY_REGION: {"IN": str(bound * 100)},
    }.get(row.kind, int(bound))


@pytest.mark.parametrize("name", EVERY_NUMBER)
def test_a_number_is_checked_at_both_ends_of_its_bounds(name: str) -> None:
    row = EVERY_NUMBER[name]
    least, most = row.bounds
    row.check(name, _stored(row, least))
    row.check(name, _stored(row, most))
    for beyond in (least - 1, most + 1):
        with pytest.raises(InvalidPolicy) as problem:
            row.check(name, _stored(row, beyond))
        assert problem.value.field == name


@pytest.mark.parametrize("name", EVERY_NUMBER)
def test_a_default_is_within_its_bounds(name: str) -> None:
    row = EVERY_NUMBER[name]
    if row.kind not in (Kind.AMOUNT, Kind.AMOUNT_BY_REGION):
        row.check(name, row.default)


@sqlite
def test_a_save_out_of_bounds_or_over_a_newer_one_changes_nothing(app: Flask) -> None:
    assert queries.current(db.session()).claim_minutes == 5, "the default, before any save"
    admin = factories.staff(MEERA).id

    def save(minutes: int, version: int) -> None:
        service.save(
            CALLBACKS,
            {"claim_minutes": minutes},
            expected_version=version,
            admin_id=admin,
            now=clock.now(),
        )

    with pytest.raises(InvalidPolicy):
        save(61, 1)
    save(7, 1)
    with pytest.raises(StaleVersion):
        save(8, 1)
    assert queries.current(db.session()).claim_minutes == 7
    [entry] = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "callback_rules_changed")
    )
    assert (entry.detail["before"], entry.detail["after"]) == (
        {"claim_minutes": 5},
        {"claim_minutes": 7},
    )
