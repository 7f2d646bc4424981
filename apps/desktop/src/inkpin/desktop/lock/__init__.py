"""The lock as a person meets it, without a window."""
