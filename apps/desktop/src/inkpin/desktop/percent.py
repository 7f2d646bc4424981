"""Per cents as people read them."""

PERCENT = "\N{NO-BREAK SPACE}%"
"""What follows the number, at which no line is to end."""
