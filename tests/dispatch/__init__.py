"""Automatic dispatch, pace, closing and preflight, with a simulated carrier."""
