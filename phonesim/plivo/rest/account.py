"""The account, its numbers and its applications.

- https://www.plivo.com/docs/account/api/account
- https://www.plivo.com/docs/account/api/application
- https://www.plivo.com/docs/numbers/account-phone-numbers
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from phonesim.carrier import of_carrier
from phonesim.lines import Line
from phonesim.network import Network
from phonesim.plivo.applications import Application
from phonesim.plivo.carrier import NAME, Plivo
from phonesim.plivo.errors import PlivoError
from phonesim.plivo.formats import CONSOLE_ZONE
from phonesim.plivo.resources import application, number
from phonesim.plivo.rest.common import (
    PREFIX,
    account_path,
    answer,
    check_url,
    number_of,
    page,
    told,
)

URLS = ("answer_url", "fallback_answer_url", "hangup_url", "message_url")


def register(api: Blueprint, network: Network, plivo: Plivo) -> None:
    """The account itself, Number/ and Application/."""

    @api.get(PREFIX)
    def fetch_account(auth_id: str) -> Response:
        return answer(
            {
                "account_type": "developer" if network.settings.trial else "standard",
                "address": "",
                "auth_id": auth_id,
                "auto_recharge": False,
                "billing_mode": "prepaid",
                "cash_credits": network.settings.balance,
                "city": "",
                "name": "Simulated phone network",
                "resource_uri": account_path(),
                "state": "",
                "timezone": CONSOLE_ZONE,
            }
        )

    _numbers(api, network, plivo)
    _applications(api, network, plivo)


def _numbers(api: Blueprint, network: Network, plivo: Plivo) -> None:
    def find(text: str) -> Line:
        line = network.lines.get(number_of(text))
        if line is None or line.carrier != NAME:
            raise PlivoError(404)
        return line

    @api.get(f"{PREFIX}Number/")
    def list_numbers(auth_id: str) -> Response:
        begins = number_of(request.args.get("number_startswith", ""))
        lines = [
            line
            for line in of_carrier(NAME, network.lines.values())
            if line.number.startswith(begins)
        ]
        return page([number(line, account_path()) for line in lines])

    @api.get(f"{PREFIX}Number/<text>/")
    def fetch_number(auth_id: str, text: str) -> Response:
        return answer(number(find(text), account_path()))

    @api.post(f"{PREFIX}Number/<text>/")
    def update_number(auth_id: str, text: str) -> Response:
        line, params = find(text), told()
        if "app_id" in params:
            with network.lock:
                _application(plivo, params["app_id"]).attach(line)
        line.friendly_name = params.get("alias", line.friendly_name)
        return answer({"message": "changed"}, 202)


def _applications(api: Blueprint, network: Network, plivo: Plivo) -> None:
    @api.get(f"{PREFIX}Application/")
    def list_applications(auth_id: str) -> Response:
        asked = request.args.get("app_name", "")
        found = [one for one in plivo.applications.all.values() if one.name.startswith(asked)]
        return page([application(one, account_path()) for one in found])

    @api.post(f"{PREFIX}Application/")
    def create_application(auth_id: str) -> Response:
        params = _checked()
        if not params.get("app_name"):
            raise PlivoError(400, "app_name parameter not present")
        made = plivo.applications.add(params["app_name"])
        made.change(params)
        return answer({"app_id": made.app_id, "message": "created"}, 201)

    @api.get(f"{PREFIX}Application/<app_id>/")
    def fetch_application(auth_id: str, app_id: str) -> Response:
        return answer(application(_application(plivo, app_id), account_path()))

    @api.post(f"{PREFIX}Application/<app_id>/")
    def update_application(auth_id: str, app_id: str) -> Response:
        changed = _application(plivo, app_id)
        with network.lock:
            changed.change(_checked())
            for line in of_carrier(NAME, network.lines.values()):
                if line.details["application"] == app_id:
                    changed.attach(line)
        return answer({"message": "changed"}, 202)


def _checked() -> dict[str, str]:
    params = told()
    for name in URLS:
        check_url(params, name)
    return params


def _application(plivo: Plivo, app_id: str) -> Application:
    if app_id not in plivo.applications.all:
        raise PlivoError(404)
    return plivo.applications.all[app_id]
