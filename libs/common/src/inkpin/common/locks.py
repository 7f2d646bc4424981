"""Files that one program at a time may hold."""

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30  # far behind the end: Windows lets nobody read a locked byte

    def hold(file: IO[bytes]) -> None:
        """Hold a file against every other program that holds it; the system lets go of it.

        Raises:
            OSError: another one holds it.
        """
        place = file.tell()
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(place)

else:
    import fcntl

    def hold(file: IO[bytes]) -> None:
        """Hold a file against every other program that holds it; the system lets go of it.

        Raises:
            OSError: another one holds it.
        """
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
