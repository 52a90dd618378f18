"""The JSON API for site builders, version 1. Its description is made from this code."""
