"""Collecting, reviewing and improving, without a window."""
