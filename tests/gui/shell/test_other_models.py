"""A vocoder and a reconstructor that no file of the studio knows are trained,
seen and heard in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import models
from studio.gui.inspector.reconstruction_panel import ReconstructionPanel
from studio.gui.shell.main_window import MainWindow
from tests import toy_models
from tests.gui.sound_server import SoundServer, choose
from tests.gui.windows import at_rest, click, draw, open_window, press, until
from tests.thorough import thorough_only
from tests.tiny import SIZE, tiny_checkpoint, tiny_data, tiny_sounds


@pytest.fixture
def window(
    own_models: None,
    user_data_folder: Path,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    # without a stepper of its own a model makes sound so slowly that a little has to do
    monkeypatch.setattr("studio.engine.training.epoch_samples.SECONDS", 0.05)
    monkeypatch.setattr("studio.engine.scoring.sound_scoring._REMADE", 0.05)
    models.register(*toy_models.VARIANTS)
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def train(qtbot: QtBot, window: MainWindow, name: str, data: Path) -> None:
    """Train a model in the window, and open what came of it."""
    press("ctrl+t")
    training = window.training
    until(qtbot, lambda: training.form.choices is not None and training.form.isVisible())
    training.form.choose(name)
    training.form.fields["data"].setText(str(data))
    click(training.start)
    until(qtbot, lambda: training.running)
    until(qtbot, lambda: not training.running)
    assert training.live is not None
    assert training.live.standing.text().startswith(f'"{name}-')
    assert " is trained: " in training.live.standing.text()
    assert training.live.strip.count() == 2, "it was seen after each epoch"
    click(training.live.open)
    session = window.session
    until(qtbot, lambda: session.model is not None and session.model.name == name)
    until(qtbot, lambda: session.latest is not None)


@thorough_only
def test_a_vocoder_is_trained_and_says_what_is_painted(
    qtbot: QtBot, window: MainWindow, sound: SoundServer, speaker: str, tmp_path: Path
) -> None:
    train(qtbot, window, "toy-vocoder", tiny_sounds(tmp_path, count=6, seconds=0.3))
    page = window.sound_page
    assert page.isVisible()
    assert page.editor.isVisible()
    assert window.inspector.drawing.title() == "Sound"
    choose(qtbot, page.output, speaker)
    press("space")
    assert page.editor.frames is not None
    length = 10 * len(page.editor.frames)  # samples: a frame has 10
    until(qtbot, lambda: page.timeline.length == length)
    until(qtbot, lambda: page.timeline.playhead > 0)
    until(qtbot, lambda: not window.session.polling)


def test_a_reconstructor_is_trained_and_gives_back_what_is_painted(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    train(qtbot, window, "toy-blur", tiny_data(tmp_path))
    page, session = window.drawing_page, window.session
    assert page.isVisible()
    (panel,) = window.inspector.findChildren(ReconstructionPanel)
    assert panel.isVisible()
    assert not window.inspector.drawing.isVisible()
    page.tools.size_box.setValue(3)
    draw(page.stage, (1, 1), (SIZE - 2, SIZE - 2))
    until(qtbot, lambda: bool(session.latest.values[0].any()))
    at_rest(qtbot, session)
    assert page.stage.count == 2, "what it was shown, and what it made of it"
    assert panel.right.text().endswith("of the pixels right")
    assert panel.why.text() == toy_models.Blur.why
