"""TwiML responses to inbound text messages."""

from __future__ import annotations

from twilio.twiml.messaging_response import MessagingResponse


def reply(body: str | None) -> str:
    """Return TwiML that sends one reply, or none."""
    response = MessagingResponse()
    if body is not None:
        response.message(body)
    return str(response)
