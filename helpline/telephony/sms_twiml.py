"""TwiML responses to inbound text messages."""

from __future__ import annotations

from twilio.twiml.messaging_response import MessagingResponse


def reply(words: str | None) -> str:
    """Return TwiML that sends one reply, or none."""
    response = MessagingResponse()
    if words is not None:
        response.message(words)
    return str(response)
