"""From data to a quantised network, in PyTorch."""
