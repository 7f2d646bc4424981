"""How right a network is, what it costs, and what of it can be shown."""
