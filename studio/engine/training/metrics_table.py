"""`MetricsTable`: a run's metrics.csv as it grows, read by whoever watches it. Free of torch."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import BinaryIO

_PIECE = 4 * 2**20  # bytes that one look reads
_MOST_LINES = 200_000  # that are kept; a run writes about a thousand
_TAIL = 200  # bytes before the last line that was read, by which the table is known again


class MetricsTable:
    """A table may be half written, and begins anew where its run goes on from an earlier step.
    Lines that are none are left out.

    rows: its lines, by column, without what is empty.
    measure: of its figures, such as "bits_per_dim"; "" until it is known.
    begun: how often it began anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self.begun = 0
        self._clear()

    def _clear(self) -> None:
        self._read_to, self._tail = 0, b""
        self._names: list[str] = []
        self.measure = ""
        self.rows: list[dict[str, float]] = []

    def refresh(self) -> bool:
        """Read what is new; whether there was anything."""
        before = self.begun, self._read_to
        try:
            with self._path.open("rb") as file:
                whole = self._new_lines(file)
        except OSError:
            whole = b""
            self._stamp = None
            if self._read_to:
                self._begin_anew()
        self._read_to += len(whole)
        self._tail = (self._tail + whole)[-_TAIL:]
        for line in whole.decode("utf-8", "replace").splitlines():
            self._take(line)
        return before != (self.begun, self._read_to)

    def _new_lines(self, file: BinaryIO) -> bytes:
        """The whole lines that were not read yet, but for what is too much at once."""
        found = os.fstat(file.fileno())
        stamp = found.st_mtime_ns, found.st_size, found.st_ino
        if stamp == self._stamp and found.st_size == self._read_to:
            return b""
        replaced = self._stamp is not None and stamp[2] != self._stamp[2]
        self._stamp = stamp
        if self._read_to and (replaced or not self._goes_on(file)):
            self._begin_anew()
        file.seek(self._read_to)
        piece = file.read(_PIECE)
        # no line is as long as a piece
        return piece[: piece.rfind(b"\n") + 1] or (piece if len(piece) == _PIECE else b"")

    def _goes_on(self, file: BinaryIO) -> bool:
        """Whether what was read is still there, as far as its last lines tell."""
        file.seek(self._read_to - len(self._tail))
        return file.read(len(self._tail)) == self._tail

    def _begin_anew(self) -> None:
        self.begun += 1
        self._clear()

    def _take(self, line: str) -> None:
        fields = line.strip().split(",")
        if fields[0] == "step":
            # before there was a validation part, a part of the test data was used instead
            self._names = [name.replace("watched_", "val_") for name in fields]
            measures = (name.removeprefix("train_") for name in fields if name[:6] == "train_")
            self.measure = next(measures, "")
            return
        if len(fields) != len(self._names) or len(self.rows) >= _MOST_LINES:
            return
        cells = zip(self._names, fields, strict=True)
        try:
            row = {name: float(text) for name, text in cells if text}
        except ValueError:
            return
        if "step" in row and all(map(math.isfinite, row.values())):
            self.rows.append(row)
