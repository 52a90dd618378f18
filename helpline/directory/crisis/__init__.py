"""The crisis directory; available even when everything else is down."""
