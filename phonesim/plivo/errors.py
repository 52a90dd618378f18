"""Refusals of Plivo's API: an HTTP status and a sentence; there are no codes.

https://www.plivo.com/docs/voice/api/overview for the statuses. The sentences are not documented.
"""

from __future__ import annotations

from dataclasses import dataclass

SENTENCES = {
    400: "a parameter is missing or invalid",
    401: "authentication failed",
    403: "Calls and messages to this destination are not permitted",
    404: "not found",
    405: "HTTP method not allowed",
    429: "too many requests",
    500: "internal server error",
    503: "service unavailable",
}


@dataclass
class PlivoError(Exception):
    """A refusal."""

    status: int
    sentence: str = ""

    @property
    def error(self) -> str:
        """What is wrong."""
        return self.sentence or SENTENCES.get(self.status, "error")
