"""Counts as people read them."""


def counted(count: int, thing: str) -> str:
    """Return so many of a thing: "1 sample", "1,200 samples"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
