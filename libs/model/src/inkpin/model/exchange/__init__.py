"""Samples from and to the formats of others."""

from inkpin.model.exchange.formats import EXPORTS, IMPORTS, Format, read_samples, write_samples

__all__ = ["EXPORTS", "IMPORTS", "Format", "read_samples", "write_samples"]
