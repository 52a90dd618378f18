"""Erasure of visitors' data: by themselves, on request, after retention, and after a restore."""
