"""Blueprints and middleware: visitor, desk, admin, webhooks, health."""
