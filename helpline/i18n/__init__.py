"""Translations: one .po catalog per language, and the admins' text overrides."""
