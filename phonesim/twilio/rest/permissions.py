"""Countries that the account may call, on Twilio's voice domain.

https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from phonesim.network import Network


def register(api: Blueprint, network: Network) -> None:
    """DialingPermissions/Countries/{code}"""

    @api.get("/v1/DialingPermissions/Countries/<code>")
    def fetch_country(code: str) -> dict[str, Any]:
        allowed = code.upper() not in network.settings.refused_regions
        return {
            "iso_code": code.upper(),
            "name": code.upper(),
            "continent": "",
            "country_codes": [],
            "low_risk_numbers_enabled": allowed,
            "high_risk_special_numbers_enabled": False,
            "high_risk_tollfraud_numbers_enabled": False,
            "url": request.base_url,
            "links": {},
        }
