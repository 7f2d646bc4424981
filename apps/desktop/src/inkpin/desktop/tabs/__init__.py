"""The tabs of the window, a class each."""
