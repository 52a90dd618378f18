"""An address for every route, so that a test can walk them all."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import Rule

_PART = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<told>[^)]*)\))?:)?(?P<name>\w+)>")


def address_of(rule: Rule, **known: object) -> str:
    """An address that the rule answers to.

    Args:
        known: what stands for some of its parts; else 1 for a number, the first for a choice.
    """

    def part(found: re.Match[str]) -> str:
        usual = {"int": "1", "any": (found["told"] or "").partition(",")[0].strip(" '\"")}
        return str(known.get(found["name"], usual.get(found["kind"] or "", "en")))

    return _PART.sub(part, rule.rule)


def pages_without_parameters(app: Flask) -> list[str]:
    """Return the paths that answer GET and have no parts to fill in."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    )
