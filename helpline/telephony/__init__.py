"""The carrier: Twilio's client, TwiML, webhook signatures, and its statuses and codes."""
