"""Forms of what an admin decides: each number field follows from the number's row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Self, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, FormField, RadioField, SelectField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from helpline.current import settings
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.unreadable import if_readable
from helpline.policy import retention
from helpline.policy.models import CapacityMode, Dispatch, SalesHours, ServicePolicy
from helpline.policy.numbers import (
    ALERTS,
    ASSUMPTIONS,
    BUDGET,
    CALLBACKS,
    CALLS,
    CAPACITY,
    TARGET,
    Kind,
    Number,
    numbers,
)
from helpline.preflight import checks
from helpline.privacy.pii_inventory import Group
from helpline.reports.staffing import Assumptions
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import REST, CarrierRoute, resolve
from helpline.web import preflight_text
from helpline.web.admin.staff_form import PhoneNumberField
from helpline.web.forms import (
    AmountField,
    DecimalNumberField,
    VersionedForm,
    WholeNumberField,
    WholeNumberListField,
    strip,
)
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.preflight_text import region_name

_BETWEEN_DIGITS = re.compile(r"[\s.\-()]")
_FormClass = TypeVar("_FormClass", bound=type[Form])


def number_field(number: Number, **options: Any) -> Field:
    """Return the form field of a number."""
    least, most = number.bounds
    options = {
        "label": _(number.label),
        "unit": _(number.unit) if number.unit else "",
        "least": least,
        "most": most,
        "description": _(number.help) if number.help else "",
        **options,
    }
    match number.kind:
        case Kind.WHOLE:
            return WholeNumberField(message=_error(number), **options)
        case Kind.WHOLE_LIST:
            return WholeNumberListField(message=_error(number), **options)
        case Kind.DECIMAL:
            bounds = {"least": f"{least:g}", "most": f"{most:g}"}
            message = _("Enter a number from %(least)s to %(most)s.", **bounds)
            return DecimalNumberField(message=message, **options)
        case Kind.YES_NO:
            return BooleanField(options["label"], description=options["description"])
        case Kind.AMOUNT | Kind.AMOUNT_BY_REGION:
            return AmountField(**options)


def _error(number: Number) -> str:
    return _(number.error) if number.error else ""


def with_numbers(described: Mapping[str, Number]) -> Callable[[_FormClass], _FormClass]:
    """Give a form class a field for each number."""

    def add(form: _FormClass) -> _FormClass:
        for name, number in described.items():
            setattr(form, name, number_field(number))
        form.NUMBERS = tuple(described)
        return form

    return add


class PolicyForm(VersionedForm):
    """What an admin decides on one page."""

    NUMBERS: ClassVar[Sequence[str]] = ()

    @classmethod
    def of(cls, policy: ServicePolicy) -> Self:
        """Return the form with what is saved."""
        return cls(formdata=None, obj=policy)

    def number_fields(self, *names: str) -> list[Field]:
        """Return these number fields; without names, all."""
        return [self[name] for name in names or self.NUMBERS]

    def values(self) -> dict[str, Any]:
        """Return the values by column. Call only after ``validate()``."""
        return {name: self[name].data for name in self.NUMBERS}


@with_numbers(numbers(ServicePolicy, CAPACITY))
class CapacityForm(PolicyForm):
    capacity_mode = RadioField(
        _("Capacity of each slot"),
        choices=[
            SelectChoice(CapacityMode.FIXED, _("Fixed number")),
            SelectChoice(CapacityMode.SHIFTS, _("Based on the rota")),
        ],
        invalid_choice_message=_("Choose one of the two."),
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"capacity_mode": CapacityMode(self.capacity_mode.data)}


@with_numbers(numbers(ServicePolicy, CALLBACKS))
class CallbackRulesForm(PolicyForm):
    sales_hours = RadioField(
        _("Hours that the law of a country sets for sales calls"),
        choices=[
            SelectChoice(SalesHours.IGNORE, _("Call visitors at other hours too: they asked")),
            SelectChoice(
                SalesHours.KEEP, _("Call within these hours only, except urgent callbacks")
            ),
        ],
        invalid_choice_message=_("Choose one of the two."),
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"sales_hours": SalesHours(self.sales_hours.data)}


@with_numbers(numbers(ServicePolicy, TARGET))
class TargetForm(PolicyForm):
    pass


@with_numbers(numbers(ServicePolicy, CALLS))
class CallsForm(PolicyForm):
    """Dispatch and caller ids; ``for_regions`` returns the class to use."""

    dispatch = RadioField(
        _("How callbacks are assigned"),
        choices=[
            SelectChoice(Dispatch.PULL, _("Advisors claim callbacks at their desk")),
            SelectChoice(
                Dispatch.PUSH,
                _("Callbacks ring the phone of the advisor who has been available longest"),
            ),
        ],
        invalid_choice_message=_("Choose one of the two."),
    )
    caller_ids: FormField
    carriers: FormField | None = None
    """Where several carriers have an account."""
    CARRIERS: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def for_regions(cls, regions: Iterable[str], carriers: Mapping[str, str]) -> type[Self]:
        """Return the class with the fields of these regions.

        Args:
            carriers: those with an account: label by name.
        """
        names = {region: region_name(region) for region in regions}
        numbers = {
            region: CallerIdField(
                gettext("Number for %(region)s", region=name) if len(carriers) > 1 else name
            )
            for region, name in names.items()
        }
        caller_ids = FormField(type("CallerIdsForm", (Form,), numbers), name="caller-id")
        fields: dict[str, Any] = {"caller_ids": caller_ids, "CARRIERS": carriers}
        if len(carriers) > 1:
            choices = [SelectChoice(name, label) for name, label in carriers.items()]
            invalid = {"invalid_choice_message": _("Choose a phone company from the list.")}
            selects = {
                region: SelectField(
                    gettext("Phone company for %(region)s", region=name),
                    choices=[
                        SelectChoice("", gettext("The same as for all other regions")),
                        *choices,
                    ],
                    **invalid,
                )
                for region, name in names.items()
            }
            rest = SelectField(
                gettext("Phone company for all other regions"), choices=choices, **invalid
            )
            form = type("CarriersForm", (Form,), {REST: rest, **selects})
            fields["carriers"] = FormField(form, name="carrier")
        return type("CallsForm", (cls,), fields)

    @classmethod
    def of_routes(
        cls,
        policy: ServicePolicy,
        regions: Iterable[str],
        carriers: Mapping[str, str],
        routes: Mapping[str, CarrierRoute],
    ) -> Self:
        """Return the form with what is saved."""
        saved = {region: route for region, route in routes.items() if route.carrier in carriers}
        rest = {REST: resolve(None, None).carrier}
        return cls.for_regions(regions, carriers)(
            formdata=None,
            obj=policy,
            caller_ids={region: route.caller_id for region, route in saved.items()},
            carriers=rest | {region: route.carrier for region, route in saved.items()},
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """A number belongs to the account at one carrier, so that has to be chosen too."""
        is_valid = bool(super().validate(extra_validators))
        for field in self.carriers or ():
            number = self.caller_ids.data.get(field.short_name)
            if number and not field.data and not field.errors:
                field.errors = [
                    gettext("Choose the phone company that %(number)s belongs to.", number=number)
                ]
                is_valid = False
        return is_valid and self._can_be_shown()

    def _can_be_shown(self) -> bool:
        """Refuse a number from which a real carrier connects no calls to its region."""
        refused = [
            self.caller_ids[region]
            for region, route in self.routes().items()
            if region != REST
            and settings().uses_real_carrier
            and checks.is_refused_caller_id(route.carrier, region, route.caller_id)
        ]
        for field in refused:
            about = f"{field.short_name} {field.number}"
            code = checks.FindingCode.CALLER_ID_NOT_INTO
            finding = checks.Finding(checks.Check.CALLER_IDS, checks.Level.WRONG, code, about)
            field.errors = [preflight_text.finding_text(finding).words]
        return not refused

    def values(self) -> dict[str, Any]:
        return super().values() | {"dispatch": Dispatch(self.dispatch.data)}

    def routes(self) -> dict[str, CarrierRoute]:
        """Return the route of each region that has one. Call only after ``validate()``."""
        numbers = {field.short_name: field.number or "" for field in self.caller_ids}
        if self.carriers is None:
            carrier = next(iter(self.CARRIERS), FIRST)
            return {
                region: CarrierRoute(carrier, number)
                for region, number in numbers.items()
                if number
            }
        return {
            field.short_name: CarrierRoute(field.data, numbers.get(field.short_name, ""))
            for field in self.carriers
            if field.data
        }


@with_numbers(numbers(ServicePolicy, ALERTS))
class AlertsForm(PolicyForm):
    duty_phone = PhoneNumberField(
        _("Duty phone"),
        description=_(
            "It is texted when no advisor reacts. Leave empty for none. The messages contain no "
            "personal data."
        ),
        filters=[strip],
    )

    @classmethod
    def of(cls, policy: ServicePolicy) -> Self:
        """Return the form with what is saved."""
        saved = {name: getattr(policy, name) for name in (*cls.NUMBERS, "version")}
        return cls(formdata=None, duty_phone=if_readable(policy.duty_phone) or "", **saved)


class CallerIdField(TelField):  # type: ignore[misc]
    """A number that visitors see; ``number`` is what was typed as E.164, None if empty."""

    number: str | None = None

    def __init__(self, label: str = "", **options: Any) -> None:
        super().__init__(label, filters=[strip], **options)

    def pre_validate(self, _form: Form) -> None:
        typed = _BETWEEN_DIGITS.sub("", self.data)
        if typed:
            try:
                self.number = PhoneNumber(typed).e164
            except InvalidPhoneNumber as problem:
                raise ValidationError(
                    gettext("Enter the full number, with + and the country code.")
                ) from problem


class BudgetForm(PolicyForm):
    """Daily budget and prices by region; ``for_regions`` returns the class to use."""

    most_cents_a_day = number_field(numbers(ServicePolicy)["most_cents_a_day"], name="most")
    call_costs: FormField
    text_costs: FormField

    @classmethod
    def for_regions(cls, regions: Iterable[str]) -> type[Self]:
        described = numbers(ServicePolicy, BUDGET)
        prices = {}
        for column, name in (("call_costs", "call"), ("text_costs", "text")):
            number = described[column]
            fields = {
                region: number_field(
                    number, label=f"{gettext(number.label)}: {region_name(region)}"
                )
                for region in regions
            }
            prices[column] = FormField(type("PricesForm", (Form,), fields), name=name)
        return type("BudgetForm", (cls,), prices)

    def validate(self, extra_validators: Any = None) -> bool:
        """A budget needs a price of calls, or nothing would ever count against it."""
        is_valid: bool = super().validate(extra_validators)
        if self.most_cents_a_day.data is not None and not any(self.call_costs.data.values()):
            field = next(iter(self.call_costs), self.most_cents_a_day)
            error = gettext("Enter a price for calls. The daily budget needs it.")
            field.errors = [*field.errors, error]
            return False
        return is_valid

    def values(self) -> dict[str, Any]:
        most = self.most_cents_a_day.data
        return {
            "most_cents_a_day": None if most is None else int(most),
            "call_costs": _prices(self.call_costs),
            "text_costs": _prices(self.text_costs),
        }


def _prices(field: FormField) -> dict[str, str]:
    return {region: str(price) for region, price in field.data.items() if price is not None}


@with_numbers({str(group): number for group, number in retention.NUMBERS.items()})
class RetentionForm(PolicyForm):
    @classmethod
    def of_periods(cls, saved: retention.RetentionPeriods) -> Self:
        """Return the form with what is saved."""
        return cls(formdata=None, data=dict(saved.days), version=saved.version)

    def days(self) -> dict[Group, int]:
        """Return the periods in days. Call only after ``validate()``."""
        return {Group(name): days for name, days in self.values().items()}


@with_numbers(ASSUMPTIONS)
class AssumptionsForm(Form):  # type: ignore[misc]
    """The assumptions of the staffing report; what is missing or invalid counts as measured."""

    NUMBERS: ClassVar[Sequence[str]] = ()

    def __init__(self, sent: Mapping[str, str], measured: Assumptions) -> None:
        typed = {name: sent[name] for name in self.NUMBERS if sent.get(name, "").strip()}
        self._measured = measured
        shown = {name: Decimal(f"{getattr(measured, name):g}") for name in self.NUMBERS}
        super().__init__(MultiDict(typed), data=shown)
        self.validate()

    def typed(self) -> dict[str, str]:
        """Return what is in the fields."""
        return {name: self[name]._value() for name in self.NUMBERS}

    def assumptions(self) -> Assumptions:
        valid: dict[str, Any] = {
            name: float(self[name].data) if name.endswith("_minutes") else int(self[name].data)
            for name in self.NUMBERS
            if not self[name].errors
        }
        return replace(self._measured, **valid)
