"""Who runs when several processes share the tests: any number of tests at once, or one that has the
machine to itself.

A test that measures time would otherwise measure what the other processes leave it of the machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class Turns:
    """The turns of one process; all that take turns with one another name the same folder.

    Who waits to be alone holds the gate, so that nobody slips past while the others finish. A
    process that is killed lets go of both files. On Windows nobody waits.
    """

    def __init__(self, folder: Path) -> None:
        self._gate, self._room = ((folder / name).open("w") for name in ("gate", "room"))

    def take(self, alone: bool = False) -> None:
        """Wait for a turn. One that is held is given back first: two may ask to be alone."""
        self.give_back()
        if sys.platform != "win32":
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def give_back(self) -> None:
        if sys.platform != "win32":
            fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        self._gate.close()
        self._room.close()
