import pytest

from inkpin.xtensa import Toolchain, toolchain


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    """The toolchain."""
    return toolchain()
