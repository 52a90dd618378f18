"""Plays the API with schemathesis: everything its description allows, and what it forbids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

_ACCEPTED = ["2xx", "401", "403", "404", "409", "422"]
"""422: a description cannot say which telephone numbers there are."""

NUMBERS = st.integers(7_000_000_000, 9_999_999_999).map(
    lambda n: f"{n // 100_000} {n % 100_000:05}"
)


@dataclass
class Played:
    """What came of it.

    Args:
        requests: how many were sent.
        answers: how many of each status.
        failures: each in words; none is what we want.
    """

    requests: int
    answers: dict[int, int]
    failures: list[str]


def play(app: Flask, token: str, *, examples: int, seed: int = 7) -> Played:
    """Plays the whole API of this application.

    Args:
        token: of a callback, for what needs one.
        examples: how many made-up requests for each deed, besides those at the edges.
    """
    schemathesis.openapi.format("phone", NUMBERS)
    schemathesis.openapi.format("random-uuid", st.uuids(version=4).map(str))
    schemathesis.openapi.format("spoken-language", st.sampled_from(["en", "hi"]))
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", app, config=_config(token, examples, seed)
    )
    played = Played(0, {}, [])
    for event in from_schema(schema).execute():
        _note(played, event)
    return played


def _config(token: str, examples: int, seed: int) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "workers": 1,
            "headers": {"Accept-Encoding": "identity"},  # A WSGI client unpacks nothing.
            "generation": {"max-examples": examples, "database": "none", "deterministic": True},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _ACCEPTED},
                # It asks again by way of requests' own options, which no WSGI client has.
                "ignored_auth": {"enabled": False},
            },
            "auth": {"openapi": {"token": {"bearer": token}}},
        }
    )


def _note(played: Played, event: Any) -> None:
    if isinstance(event, events.ScenarioFinished):
        for case_id, checks in event.recorder.checks.items():
            answered = event.recorder.interactions.get(case_id)
            for check in checks:
                if check.status == Status.FAILURE:
                    asked = answered.request if answered else case_id
                    played.failures.append(f"{check.name}: {check.failure_info} {asked}")
        for interaction in event.recorder.interactions.values():
            played.requests += 1
            if interaction.response is not None:
                code = interaction.response.status_code
                played.answers[code] = played.answers.get(code, 0) + 1
    elif isinstance(event, events.NonFatalError | events.FatalError):
        played.failures.append(repr(event))
