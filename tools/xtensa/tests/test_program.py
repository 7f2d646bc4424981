from pathlib import Path

import pytest

from inkpin.common import InputError
from inkpin.xtensa import build, run, sizes, stack

C = Path(__file__).parent / "c"

pytestmark = pytest.mark.usefixtures("tools")


def test_sections_land_where_they_belong():
    elf = build([C / "sections.c"])
    found = sizes(elf)
    assert 100 < found.pop("text") < 400
    assert found == {"rodata": 400, "data": 40, "bss": 4000}
    assert run(elf, b"") == bytes([1, 2, 0, 0])


def test_the_limit_of_data_is_exact():
    ram = 0x2C200
    fits = build([C / "sections.c"], flags=["-Os", f"-DBIG={ram - 4040}"])
    assert sizes(fits)["data"] + sizes(fits)["bss"] == ram
    assert run(fits, b"") == bytes([1, 2, 0, 0])
    with pytest.raises(InputError, match=r"memory: `dram' overflowed by 100 bytes$"):
        build([C / "sections.c"], flags=["-Os", f"-DBIG={ram - 4040 + 100}"])


def test_a_build_is_kept_until_a_source_a_header_or_a_flag_changes(tmp_path):
    folder = tmp_path / "with space" / "sub"
    folder.mkdir(parents=True)
    source, header = tmp_path / "with space" / "a.c", folder / "a.h"
    source.write_text('#include "sub/a.h"\nint main(void) { return VALUE; }\n')
    header.write_text("#define VALUE 0\n")
    first = build([source])
    (folder / "unused.h").write_text("int unused;\n")
    assert build([source]) == first
    header.write_text("#define VALUE 1\n")
    second = build([source])
    source.write_text('#include "sub/a.h"\nint main(void) { return VALUE + 1; }\n')
    assert len({first.path, second.path, build([source]).path, build([source], (), ()).path}) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int main(void) { return 5 +; }", r"a\.c:1:28: error: expected expression"),
        ("extern int f(void); int main(void) { return f(); }", "undefined reference to `f'"),
    ],
)
def test_what_does_not_build_is_one_line(tmp_path, text, message):
    source = tmp_path / "a.c"
    source.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        build([source])
    assert "\n" not in str(caught.value)


def test_two_sources_of_one_name_are_told_apart(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "a.c").write_text(
        "int f(int);\n"
        "static __attribute__((noinline)) int g(int a) { volatile int b[100]; return b[a] = a; }\n"
        "int main(void) { return f(g(0)); }\n"
    )
    (tmp_path / "x" / "a.c").write_text(
        "static __attribute__((noinline)) int g(int a) { volatile int b[500]; return b[a] = a; }\n"
        "int f(int a) { return g(a); }\n"
    )
    elf = build([tmp_path / "a.c", tmp_path / "x" / "a.c"])
    assert run(elf) == b""
    # main, f and the larger g, each with room for a register window.
    assert 2000 + 3 * 16 <= stack(elf) <= 2000 + 4 * 32
    assert stack(elf, "f") == stack(elf) - 32


def test_the_support_library_counts_in_the_stack():
    elf = build([C / "arithmetic.c"])
    inner = stack(elf, "__udivdi3")
    assert inner >= 32 + 48  # and 48 more where gcc 12 makes a call of the division itself
    assert stack(elf, "__divdi3") == 32 + inner


def test_recursion_has_no_bound():
    with pytest.raises(InputError, match=r"main -> .*deeper -> .*deeper is recursive"):
        stack(build([C / "recursion.c"]))
