"""Garbage is collected in the thread of the window, and what was imported is left alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.shell.garbage import GarbageCollection
from tests.gui.windows import until


@pytest.fixture
def collection(qtbot: QtBot) -> Iterator[GarbageCollection]:
    gc.unfreeze()  # what the tests had frozen
    collection = GarbageCollection()
    yield collection
    collection.end()


class Circle:
    """Holds on to itself, and says in which thread it goes."""

    gone_in: list[threading.Thread] = []  # noqa: RUF012 - of all of them

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.gone_in.append(threading.current_thread())


def test_what_a_thread_makes_and_forgets_goes_in_the_thread_of_the_window(
    collection: GarbageCollection, qtbot: QtBot
) -> None:
    until(qtbot, lambda: gc.get_freeze_count() > 0)
    Circle.gone_in.clear()
    thread = threading.Thread(target=lambda: [Circle() for _ in range(5000)])
    thread.start()
    thread.join()
    until(qtbot, lambda: len(Circle.gone_in) == 5000)
    assert set(Circle.gone_in) == {threading.main_thread()}


def test_what_is_imported_is_not_looked_at(collection: GarbageCollection, qtbot: QtBot) -> None:
    until(qtbot, lambda: gc.get_freeze_count() > 10_000)


def test_at_its_end_python_goes_its_own_way_again(
    collection: GarbageCollection, qtbot: QtBot
) -> None:
    assert not gc.isenabled()
    until(qtbot, lambda: gc.get_freeze_count() > 0)
    collection.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
