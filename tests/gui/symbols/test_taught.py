"""The whole way from a first stroke to a model that draws what was drawn, under the real pointer:
with a tiny model in seconds, and with the shipped one in the two minutes that it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

from models.interface import Classes
from studio.engine.data import drawings
from studio.engine.generation.snapshot import Snapshot
from studio.engine.scenes.kept_session import alike
from studio.engine.training import own_symbols, training_job
from studio.engine.training.own_symbols import Base
from studio.engine.training.training_job import TrainingJob
from studio.gui.shell.kept_window import kept
from studio.gui.shell.main_window import MainWindow
from studio.gui.symbols.pane import SymbolsPane
from tests.drawn_symbols import picture, strokes
from tests.gui.windows import click, draw, open_window, press, until
from tests.symbol_judge import trained_judge
from tests.thorough import thorough_only
from tests.tiny import SIZE, tiny_checkpoint

MINUTES = 2.0


@pytest.fixture
def window(qtbot: QtBot, user_data_folder: Path, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.symbols.show()
        yield window


def wait(qtbot: QtBot, so: Callable[[], bool]) -> None:
    """For a training, and on a machine that does other things too."""
    qtbot.waitUntil(so, timeout=7_200_000)


def teach(qtbot: QtBot, window: MainWindow) -> None:
    """Press the button, and wait until the model has learnt."""
    pane = window.symbols.pane
    until(qtbot, pane.learning.teach.isEnabled)
    click(pane.learning.teach)
    wait(qtbot, lambda: window.training.running)
    wait(qtbot, lambda: not window.training.running)


def press_enter(qtbot: QtBot, pane: SymbolsPane) -> None:
    """And wait until what is drawn has been kept."""
    until(qtbot, lambda: not pane.area.blank)
    press("Return")
    until(qtbot, lambda: pane.area.blank)


def draw_them(qtbot: QtBot, window: MainWindow) -> Snapshot:
    """Press the button, and wait until the pictures are there."""
    pane = window.symbols.pane
    session, taught = window.session, pane.learning.taught
    click(pane.learning.draw_them)
    wait(qtbot, lambda: session.checkpoint == taught and session.latest is not None)
    return finished(qtbot, window)


def finished(qtbot: QtBot, window: MainWindow) -> Snapshot:
    """As many pictures as are asked for now, whole."""
    session = window.session
    wait(qtbot, lambda: session.latest.count == session.options.count)
    window.finish()
    wait(qtbot, lambda: session.latest.position == session.latest.length)
    assert isinstance(session.latest, Snapshot)
    return session.latest


def classes(window: MainWindow) -> tuple[str, ...]:
    """What the model in use can be asked for."""
    assert window.session.model is not None
    conditioning = window.session.model.conditioning
    assert isinstance(conditioning, Classes)
    return conditioning.names


@pytest.fixture
def tiny_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    monkeypatch.setattr(own_symbols, "bases", lambda: [Base(str(base), "squares", (SIZE, SIZE))])
    monkeypatch.setattr(drawings, "LEAST", 2)


def test_what_is_drawn_with_the_mouse_is_taught_and_drawn_under_its_name(
    tiny_base: None, qtbot: QtBot, window: MainWindow
) -> None:
    pane = window.symbols.pane
    until(qtbot, lambda: pane.area.space == (SIZE, SIZE))
    pane.learning.minutes.setDecimals(3)
    pane.learning.minutes.setMinimum(0.001)
    pane.learning.minutes.setValue(0.003)
    for column in (2, 4):
        draw(pane.area, (1, column), (6, column))
        press_enter(qtbot, pane)
    click(pane.another)
    until(qtbot, lambda: len(pane.rows.rows) == 2)
    press("ctrl+a")
    qtbot.keyClicks(pane.rows.rows[1].name, "bar")
    press("Return")
    for row in (2, 5):
        draw(pane.area, (row, 1), (row, 6))
        click(pane.keep)
        until(qtbot, lambda: pane.area.blank)
    assert pane.book.drawings.names == ("symbol 1", "bar")
    assert [*map(len, pane.book.drawings.pictures)] == [2, 2]
    assert alike(kept(window).drawings, pane.kept)  # what a crash does not cost
    until(qtbot, lambda: len(pane.learning.seen.pictures) > 0)
    teach(qtbot, window)
    until(qtbot, lambda: len(pane.learning.drawn.pictures) > 0)
    shown = draw_them(qtbot, window)
    assert classes(window) == ("symbol 1", "bar")
    assert window.session.options.condition == 0
    assert shown.count > 1
    assert not pane.learning._asking


def draw_examples(qtbot: QtBot, pane: SymbolsPane, symbol: str, count: int) -> None:
    """With the mouse, as a person does, no two alike."""
    random = np.random.default_rng(7)
    for _ in range(count):
        lines = strokes(symbol, random)
        for start, end in chain.from_iterable(map(pairwise, lines)):
            draw(pane.area, start, end)
        expected = picture(lines)
        until(qtbot, lambda: np.array_equal(pane.area.sketch, expected))  # noqa: B023
        press_enter(qtbot, pane)


@thorough_only
@pytest.mark.timeout(0)
def test_a_new_symbol_is_recognised_after_two_minutes(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbol = "triangle"
    # minutes of one processor, however many share it with other programs
    by_processor = partial(TrainingJob, clock=time.process_time)
    monkeypatch.setattr(training_job, "TrainingJob", by_processor)
    judge = trained_judge(symbol)
    assert judge.found > 0.97
    assert judge.mistaken < 0.02
    pane = window.symbols.pane
    until(qtbot, lambda: pane.learning.base.count() > 0)
    draw_examples(qtbot, pane, symbol, 30)
    assert pane.book.drawings.count == 30
    pane.learning.minutes.setValue(MINUTES)
    teach(qtbot, window)
    draw_them(qtbot, window)
    window.session.change(count=32, seed=1)
    values = finished(qtbot, window).values
    share = judge.share(torch.from_numpy(values.copy()))
    print(f"{share:.0%} of 32 samples are a {symbol} to the judge")
    assert share >= 0.6
    assert classes(window) == ("symbol 1",)
