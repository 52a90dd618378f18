"""The account, and the numbers it owns.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from phonesim.carrier import of_carrier
from phonesim.clock import rfc2822
from phonesim.lines import Line
from phonesim.network import Network
from phonesim.twilio.carrier import NAME
from phonesim.twilio.errors import TwilioError
from phonesim.twilio.formats import API_VERSION
from phonesim.twilio.resources import change_line, line_resource, number_sid
from phonesim.twilio.rest.common import PREFIX, page


def register(api: Blueprint, network: Network) -> None:
    """Accounts/{sid}.json and IncomingPhoneNumbers."""
    _account(api, network)
    _numbers(api, network)


def _account(api: Blueprint, network: Network) -> None:
    """Accounts/{sid}.json"""

    @api.get(f"{PREFIX}.json")
    def fetch_account(account_sid: str) -> dict[str, Any]:
        return {
            "sid": account_sid,
            "owner_account_sid": account_sid,
            "friendly_name": "Simulated phone network",
            "status": "active",
            "type": "Trial" if network.settings.trial else "Full",
            "auth_token": None,
            "date_created": rfc2822(network.clock.now()),
            "date_updated": rfc2822(network.clock.now()),
            "uri": f"/{API_VERSION}/Accounts/{account_sid}.json",
            "subresource_uris": {},
        }

    @api.get(f"{PREFIX}/Balance.json")
    def fetch_balance(account_sid: str) -> dict[str, Any]:
        """Balance.json: https://www.twilio.com/docs/usage/api/account-balance (help centre)"""
        return {
            "account_sid": account_sid,
            "balance": network.settings.balance,
            "currency": network.settings.currency,
        }


def _numbers(api: Blueprint, network: Network) -> None:
    """IncomingPhoneNumbers: the numbers the account owns, and where their calls and texts go."""

    def find(sid: str) -> Line:
        for line in of_carrier(NAME, network.lines.values()):
            if number_sid(line.number) == sid:
                return line
        raise TwilioError(20404, f"IncomingPhoneNumbers/{sid}")

    def shown(line: Line) -> dict[str, Any]:
        return line_resource(line, network.settings.account_sid, network.clock.now())

    @api.get(f"{PREFIX}/IncomingPhoneNumbers.json")
    def list_numbers(account_sid: str) -> dict[str, Any]:
        wanted = request.args.get("PhoneNumber", "")
        owned = [line for line in of_carrier(NAME, network.lines.values()) if wanted in line.number]
        return page("incoming_phone_numbers", [shown(line) for line in owned])

    @api.get(f"{PREFIX}/IncomingPhoneNumbers/<sid>.json")
    def fetch_number(account_sid: str, sid: str) -> dict[str, Any]:
        return shown(find(sid))

    @api.post(f"{PREFIX}/IncomingPhoneNumbers/<sid>.json")
    def update_number(account_sid: str, sid: str) -> dict[str, Any]:
        line = find(sid)
        with network.lock:
            change_line(line, request.form.to_dict())
        return shown(line)
