"""Memory: how much of it is free, a sentence for what would take more, and what the C library is
asked to do with what torch frees."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from pathlib import Path
from typing import Any

from studio.engine.runtime.errors import StudioError

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # glibc's malloc.h
_ARENAS = 2  # heaps that all threads share; by itself glibc makes eight for each processor
_USUAL = (_MMAP_THRESHOLD, 32 << 20), (_TRIM_THRESHOLD, 64 << 20), (_TOP_PAD, 128 << 10)
_BLOCK = 128 << 10  # bytes: freeing so many lets glibc look at the end of a heap
_KERNELS = 192
_keeping = False  # whether `keep_freed_memory` holds
# where Linux keeps the limit of a container and what it has used, in versions 2 and 1
_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


class TooLargeError(StudioError):
    """What would take more than this machine has: an estimate, so the person may go on anyway."""


def free(device: str = "cpu") -> int:
    """Bytes that can still be had on a device, without swapping."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info(device)[0])
    import psutil  # a GPU needs none of it

    available = int(psutil.virtual_memory().available)
    return min([available, *(limit - used for limit, used in map(_limit, _LIMITS) if limit)])


def used() -> int:
    """Bytes that this process has of the machine's memory."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def require(
    size: float, what: str, device: str = "cpu", advice: str = "", share: float = 1.0
) -> None:
    """TooLargeError, with the estimate, where `size` bytes are more than are free on a device.

    what: would take them, the beginning of a sentence: "A picture of this size".
    advice: a sentence of what to do.
    share: of what is free, that it may take.
    """
    if size <= share * free(device):
        return
    give_back(device)
    there = free(device)
    if size > share * there:
        said = f"{what} would take about {in_words(size)}; {in_words(there)} of memory are free."
        if size <= there:
            said += f" It may have {share:.0%} of that: others may not have taken theirs yet."
        raise TooLargeError(f"{said} {advice}".rstrip())


def in_words(size: float) -> str:
    """A number of bytes, such as 31 GB."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.{0 if size >= 9.5 * unit else 1}f} {name}"
    return f"{size / 1e3:.0f} kB"


def give_back(device: str = "cpu") -> None:
    """Give back to the system what the C library and torch's library for matrices hold on to, where
    they can be asked to, or what torch keeps of a GPU's memory for later."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.empty_cache()
        return
    if (loaded := sys.modules.get("torch")) is not None:
        # MKL keeps what each thread packs its matrices into, five megabytes, for its next product
        library = Path(loaded.__file__ or "").with_name("lib") / "libtorch_cpu.so"
        _call("mkl_serv_free_buffers", (), library=str(library))
    _call("malloc_trim", (0,))


def give_back_all() -> None:
    """`give_back`, and besides that the free end of every heap, for a process in which nothing
    works: as long as something does, it would soon want that again.

    The end of a heap that is not the first one is out of reach for `malloc_trim`. glibc looks at it
    when a thread that has this heap frees a large block, and by itself leaves it up to 64 MB.
    """
    if not sys.platform.startswith("linux"):
        return
    if _keeping:  # a training between two long steps
        give_back()
        return
    _call("mallopt", *_USUAL, (_TRIM_THRESHOLD, _BLOCK))
    met = threading.Barrier(_ARENAS)  # each thread takes the heap that fewest have
    threads = [threading.Thread(target=_free_a_block, args=(met,)) for _ in range(_ARENAS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_freed_memory_go()


def _free_a_block(met: threading.Barrier) -> None:
    library: Any = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    block = ctypes.c_void_p(library.malloc(ctypes.c_size_t(_BLOCK)))
    met.wait()
    library.free(block)


def share_heaps() -> None:
    """Let all threads that come share a few heaps. A window has many that come and go, and what one
    frees in a heap of its own is of no use to the others."""
    _call("mallopt", (_ARENA_MAX, _ARENAS))


def keep_few_kernels() -> None:
    """Let torch's library for processors keep fewer of the kernels that it compiles for each layer,
    batch and size; to be called before torch computes. A model in training needs about a hundred.
    By itself it keeps a thousand: after a dozen models that is 120 MB."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(_KERNELS))


def keep_freed_memory() -> None:
    """Let glibc serve large blocks from the heap and hold on to them, with which training on a
    processor is about 15 % faster; does nothing elsewhere. See `let_freed_memory_go`."""
    global _keeping  # noqa: PLW0603 - of the process, as what glibc is asked
    _keeping = True
    _call("mallopt", (_MMAP_THRESHOLD, 1 << 30), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 64 << 20))


def let_freed_memory_go() -> None:
    """The end of `keep_freed_memory`, for a process that goes on: from now on glibc holds on to as
    little as it does at most by itself, and gives back what it kept."""
    global _keeping  # noqa: PLW0603
    _keeping = False
    _call("mallopt", *_USUAL)
    give_back()


def _call(name: str, *calls: tuple[int, ...], library: str | None = None) -> None:
    """Call a function of glibc, or of a library that is loaded already; nothing happens where there
    is another C library, or no such function."""
    if not sys.platform.startswith("linux"):
        return
    try:
        function: Any = getattr(ctypes.CDLL(library), name)
    except (OSError, AttributeError):
        return
    for arguments in calls:
        function(*arguments)


def _limit(files: tuple[str, str]) -> tuple[int, int]:
    """The limit of this container and what is used of it, in bytes; (0, 0) where it has none."""
    try:
        limit, used = (Path(file).read_text().strip() for file in files)
        return (int(limit), int(used)) if limit.isdecimal() and int(limit) < 2**60 else (0, 0)
    except (OSError, ValueError):
        return 0, 0
