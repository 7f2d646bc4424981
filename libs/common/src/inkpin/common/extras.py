"""What the project can do without: libraries that come with an extra of the distribution."""

from collections.abc import Iterator
from contextlib import contextmanager

from inkpin.common.errors import UnavailableError
from inkpin.common.installation import extras_remedy


@contextmanager
def extra(reason: str, *names: str) -> Iterator[None]:
    """Import in the body of the `with` what takes extras.

    Args:
        reason: what takes which library, for the message.
        names: of the extras.

    Raises:
        UnavailableError: it is not there; the message says how to get it.
    """
    try:
        yield
    except ImportError as error:
        raise UnavailableError(f"{reason}: {extras_remedy(*names)}") from error
