"""The advisor desk: queue, current callback, wrap-up."""
