"""What the ink under a finger costs the display's line: bench.ink, held to its bounds."""

import pytest
from bench import ink

from inkpin.device import build

BEFORE = {"the bundled PIN, three times": 4_870_086, "all": 13_280_510}
"""Pixels at c503183, where each change was one box, pushed at once."""


@pytest.fixture(scope="module")
def costs():
    return ink.table(build.command(build.Core.HOST))


def test_a_tenth_of_the_pixels_is_pushed(costs):
    every = sum(costs.values(), ink.Cost())
    print(f"\n{every.pixels:,} of {BEFORE['all']:,} pixels")
    assert every.pixels * 10 <= BEFORE["all"]
    for name, cost in costs.items():
        assert cost.pixels * 10 <= BEFORE.get(name, 10**9), name


def test_the_panel_is_looked_at_every_5_ms(costs):
    for name, cost in costs.items():
        assert 0 < cost.longest_ns <= 5_000_000, name


def test_a_finger_that_rests_pushes_nothing():
    stroke = [(1, 100 + i, 100, 10 * i) for i in range(20)]
    short = ink.run(build.command(build.Core.HOST), [*stroke, (1, 119, 100, 200)])
    long = ink.run(build.command(build.Core.HOST), [*stroke, (1, 119, 100, 4000)])
    assert short.pixels == long.pixels > 0
