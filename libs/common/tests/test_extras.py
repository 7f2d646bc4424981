import pytest

from inkpin.common import UnavailableError
from inkpin.common.extras import extra


def test_what_is_not_installed_says_how_to_get_it():
    with (
        pytest.raises(UnavailableError, match=r"^flying takes wings: `\./dev run` has it$"),
        extra("flying takes wings", "air"),
    ):
        import wings_that_nobody_has  # noqa: F401


def test_what_is_installed_stays_imported():
    with extra("flying takes wings", "air"):
        import numpy as np
    assert np.pi > 3
