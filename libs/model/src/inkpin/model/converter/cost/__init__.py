"""What a conversion costs: bytes, stack, multiply-accumulates, precision."""
