"""The doors on the web: visitor, advisor, admin, webhooks, health. Each reads, calls one verb, shows."""
