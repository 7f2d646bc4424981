"""Where the buffers of a network lie in its arena."""

from hypothesis import given
from hypothesis import strategies as st

from inkpin.model.converter.codegen.plan import Buffer, plan


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=12
    )
)
def test_the_plan_never_overlaps_what_lives_together(spans):
    buffers = [Buffer(size, first, first + more) for size, first, more in spans]
    offsets, arena = plan(buffers)
    for i, a in enumerate(buffers):
        assert offsets[i] + a.size <= arena
        for j, b in enumerate(buffers[:i]):
            if a.first <= b.last and b.first <= a.last:
                assert offsets[i] + a.size <= offsets[j] or offsets[j] + b.size <= offsets[i]
    need = max(sum(b.size for b in buffers if b.first <= t <= b.last) for t in range(10))
    assert need <= arena <= sum(buffer.size for buffer in buffers)


def test_the_plan_of_a_chain_needs_no_more_than_its_widest_place():
    maps = [Buffer(100, 0, 1), Buffer(40, 1, 2), Buffer(90, 2, 3), Buffer(10, 3, 4)]
    assert plan(maps)[1] == 140
