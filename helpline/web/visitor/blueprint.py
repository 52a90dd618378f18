"""The blueprint of the visitor pages."""

from typing import Any

from flask import Blueprint, request

from helpline.current import settings
from helpline.web import language
from helpline.web.visitor_context import chosen_region

visitor = Blueprint("visitor", __name__)
visitor.url_value_preprocessor(language.take_from_path)
visitor.url_defaults(language.keep_in_links)


@visitor.url_defaults
def _keep_region(endpoint: str, values: dict[str, Any]) -> None:
    """Carry the chosen region along in every link: its numbers are those the visitor can call."""
    if not request or request.blueprint != "visitor" or endpoint == "visitor.leave":
        return
    if "region" not in values and chosen_region() != settings().default_region:
        values["region"] = chosen_region()
