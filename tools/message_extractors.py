"""Extractors for pybabel of the texts in JSON files and of the policy's numbers.

Each yields messages as Babel asks of an extractor: line, function, arguments, comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from helpline.i18n.catalogs import LINE, TEXT, VOICE
from helpline.policy.models import RetentionPolicy, ServicePolicy
from helpline.policy.numbers import ASSUMPTIONS, numbers

Message = tuple[int, str | None, Any, list[str]]


def extract_sms(file: Any, *_args: Any, **_options: Any) -> Iterator[Message]:
    for key, text in json.load(file).items():
        yield _message(TEXT, text, key)


def extract_prompts(file: Any, *_args: Any, **_options: Any) -> Iterator[Message]:
    prompts = json.load(file)
    yield _message(VOICE, prompts["locale"], "The carrier's code of this language.")
    yield _message(VOICE, prompts["voice"], "A voice of the carrier's that speaks it.")
    for key, text in prompts["words"].items():
        yield _message(VOICE, text, key)


def extract_safety_facts(file: Any, *_args: Any, **_options: Any) -> Iterator[Message]:
    for fact in json.load(file)["facts"]:
        for text in (fact["title"], *fact["items"]):
            yield 1, None, text, [fact["id"]]
        for context, name in ((VOICE, "voice"), (TEXT, "texts")):
            for key, text in fact.get(name, {}).items():
                yield _message(context, text, key)


def extract_crisis_lines(file: Any, *_args: Any, **_options: Any) -> Iterator[Message]:
    for line in json.load(file):
        for text in filter(None, (line["name"], line["notes"])):
            yield _message(LINE, text, line["region"])


def extract_policy(_file: Any, *_args: Any, **_options: Any) -> Iterator[Message]:
    tables = (ServicePolicy, RetentionPolicy)
    described = [number for table in tables for number in numbers(table).values()]
    for number in (*described, *ASSUMPTIONS.values()):
        for text in filter(None, (number.label, number.unit, number.help, number.error)):
            yield 1, None, text, []


def _message(context: str, text: str, comment: str) -> Message:
    return 1, "pgettext", (context, text), [comment]
