"""Gestures: a network of other labels than digits, and what it is measured by."""
