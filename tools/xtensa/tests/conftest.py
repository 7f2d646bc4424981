import pytest

from inkpin.common import InputError
from inkpin.xtensa import Toolchain, toolchain


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    """The toolchain; skips where it cannot be had, saying what to install."""
    try:
        return toolchain()
    except InputError as error:
        pytest.skip(str(error))
