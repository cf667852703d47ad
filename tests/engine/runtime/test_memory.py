"""What needs more memory than there is gets a sentence, and the C library is asked to keep what is
freed, where it is one that can be asked."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from studio.engine.runtime import memory
from studio.engine.runtime.memory import (
    give_back_all,
    keep_few_kernels,
    keep_freed_memory,
    let_freed_memory_go,
    share_heaps,
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """What glibc was asked: values by the numbers of its settings, see mallopt(3)."""
    found: dict[int, int] = {}
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=found.__setitem__))
    monkeypatch.setattr(sys, "platform", "linux")
    return found


def test_large_blocks_come_from_the_heap_and_nothing_is_given_back(asked: dict[int, int]) -> None:
    keep_freed_memory()
    mmap_threshold, trim_threshold = asked[-3], asked[-1]
    assert mmap_threshold >= 1 << 30
    assert trim_threshold >= mmap_threshold


def test_afterwards_large_blocks_are_given_back_as_soon_as_they_are_freed(
    asked: dict[int, int],
) -> None:
    keep_freed_memory()
    let_freed_memory_go()
    mmap_threshold, trim_threshold = asked[-3], asked[-1]
    assert mmap_threshold <= 1 << 25
    assert trim_threshold <= 1 << 26


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc, and Linux what it holds")
def test_what_was_kept_is_given_back_afterwards() -> None:
    """In a process of its own: what glibc is asked holds for all of it."""
    code = """
import psutil, torch
from studio.engine.runtime.memory import (
    keep_freed_memory,
    let_freed_memory_go,
    share_heaps,
)
held = lambda: psutil.Process().memory_info().rss >> 20
keep_freed_memory()
tensors = [torch.ones(1 << 18) for _ in range(300)]
last = torch.ones(1 << 18)
with_them = held()
del tensors
kept = held()
let_freed_memory_go()
print(with_them, kept, held())
"""
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with_them, kept, afterwards = map(int, found.split())
    assert kept > with_them - 50
    assert afterwards < with_them - 250


@pytest.mark.skipif(sys.platform != "linux", reason="asks a library by its name there")
def test_what_threads_pack_their_matrices_into_is_given_back() -> None:
    """In a process of its own, in which no other thread multiplies anything."""
    code = """
import ctypes, pathlib, threading, torch
from studio.engine.runtime.memory import give_back

library = ctypes.CDLL(str(pathlib.Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
if hasattr(library, "mkl_serv_mem_stat"):
    library.mkl_serv_mem_stat.restype = ctypes.c_int64
    torch.set_num_threads(1)
    done, over = threading.Semaphore(0), threading.Event()

    def multiply():
        torch.bmm(torch.ones(8, 256, 256), torch.ones(8, 256, 256))
        done.release()
        over.wait()

    threads = [threading.Thread(target=multiply) for _ in range(3)]
    for thread in threads:
        thread.start()
        done.acquire()
    before = library.mkl_serv_mem_stat(ctypes.byref(ctypes.c_int()))
    give_back()
    after = library.mkl_serv_mem_stat(ctypes.byref(ctypes.c_int()))
    over.set()
    print(before, after)
"""
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=100
    ).stdout
    if printed:  # there is one
        before, after = map(int, printed.split())
        assert before > 3 * 2**20
        assert after == 0


def test_what_a_training_keeps_is_left_to_it_between_two_long_steps(asked: dict[int, int]) -> None:
    keep_freed_memory()
    before = dict(asked)
    give_back_all()
    assert asked == before
    let_freed_memory_go()
    assert asked != before


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc, and Linux what it holds")
def test_the_free_end_of_every_heap_is_given_back() -> None:
    """In a process of its own: the heap of a thread that lives on ends in 50 MB that were freed."""
    code = """
import ctypes, threading, psutil
from studio.engine.runtime.memory import give_back_all, share_heaps

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
held = lambda: psutil.Process().memory_info().rss >> 20
share_heaps()
give_back_all()  # large blocks come from the heaps from now on
met, over = threading.Barrier(3), threading.Event()

def work():
    first = library.malloc(100)
    met.wait()  # so that the two threads have two heaps
    blocks = [library.malloc(1 << 20) for _ in range(50)]
    for block in blocks:
        ctypes.memset(block, 1, 1 << 20)
    met.wait()
    met.wait()
    for block in blocks:
        library.free(block)
    met.wait()
    over.wait()

before = held()
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
met.wait()
met.wait()
there = held()
met.wait()
met.wait()
give_back_all()
print(before, there, held())
over.set()
"""
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout
    before, there, afterwards = map(int, found.split())
    assert there > before + 95
    assert afterwards < before + 10


def test_threads_share_few_heaps(asked: dict[int, int]) -> None:
    share_heaps()
    assert asked == {-8: 2}


@pytest.mark.parametrize(("before", "after"), [(None, 192), (50, 50)])
def test_few_compiled_kernels_are_kept_unless_the_person_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, before: int | None, after: int
) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, str(before))  # so that it is taken back in any case
    if before is None:
        monkeypatch.delenv(name)
    keep_few_kernels()
    assert os.environ[name] == str(after)


def test_on_another_system_nothing_is_asked(
    asked: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    keep_freed_memory()
    give_back_all()
    assert not asked


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    keep_freed_memory()


def test_what_fits_into_memory_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 100)
    memory.require(100, "This")


def test_what_does_not_fit_is_refused_with_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 24_000_000_000)
    with pytest.raises(memory.TooLargeError) as refused:
        memory.require(31.2e9, "This picture", advice="Choose a smaller one.")
    assert str(refused.value) == (
        "This picture would take about 31 GB; 24 GB of memory are free. Choose a smaller one."
    )


def test_a_share_of_what_is_free_may_be_all_that_one_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "free", lambda device="cpu": 10e9)
    memory.require(4e9, "This grid", share=0.4)
    with pytest.raises(memory.TooLargeError, match=r"10 GB of memory are free. It may have 40%"):
        memory.require(4.1e9, "This grid", share=0.4)
    with pytest.raises(memory.TooLargeError, match=r"10 GB of memory are free.$"):
        memory.require(11e9, "This grid", share=0.4)


@pytest.mark.parametrize("device", ["cpu", "cuda:1"])
def test_what_is_held_on_to_for_later_is_given_back_before_anything_is_refused(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    there = {device: 1}
    monkeypatch.setattr(memory, "free", lambda device: there[device])
    monkeypatch.setattr(memory, "give_back", lambda device: there.update({device: 11}))
    memory.require(10, "This", device)


def test_some_memory_is_free_and_not_more_than_there_is() -> None:
    assert 0 < memory.free() <= psutil.virtual_memory().total


def test_a_container_has_no_more_than_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "max").write_text("5000\n")
    (tmp_path / "used").write_text("2000\n")
    monkeypatch.setattr(memory, "_LIMITS", ((str(tmp_path / "max"), str(tmp_path / "used")),))
    assert memory.free() == 3000


@pytest.mark.parametrize(
    ("size", "words"), [(3.12e10, "31 GB"), (1.5e9, "1.5 GB"), (2e6, "2.0 MB"), (4e15, "4,000 TB")]
)
def test_sizes_are_said_as_a_person_would(size: float, words: str) -> None:
    assert memory.in_words(size) == words
