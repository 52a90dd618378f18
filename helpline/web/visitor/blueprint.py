"""The visitor's pages as Flask knows them; each matter has a module of its own."""

from typing import Any

from flask import Blueprint, request

from helpline.current import settings
from helpline.web.visitor_context import chosen_region

visitor = Blueprint("visitor", __name__)


@visitor.url_defaults
def _keep_region(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the country a visitor chose on every later page: its numbers are the ones that they
    can call."""
    if not request or request.blueprint != "visitor" or endpoint == "visitor.leave":
        return
    if "region" not in values and chosen_region() != settings().default_region:
        values["region"] = chosen_region()
