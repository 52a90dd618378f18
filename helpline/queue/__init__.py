"""The queue of due callbacks, and advisors' claims on them."""
