"""The deepest stack of a program, from the files that gcc's -fcallgraph-info=su writes.

Works for any target: each .ci file (a graph in VCG's text form) gives, for one object file, the
frame of every function and the calls it makes, those into the compiler's support library included.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from inkpin.common import InputError

_NODE = re.compile(r'^node: \{ title: "(?P<name>[^"]+)" label: "(?P<label>[^"]*)"')
_EDGE = re.compile(
    r'^edge: \{ sourcename: "(?P<caller>[^"]+)" targetname: "(?P<callee>[^"]+)"(?P<place> label:)?'
)
_FRAME = re.compile(r"\\n(?P<bytes>\d+) bytes \((?P<kind>[^)]+)\)")

INDIRECT = "__indirect_call"
"""gcc's name for whatever is called through a pointer."""


def _parse(
    ci_files: Iterable[Path], unnamed: str | None
) -> tuple[dict[str, int], dict[str, set[str]], set[str]]:
    """Return {function: bytes of its frame}, {function: those it calls}, unbounded frames."""
    frames: dict[str, int] = {}
    calls: defaultdict[str, set[str]] = defaultdict(set)
    unbounded = set()
    for path in ci_files:
        for line in path.read_text(encoding="utf-8").splitlines():
            if edge := _EDGE.match(line):
                nameless = edge["callee"] == INDIRECT and not edge["place"]
                calls[edge["caller"]].add(unnamed if nameless and unnamed else edge["callee"])
            elif (node := _NODE.match(line)) and (frame := _FRAME.search(node["label"])):
                # A name that two files have, such as an inline function's: the larger holds.
                name = node["name"]
                frames[name] = max(int(frame["bytes"]), frames.get(name, 0))
                if frame["kind"] not in ("static", "dynamic,bounded"):
                    unbounded.add(name)
    return frames, calls, unbounded


def worst_stack(
    ci_files: Iterable[Path],
    entry: str,
    known: Mapping[str, int] = MappingProxyType({}),
    pointee: str | None = None,
    unnamed: str | None = None,
) -> int:
    """Return the bytes of stack that `entry` and all it calls take on the deepest path.

    Args:
        ci_files: those of every object file that may be reached.
        entry: the function's name in C; of a static function "file.c:name".
        known: {function: bytes} for functions without a .ci file, such as a library's, or
            instead of what the .ci files say; under INDIRECT, for all that is called through
            pointers.
        pointee: the one function that is called through pointers, if there is one.
        unnamed: the one function that gcc calls on its own and takes for a pointer's, if there is
            one: such calls have no place in a source.

    Raises:
        InputError: there is no number: the entry or a called function is unknown, a path
            calls itself or through a pointer, or a frame has no bound. The message names the path.
    """
    frames, calls, unbounded = _parse(ci_files, unnamed)
    depths: dict[str, int] = dict(known)

    def depth(name: str, path: tuple[str, ...]) -> int:
        if name in depths:
            return depths[name]
        here = (*path, name)
        trouble = None
        if name == INDIRECT and pointee:
            return depth(pointee, path)
        if name == INDIRECT:
            trouble = "calls through a pointer"
        elif name in path:
            trouble = "is recursive"
        elif name not in frames:
            trouble = "calls a function whose frame is not known" if path else "is not known"
        elif name in unbounded:
            trouble = "has a frame without bound"
        if trouble:
            chain = " -> ".join(part for part in here if part != INDIRECT)
            raise InputError(f"the stack of {entry} has no known bound: {chain} {trouble}")
        deepest = max((depth(callee, here) for callee in sorted(calls[name])), default=0)
        depths[name] = frames[name] + deepest
        return depths[name]

    return depth(entry, ())
