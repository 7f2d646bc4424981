"""From real numbers to integers: ranges, weights, and which kernel computes what."""
