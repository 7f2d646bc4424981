"""The exceptions that people see."""


class InputError(ValueError):
    """Unusable input or set-up. Its text is one line: what is wrong, where, and what to do.

    Commands print it on stderr and exit with status 2.
    """


class UnavailableError(InputError):
    """A program, a package or data that this machine lacks; the text says how to get it."""
