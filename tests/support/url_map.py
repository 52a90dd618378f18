"""The URL rules of an application, compiled when they are first used.

Compiling them takes longer than all the rest of making an application. The applications of a test
process with equal rules share the rules and the compiled ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from threading import Lock
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule, RuleFactory

_rules: dict[Hashable, Rule] = {}
_compiled: dict[Hashable, Map] = {}
_lock = Lock()


class UrlMap(Map):
    """A map that collects rules, and answers with one of equal rules that is compiled."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.added: list[Rule] = []
        self._shared: Map | None = None
        super().__init__(*args, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        self.added.extend(rulefactory.get_rules(self))
        self._shared = None

    def bind(self, *args: Any, **options: Any) -> MapAdapter:
        return self._compile().bind(*args, **options)

    def bind_to_environ(self, *args: Any, **options: Any) -> MapAdapter:
        return self._compile().bind_to_environ(*args, **options)

    def is_endpoint_expecting(self, endpoint: Any, *arguments: str) -> bool:
        return self._compile().is_endpoint_expecting(endpoint, *arguments)

    def iter_rules(self, endpoint: Any | None = None) -> Iterator[Rule]:
        return iter(self._compile().iter_rules(endpoint))

    def update(self) -> None:
        self._compile().update()

    def _compile(self) -> Map:
        if self._shared is None:
            key = (self.host_matching, *self.converters.items(), *map(_key, self.added))
            with _lock:
                self._shared = _compiled.get(key)
                if self._shared is None:
                    self._shared = _compiled[key] = self._compiled()
        return self._shared

    def _compiled(self) -> Map:
        compiled = Map(host_matching=self.host_matching, converters=self.converters)
        for rule in self.added:
            copy = rule.empty()
            if hasattr(rule, "provide_automatic_options"):  # Flask's own mark on a rule.
                copy.provide_automatic_options = (  # type: ignore[attr-defined]
                    rule.provide_automatic_options
                )
            compiled.add(copy)
        return compiled


def shared_rule(text: str, **options: Any) -> Rule:
    """The rule of these options. None belongs to a map: only copies are compiled."""
    methods = frozenset(options.get("methods") or ())
    others = [(name, repr(value)) for name, value in options.items() if name != "methods"]
    key = (text, methods, *sorted(others))
    if key not in _rules:
        _rules[key] = Rule(text, **options)
    return _rules[key]


def _key(rule: Rule) -> Hashable:
    """What a rule says, noted at the rule once an application has all its rules."""
    known: Hashable = vars(rule).get("key")
    if known is None:
        known = vars(rule)["key"] = _key_of(rule)
    return known


def _key_of(rule: Rule) -> Hashable:
    options = dict(rule.get_empty_kwargs())
    defaults, methods = options.pop("defaults") or {}, options.pop("methods") or ()
    automatic = getattr(rule, "provide_automatic_options", None)
    return rule.rule, automatic, *options.values(), frozenset(defaults.items()), frozenset(methods)
