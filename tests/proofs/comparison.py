"""The comparison of secrets takes the same instructions wherever they differ, or if they do not.

Counted on the emulated Xtensa core: alone, and within a whole attempt, where the hash that the PIN
gave is compared with the record's.
"""

from pathlib import Path
from random import Random

from bindings import INCLUDE, LOCK_SOURCES

from inkpin import xtensa
from proofs.tally import Tally

SIZE = 32


def run(tally: Tally, secrets: int) -> None:
    """Compare a number of random secrets with themselves and with others.

    Raises:
        InputError: the toolchain is not there.
    """
    own = Path(__file__).parent / "c" / "compare.c"
    elf = xtensa.build([*LOCK_SOURCES, own], INCLUDE)
    random = Random(4)
    alone: set[int] = set()
    for _ in range(secrets):
        refused: set[int] = set()  # of this secret: the record's CRC costs what its bits cost
        known = random.randbytes(SIZE)
        for what, found in _others(known, random):
            answer = b"=" if found == known else b"/"
            with tally.case(f"{known.hex()} and {what}: alone"):
                request = b"\0" + known + found
                assert xtensa.run(elf, request) == answer, "a wrong answer"
                alone.add(xtensa.count(elf, request)["ink_lock_equal"])
                assert len(alone) == 1, f"instructions: {sorted(alone)}"
            if found == known:
                continue
            with tally.case(f"{known.hex()} and {what}: an attempt"):
                request = b"\1" + known + found
                assert xtensa.run(elf, request) == answer, "a wrong answer"
                refused.add(sum(xtensa.count(elf, request).values()))
                assert len(refused) == 1, f"instructions: {sorted(refused)}"


def _others(known: bytes, random: Random) -> list[tuple[str, bytes]]:
    def changed(place: int) -> bytes:
        value = known[place] ^ random.randrange(1, 256)
        return known[:place] + bytes([value]) + known[place + 1 :]

    near = [(f"another byte {place}", changed(place)) for place in (0, SIZE - 1, 1, SIZE // 2)]
    return [("itself", known), *near, ("another", random.randbytes(SIZE))]
