"""What every room uses: the one exception that people see, files, locks, the host's compiler."""

from inkpin.common.errors import InputError

__all__ = ["InputError"]
