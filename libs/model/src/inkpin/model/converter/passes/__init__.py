"""Passes over a program: each turns it into a simpler one of the same meaning."""
