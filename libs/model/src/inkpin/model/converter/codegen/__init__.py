"""C text of an integer program: constants, calls, and where each value lies."""
