"""The carrier: Twilio's client, TwiML, signatures; its words and codes become ours here."""
