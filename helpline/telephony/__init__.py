"""The carrier: what any must do (port), what calls say and do next (flow), and an adapter each."""
