"""Plivo's wire: its REST API (`rest`), its documents (`plivoxml`), its webhooks (`carrier`).

The phones beside this know nothing of Plivo. What it does is from Plivo's documentation, each page
below plivo.com/docs:

- Two ids a call: a request is answered with `request_uuid` alone; the call's own `CallUUID` comes
  with the first webhook (voice/api/calls, voice/xml/request). Whether the two are equal is not
  documented; here they never are.
- ring_url, answer_url, fallback_url, hangup_url and their parameters: voice/api/call/make-a-call
- Elements: voice/xml/routing (Dial, Number, Redirect, Hangup, Wait), voice/xml/input (GetInput),
  voice/xml/audio-output (Speak, Play), voice/xml/record. What a call answers by: Wait, Dial and
  Hangup leave it ringing, as in github.com/plivo/plivoframework.
- Conference, transfer of a call: voice/xml/conference, voice/api/call/transfer-a-call. A transfer
  is of one leg, or of both.
- Hang-up causes: voice/troubleshooting/hangup-causes. Texts: messaging/troubleshooting/error-codes
- Signatures: V3 of voice/concepts/signature-validation, V2 of messaging/concepts, same page. Where
  page and official libraries differ (no query), as the libraries check it.
- Retries: voice/concepts/callback-configurations, messaging/concepts/callbacks
- 50 legs at once, 2 starts a second: voice/concepts/india-concurrency, account-limits
- Both legs in India, or 2070: voice/concepts/india-calling

Where its papers leave it open, it is what asks most of a service: after 9110 (nobody pressed the
key) DialStatus is `completed`; DELETE of a request spares a call that was answered; numbers come
without "+" in webhooks, with it as `from_number` of the API; the callback of a recording does not
name its call; confirmSound is asked in the name of the calling leg.

Not there: GetDigits, User, conferences' own API and events, PreAnswer, Message within a call,
recordSession, machine detection, sub-accounts, powerpacks. A recording is WAV, whatever format was
asked for.
"""
