"""Erasure of visitors' data: by themselves, on request, and after retention."""
