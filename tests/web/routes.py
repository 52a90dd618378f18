"""An address for every route, so that a test can walk them all."""

from __future__ import annotations

import re

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
