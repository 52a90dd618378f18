"""The doors on the web: visitor, advisor, admin, webhooks, health."""
