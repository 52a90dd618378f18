"""A simulated phone network that speaks the parts of Twilio's and Plivo's HTTP that a callback
service uses, over the same phones.

Start it with `python -m phonesim` (see --help). No real call is ever made. It serves:

**Twilio's REST API** under /2010-04-01/Accounts/{sid}: the real `twilio` client works against it
once its base address is changed (`client.api.base_url = "http://127.0.0.1:8001"`).

**Plivo's REST API** under /v1/Account/{auth_id}, where it has an account there; see
`phonesim.plivo`. A number belongs to one of the two accounts.

**The page** at /: the simulated phones in a browser.

**The control API** under /sim, JSON, without sign-in:

| request | what it does |
| --- | --- |
| GET /sim/phones | every phone |
| GET /sim/phones/{e164} | one phone: state (idle, ringing, calling, in call), heard, log |
| POST /sim/phones/{e164}/answer, /decline, /hangup, /voicemail | the buttons |
| POST /sim/phones/{e164}/press {"digits": "1"} | keys |
| POST /sim/phones/{e164}/dial {"to": "+91..."} | call the helpline; also `withheld`, \
`presented` (its number without "+"), and `press`, `press_after`, \
`hang_up_after`, `speaks_for` as in a behaviour |
| POST /sim/phones/{e164}/text {"to": "+91...", "body": "CALL"} | text the helpline; \
`channel`: `whatsapp` or `rcs` instead of SMS |
| PUT /sim/phones/{e164}/behaviour {"kind": "answer", ...} | its automatic behaviour |
| PUT /sim/phones/{e164}/behaviour {"sequence": [...]} | one behaviour a call, the last one stays |
| PUT /sim/phones {"+91...": {"kind": ...}, ...} | the same for many phones at once |
| PUT /sim/behaviour {...} | what phones without a behaviour of their own do |
| GET /sim/calls, /sim/calls/{sid} | every leg with its statuses and times; rings by phone |
| GET /sim/conferences | conferences under way and who is in them |
| GET /sim/messages | every text |
| GET /sim/webhooks | every webhook: path, parameter names, statuses, response code |
| GET, PUT, POST, DELETE /sim/faults | what goes wrong: see `phonesim.faults` |
| GET, PUT /sim/clock {"offset_seconds": 0, "time_scale": 1} | the clock, how fast waits pass |
| POST /sim/reset | as after the start |

What cannot be done now answers 409 {"error": "..."}, bad input 400. Behaviours are described in
`phonesim.behaviours`, faults in `phonesim.faults`. Times are simulated seconds (--time-scale),
but for the fault `timeout` and the time a webhook may take, which are real ones.

Modules import downward only: `network` (what a carrier's API and people do) on `program` (what a
service tells a call to do), `dialling`, `conference` and `messages`, on `exchange` (phones, legs).
A carrier is a package (`twilio`, `plivo`): a `carrier.Carrier`, and a blueprint over the network.
It imports nothing of the service, and the service imports nothing of it: they meet over HTTP.

Where it is simpler than Twilio, or Twilio's papers leave it open:

- A list filtered by StartTime takes a call that was not dialled yet by its creation.
- The parent leaving while a dialled phone rings, and losing to another phone, end a leg with
  no-answer; ending the parent through the API with canceled.
- A leg that answered but left during its whisper is `completed`, with DialBridged false.
- A phone in use is busy; there is no call waiting. Speech is not recognised. A person at a manual
  phone is never silent while being recorded.
- Not there: Conference and Participant resources, Queue, Enqueue, Stream, Sip and Client, media
  messages, messaging services, API keys, sub-accounts, Play's actual sound.
"""
