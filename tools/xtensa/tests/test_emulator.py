import itertools
import random
import struct
import subprocess
from pathlib import Path

import pytest

from inkpin.xtensa import C_FOLDER, build, command, count, run
from inkpin.xtensa.emulator import counted_by_log

C = Path(__file__).parent / "c"

pytestmark = pytest.mark.usefixtures("tools")


@pytest.fixture(scope="module")
def on_host(tmp_path_factory):
    """Compiles a program of tests/c for this machine, runs it, returns what it wrote."""
    folder = tmp_path_factory.mktemp("host")

    def on_host(name, stdin):
        program = folder / name
        sources = [C / f"{name}.c", C_FOLDER / "ink_host.c"]
        words = ["cc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", f"-I{C_FOLDER / 'include'}"]
        words += ["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror"]
        subprocess.run([*words, *sources, "-o", program], check=True)
        return subprocess.run([program], input=stdin, capture_output=True, check=True).stdout

    return on_host


def test_arithmetic_equals_the_hosts(on_host):
    edges = [0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]
    draw = random.Random(1)
    pairs = list(itertools.product(edges, edges))
    pairs += [(draw.getrandbits(64), draw.getrandbits(draw.randint(1, 64))) for _ in range(1000)]
    shifts = itertools.cycle(range(64))
    records = [(a, b or 10, shift) for (a, b), shift in zip(pairs, shifts, strict=False)]
    stdin = b"".join(struct.pack("<3Q", *record) for record in records)
    expected = on_host("arithmetic", stdin)
    assert len(expected) > 20 * 8 * len(records)
    assert run(build([C / "arithmetic.c"]), stdin) == expected


@pytest.mark.parametrize("level", ["-O0", "-Os", "-O2"])
def test_memory_functions_equal_the_hosts(on_host, level):
    expected = on_host("memory", b"")
    assert len(expected) == 8 * 8 * 21 * (3 * 28 + 1)
    assert run(build([C / "memory.c"], flags=[level])) == expected


def test_register_windows_spill_and_return(on_host):
    elf = build([C / "recursion.c"])
    for depth in (0, 3, 8, 100):
        assert run(elf, bytes([depth])) == on_host("recursion", bytes([depth]))


def test_a_stack_overflow_ends_the_program():
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(build([C / "recursion.c"]), bytes([200]))
    assert caught.value.returncode == -11


def test_standard_input_comes_back():
    stdin = random.Random(2).randbytes(256 * 400)
    assert run(build([C / "echo.c"]), stdin) == stdin


@pytest.mark.parametrize(("stdin", "status"), [(b"abc", 3), (b"\xfe", 254)])
def test_the_exit_status_passes_through(stdin, status):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(build([C / "echo.c"]), stdin)
    assert caught.value.returncode == status
    assert caught.value.stdout == stdin
    with pytest.raises(subprocess.CalledProcessError) as caught:
        count(build([C / "echo.c"]), stdin)
    assert caught.value.returncode == status


def test_a_program_that_hangs_is_ended(tmp_path):
    (tmp_path / "a.c").write_text('int main(void) { for (;;) __asm__ volatile(""); }\n')
    with pytest.raises(subprocess.TimeoutExpired):
        run(build([tmp_path / "a.c"]), timeout=0.5)


def test_instructions_are_counted_exactly():
    elf = build([C / "loop.c"])
    for n in (1, 1000, 1_000_000):
        counts = count(elf, struct.pack("<I", n))
        assert counts == count(elf, struct.pack("<I", n))
        assert counts["spin"] == 2 * n + 2
        assert set(counts) == {"_start", "main", "spin", "ink_read"}
        assert counts["main"] < 20


def test_the_log_counts_the_same_where_windows_spill():
    elf = build([C / "recursion.c"])
    for depth in (0, 3, 40):
        assert counted_by_log(command(elf), bytes([depth])) == count(elf, bytes([depth]))
