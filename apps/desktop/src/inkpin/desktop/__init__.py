"""The lock on a desk: the replica in a window, or a replay without one."""
