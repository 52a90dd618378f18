"""Whether everything that calls need is right, found by trying it, with what to do where not."""
