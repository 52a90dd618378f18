"""The carrier: Twilio's client, TwiML, webhook signatures, and the mapping of its statuses and
codes.
"""
