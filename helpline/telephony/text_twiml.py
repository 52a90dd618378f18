"""The answer to a text that came in, as TwiML."""

from __future__ import annotations

from twilio.twiml.messaging_response import MessagingResponse


def reply(words: str | None) -> str:
    """One text back; None for none."""
    response = MessagingResponse()
    if words is not None:
        response.message(words)
    return str(response)
