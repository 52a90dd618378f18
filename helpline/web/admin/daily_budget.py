"""Daily budget, with prices from the carrier's bill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpline import clock
from helpline.calls import daily_budget
from helpline.calls.daily_budget import Costs
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.policy import queries as policy_queries
from helpline.web import preflight_text
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.int_params import parse_int
from helpline.web.language import gettext as _
from helpline.web.sessions import current_staff_id

MOST_A_DAY = Decimal(1_000_000)
DEAREST = Decimal(100)
_LONGEST = 12
_CENTS = 100


@dataclass(slots=True)
class CostsForm:
    """The values as typed, and errors by field."""

    most: str
    prices: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, budget: Costs, regions: Iterable[str]) -> CostsForm:
        shown = {}
        for region in regions:
            shown[f"call-{region}"] = _in_whole(budget.calls.get(region))
            shown[f"text-{region}"] = _in_whole(budget.texts.get(region))
        most = budget.most_cents_a_day
        return cls(_in_whole(None if most is None else Decimal(most)), shown)

    @classmethod
    def read(cls, posted: Mapping[str, str], regions: Iterable[str]) -> CostsForm:
        names = [f"{what}-{region}" for region in regions for what in ("call", "text")]
        return cls(
            posted.get("most", "").strip(),
            {name: posted.get(name, "").strip() for name in names},
        )

    def costs(self) -> Costs | None:
        """Return the parsed values, or None with ``errors`` set."""
        most = self._amount("most", self.most, MOST_A_DAY) if self.most else None
        prices = {
            name: self._amount(name, typed, DEAREST) for name, typed in self.prices.items() if typed
        }
        if self.most and not any(prices.get(name) for name in prices if name.startswith("call-")):
            first = next(iter(self.prices), "most")
            self.errors.setdefault(first, _("Enter a price for calls. The daily budget needs it."))
        if self.errors:
            return None
        return Costs(
            None if most is None else int(most),
            {name[5:]: price for name, price in prices.items() if name.startswith("call-")},
            {name[5:]: price for name, price in prices.items() if name.startswith("text-")},
        )

    def _amount(self, name: str, typed: str, most: Decimal) -> Decimal:
        """In hundredths."""
        try:
            amount = Decimal(typed) if typed.isascii() and len(typed) <= _LONGEST else Decimal(-1)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= most:
            self.errors[name] = _(
                "Enter an amount from 0 to %(most)s, such as 12 or 0.05.", most=most
            )
            return Decimal(0)
        return amount * _CENTS


@admin.get("/costs")
@allow(ADMIN)
def costs() -> ResponseReturnValue:
    budget = daily_budget.costs(db.session())
    version = policy_queries.current(db.session()).version
    return _page(CostsForm.of(budget, settings().allowed_regions), version)


@admin.post("/costs")
@allow(ADMIN)
def save_costs() -> ResponseReturnValue:
    form = CostsForm.read(request.form, settings().allowed_regions)
    version = request.form.get("version", 0, type=parse_int)
    wanted = form.costs()
    if wanted is None:
        return _page(form, version), 422
    try:
        daily_budget.save(
            wanted, expected_version=version, admin_id=current_staff_id(), now=clock.now()
        )
    except StaleVersion:
        newest = policy_queries.current(db.session()).version
        return _page(form, newest, conflict=True), 409
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("admin.costs"), 303)


def _page(form: CostsForm, version: int, *, conflict: bool = False) -> str:
    session, now = db.session(), clock.now()
    budget = daily_budget.costs(session)
    most = budget.most_cents_a_day
    spent = daily_budget.spent_cents(session, now)
    return render_template(
        "admin/daily_budget.html",
        form=form,
        version=version,
        conflict=conflict,
        spent=f"{spent / _CENTS:.2f}",
        is_reached=most is not None and spent >= most,
        regions=[
            (region, preflight_text.region_name(region)) for region in settings().allowed_regions
        ],
        texts=settings().texts_enabled,
    )


def _in_whole(cents: Decimal | None) -> str:
    return "" if cents is None else f"{(cents / _CENTS).normalize():f}"
