"""What the project can do without: libraries that come with an extra of the distribution."""

from collections.abc import Iterator
from contextlib import contextmanager

from inkpin.common.errors import UnavailableError


@contextmanager
def extra(name: str, reason: str) -> Iterator[None]:
    """Import in the body of the `with` what takes an extra.

    Args:
        name: of the extra.
        reason: what takes which library, for the message.

    Raises:
        UnavailableError: it is not installed; the message says how to.
    """
    try:
        yield
    except ImportError as error:
        raise UnavailableError(f"{reason}: pip install 'inkpin[{name}]'") from error
