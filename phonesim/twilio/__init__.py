"""Twilio's wire: its REST API (`rest`), its documents (`twiml`), its webhooks (`carrier`).

The phones beside this know nothing of Twilio, but behave as its papers say:

- Statuses of a call: https://www.twilio.com/docs/voice/api/call-resource#call-status-values. A call
  cancelled while it was queued sends no callback (#statuscallbackevent there). `canceled` is for
  hangupOnStar and for the REST API (help centre, "What are the possible call statuses, and what do
  they mean?").
- Each instruction: https://www.twilio.com/docs/voice/twiml (say, play, pause, gather, dial, number,
  conference, record, hangup, redirect, reject). Whether digits of `sendDigits` or the whisper come
  first is not documented. "The url attribute does not support any other TwiML verbs" is said of
  whispers; Pause and Redirect are let through.
- Errors: https://www.twilio.com/docs/api/errors (11200 a document that cannot be had within 15 s,
  12100 one that cannot be read, 12300 one that is no XML, 13222 invalid sendDigits).
- Detection: https://www.twilio.com/docs/voice/answering-machine-detection. On a Number with a
  whisper it delays the whisper and passes it AnsweredBy.
- Accounts on trial: https://www.twilio.com/docs/usage/trials
- Withheld numbers: https://www.twilio.com/docs/voice/twiml#request-parameters
- India: https://www.twilio.com/en-us/guidelines/in/voice; "Two-way SMS supported: No",
  https://www.twilio.com/en-us/guidelines/in/sms
- Signatures: https://www.twilio.com/docs/usage/security
"""
