import shutil
import subprocess

import pytest

from inkpin.common import InputError
from inkpin.xtensa import worst_stack
from inkpin.xtensa.callgraph import INDIRECT

# main (16) calls wide (100), which calls nothing, and tall (40), which calls leaf (70).
FIRST = r"""graph: { title: "first.c"
node: { title: "main" label: "main\nfirst.c:9:5\n16 bytes (static)\n0 dynamic objects" }
node: { title: "first.c:wide" label: "wide\nfirst.c:2:12\n100 bytes (static)" }
node: { title: "tall" label: "tall\nsecond.h:1:5" shape : ellipse }
edge: { sourcename: "main" targetname: "first.c:wide" label: "first.c:10:5" }
edge: { sourcename: "main" targetname: "tall" label: "first.c:11:5" }
}
"""
SECOND = r"""graph: { title: "second.c"
node: { title: "tall" label: "tall\nsecond.c:3:5\n40 bytes (static)" }
node: { title: "leaf" label: "leaf\nsecond.c:8:5\n70 bytes (dynamic,bounded)" }
edge: { sourcename: "tall" targetname: "leaf" }
node: { title: "again" label: "again\nsecond.c:12:5\n8 bytes (static)" }
edge: { sourcename: "again" targetname: "tall" label: "second.c:13:5" }
edge: { sourcename: "again" targetname: "again" label: "second.c:14:5" }
node: { title: "hook" label: "hook\nsecond.c:18:5\n24 bytes (static)" }
node: { title: "__indirect_call" label: "Indirect Call Placeholder" shape : ellipse }
edge: { sourcename: "hook" targetname: "__indirect_call" label: "second.c:19:5" }
node: { title: "alloca" label: "alloca\nsecond.c:22:5\n32 bytes (dynamic)" }
node: { title: "outside" label: "outside\nsecond.c:30:5\n4 bytes (static)" }
node: { title: "sqrt" label: "sqrt\n<built-in>" shape : ellipse }
edge: { sourcename: "outside" targetname: "sqrt" }
node: { title: "product" label: "product\nsecond.c:36:5\n12 bytes (static)" }
edge: { sourcename: "product" targetname: "__indirect_call" }
}
"""


@pytest.fixture
def ci_files(tmp_path):
    paths = tmp_path / "first.ci", tmp_path / "second.ci"
    for path, text in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize(
    ("entry", "expected"), [("main", 16 + 40 + 70), ("first.c:wide", 100), ("leaf", 70)]
)
def test_the_deepest_path_counts(ci_files, entry, expected):
    assert worst_stack(ci_files, entry) == expected
    assert worst_stack(reversed(ci_files), entry) == expected


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("again", "again -> again is recursive"),
        ("hook", "hook calls through a pointer"),
        ("alloca", "alloca has a frame without bound"),
        ("outside", "outside -> sqrt calls a function whose frame is not known"),
        ("nobody", "nobody is not known"),
    ],
)
def test_what_has_no_bound_is_an_error_that_names_the_path(ci_files, entry, message):
    with pytest.raises(InputError, match=f"stack of {entry} has no known bound: .*{message}$"):
        worst_stack(ci_files, entry)


def test_frames_can_be_given(ci_files):
    assert worst_stack(ci_files, "outside", {"sqrt": 50}) == 54
    assert worst_stack(ci_files, "hook", {INDIRECT: 200}) == 224


def test_a_call_that_gcc_makes_itself_can_be_named(ci_files):
    assert worst_stack(ci_files, "product", unnamed="leaf") == 12 + 70
    with pytest.raises(InputError, match="hook calls through a pointer"):
        worst_stack(ci_files, "hook", unnamed="leaf")


def test_what_pointers_point_to_can_be_named(ci_files):
    assert worst_stack(ci_files, "hook", pointee="tall") == 24 + 40 + 70
    with pytest.raises(InputError, match="hook -> outside -> sqrt calls a function"):
        worst_stack(ci_files, "hook", pointee="outside")


SOURCE = """
extern int outside(int);
static __attribute__((noinline)) int helper(int a) {
    volatile int b[50];
    b[a] = a;
    return b[a] + outside(a);
}
int entry(int a, int b) { return helper(a) / b; }
"""


@pytest.mark.parametrize(
    ("compiler", "package"), [("gcc", "gcc"), ("arm-none-eabi-gcc", "gcc-arm-none-eabi")]
)
def test_a_real_compilers_files(compiler, package, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}: install it (Debian: apt-get install {package})")
    (tmp_path / "a.c").write_text(SOURCE)
    subprocess.run([compiler, "-Os", "-fcallgraph-info=su", "-c", "a.c"], cwd=tmp_path, check=True)
    ci_files = [tmp_path / "a.ci"]
    with pytest.raises(InputError, match=r"a\.c:helper -> outside calls"):
        worst_stack(ci_files, "a.c:helper")
    helper = worst_stack(ci_files, "a.c:helper", {"outside": 1000})
    assert 1200 <= helper < 1280
    # Arm divides by a call, which no line of the source makes.
    entry = worst_stack(ci_files, "entry", {"outside": 1000, "__aeabi_idiv": 2000})
    least = helper if compiler == "gcc" else 2000
    assert least < entry < least + 64
