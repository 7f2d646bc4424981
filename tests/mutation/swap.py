"""Give functions that are loaded already the code of a changed file."""

import gc
from pathlib import Path
from types import CodeType, FunctionType

_FUNCTION = 1
"""The flag of code that is a function's, not a module's or a class's."""

_Pairs = list[tuple[CodeType, CodeType]]


def _parts(code: CodeType) -> tuple[list[CodeType], object]:
    """Return the code within a module or class, and all else of it."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    consts = [repr(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return inner, (code.co_name, code.co_code, code.co_names, consts)


def changed_functions(old: CodeType, new: CodeType) -> _Pairs | None:
    """Return the functions in which two modules differ, or None where they differ in more."""
    if old == new:
        return []
    if old.co_flags & new.co_flags & _FUNCTION:
        return [(old, new)]
    (inner, rest), (new_inner, new_rest) = _parts(old), _parts(new)
    if rest != new_rest or len(inner) != len(new_inner):
        return None
    found: _Pairs = []
    for pair in zip(inner, new_inner, strict=True):
        functions = changed_functions(*pair)
        if functions is None:
            return None
        found += functions
    return found


def swap(path: Path, old: str, new: str) -> bool:
    """Give the functions of a loaded file their new code.

    Args:
        path: the file that was loaded.
        old: what it held then.
        new: what it is to hold.

    Returns:
        Whether the file differs in functions alone, and all of them were found.
    """
    pairs = changed_functions(compile(old, path, "exec"), compile(new, path, "exec"))
    for before, after in pairs or ():
        found = [
            each
            for each in gc.get_objects()
            if isinstance(each, FunctionType)
            and each.__code__ == before
            and each.__code__.co_filename == str(path)
        ]
        if not found or before.co_freevars != after.co_freevars:
            return False
        for function in found:
            function.__code__ = after
    return bool(pairs)
