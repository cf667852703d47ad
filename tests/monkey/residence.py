"""What the memory of this process is: what is allocated of it, and what is pages of files."""

from __future__ import annotations

import ctypes
import re
import sys
from collections import Counter
from pathlib import Path

_MAP = re.compile(r"[0-9a-f]+-[0-9a-f]+ (\S+) \S+ \S+ \S+\s*(.*)")
_MAPS = Path("/proc/self/smaps")


class _Info(ctypes.Structure):
    """glibc's mallinfo2."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def residence() -> dict[str, float]:
    """Megabytes by what they are: pages that are resident, of five kinds; and of the heaps, what is
    "allocated" and what the C library keeps "free", resident or not."""
    found: Counter[str] = Counter()
    kind = ""
    for line in _MAPS.read_text().splitlines():
        if (begins := _MAP.fullmatch(line)) is not None:
            kind = _kind(*begins.groups())
        elif line.startswith("Rss:"):
            found[kind] += int(line.split()[1])
    said = {name: size / 1024 for name, size in sorted(found.items())}
    try:
        read = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return said
    read.restype = _Info
    info = read()
    said["allocated"] = (info.uordblks + info.hblkhd) / 2**20
    said["free"] = info.fordblks / 2**20
    said["Python's blocks, thousands"] = sys.getallocatedblocks() / 1000
    return said


def _kind(rights: str, name: str) -> str:
    if name.startswith(("/memfd:", "/SYSV")):
        return "shared with the display"
    if name.startswith("/"):
        return "files"
    if name == "[heap]":
        return "first heap"
    return "code made here" if "x" in rights else "other"


def in_words(rests: list[dict[str, float]]) -> str:
    """What was what, at each of several times."""
    kinds = dict.fromkeys(kind for rest in rests for kind in rest)
    return "; ".join(
        f"{kind} {', '.join(f'{rest.get(kind, 0.0):.1f}' for rest in rests)}" for kind in kinds
    )
