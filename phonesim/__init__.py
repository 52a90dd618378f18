"""A simulated phone network that speaks the part of Twilio's HTTP that a callback service uses.

Start it with `python -m phonesim` (see --help). No real call is ever made. Three doors:

**Twilio's REST API** under /2010-04-01/Accounts/{sid}: the real `twilio` client works against it
once its base address is changed (`client.api.base_url = "http://127.0.0.1:8001"`).

**The page** at /: the simulated phones in a browser.

**The control API** under /sim, JSON, without sign-in:

| request | what it does |
| --- | --- |
| GET /sim/phones | every phone |
| GET /sim/phones/{e164} | one phone: state (idle, ringing, calling, in call), heard, log |
| POST /sim/phones/{e164}/answer, /decline, /hangup, /voicemail | the buttons |
| POST /sim/phones/{e164}/press {"digits": "1"} | keys |
| PUT /sim/phones/{e164}/behaviour {"kind": "answer", ...} | what it does by itself |
| PUT /sim/phones/{e164}/behaviour {"sequence": [...]} | one behaviour a call, the last one stays |
| PUT /sim/behaviour {...} | what phones without a behaviour of their own do |
| GET /sim/calls, /sim/calls/{sid} | every leg with its statuses and times; rings by phone |
| GET /sim/webhooks | every webhook: path, parameter names, statuses, response code |
| GET, PUT, POST, DELETE /sim/faults | what goes wrong: see `phonesim.faults` |
| GET, PUT /sim/clock {"offset_seconds": 0} | the wall clock |
| POST /sim/reset | as after the start |

Behaviours are described in `phonesim.calls.Behaviour`. It imports nothing of the service, and the
service imports nothing of it: they meet over HTTP.
"""
