"""The exceptions that people see."""


class InputError(ValueError):
    """Unusable input or set-up. Its text is one line: what is wrong, where, and what to do.

    Commands print it on stderr and exit with status 2.
    """


class RefusedError(InputError):
    """A wish that is not granted, such as to delete what is in use: nothing failed, or is lost.

    A window says it in its line of status; what could not be done, it tells in a dialog.
    """


class UnavailableError(InputError):
    """A program, a package or data that this machine lacks; the text says how to get it."""
