"""What is mutated, and the tests that ought to notice: the quick ones, the quickest first."""

from typing import NamedTuple

_PROOFS = "tests/proofs/test_proofs.py"
_LOCK = "libs/lock/tests"
_DEVICE = "libs/device/tests"
_C_LOCK = (
    f"{_LOCK}/test_both_locks.py",
    f"{_PROOFS}::test_waits[CLock]",
    f"{_PROOFS}::test_storage_faults_in_c",
    f"{_PROOFS}::test_exploration",
    f"{_PROOFS}::test_power_cut_in_c",
    "tests/parity/test_lock.py",
)
_PYTHON_LOCK = (
    _LOCK,
    f"{_PROOFS}::test_waits[Lock]",
    f"{_PROOFS}::test_storage_faults_in_python",
    f"{_PROOFS}::test_power_cut_in_python",
    "tests/parity/test_lock.py::test_which_of_two_records_is_the_newer_one",
)


class Target(NamedTuple):
    """A file and its tests.

    Attributes:
        path: the file's.
        tests: words for pytest.
    """

    path: str
    tests: tuple[str, ...]


def _c(room: str, name: str, *tests: str) -> Target:
    return Target(f"libs/{room}/src/inkpin/{room}/c/ink_{name}.c", ("-k", "not Python", *tests))


def _python(room: str, name: str, *tests: str) -> Target:
    return Target(f"libs/{room}/src/inkpin/{room}/{name}.py", tests)


TARGETS = {
    "lock.c": _c("lock", "lock", *_C_LOCK),
    "record.c": _c("lock", "record", *_C_LOCK),
    "flash.c": _c(
        "lock",
        "flash",
        f"{_LOCK}/test_flash.py",
        "tests/parity/test_flash.py",
        f"{_PROOFS}::test_chip[CLock-CFlashSlots]",
    ),
    "log.c": _c(
        "lock",
        "log",
        "tests/parity/test_log.py",
    ),
    "wire.c": _c(
        "device",
        "wire",
        f"{_DEVICE}/test_wire.py",
        f"{_DEVICE}/test_commands.py",
        f"{_DEVICE}/test_link.py",
    ),
    "settings.c": _c(
        "device", "settings", f"{_DEVICE}/test_settings.py", f"{_DEVICE}/test_commands.py"
    ),
    "touch.c": _c("device", "touch", f"{_DEVICE}/test_touch.py", f"{_DEVICE}/test_calibration.py"),
    "panel.c": _c(
        "screen",
        "panel",
        f"{_PROOFS}::test_side_by_side",
        "tests/parity/test_screen.py",
        f"{_DEVICE}/test_touch.py",
        f"{_DEVICE}/test_feedback.py",
        f"{_DEVICE}/test_commands.py",
    ),
    "preprocess.c": _c("preprocess", "preprocess", "tests/parity/test_preprocess.py"),
    "lock.py": _python("lock", "lock", *_PYTHON_LOCK),
    "record.py": _python("lock", "record", *_PYTHON_LOCK),
    "flash.py": _python(
        "lock", "flash", f"{_LOCK}/test_flash.py", f"{_PROOFS}::test_chip[Lock-FlashSlots]"
    ),
    "log.py": _python("lock", "log", f"{_LOCK}/test_log.py", "tests/parity/test_log.py"),
    "wire.py": _python("device", "wire", f"{_DEVICE}/test_wire.py", f"{_DEVICE}/test_link.py"),
    "panel.py": _python(
        "screen",
        "panel",
        "libs/screen/tests/test_panel.py",
        "libs/screen/tests/test_view.py",
        "libs/screen/tests/test_every_state.py",
        f"{_PROOFS}::test_side_by_side",
        "tests/parity/test_screen.py",
    ),
    "raster.py": _python(
        "preprocess", "raster", "libs/preprocess/tests", "tests/parity/test_preprocess.py"
    ),
}
