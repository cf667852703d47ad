"""A model that is nothing but one short file draws in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import models
from studio.engine import checkpoints
from tests import example_model
from tests.gui.windows import at_rest, click, open_window, until
from tests.tiny import SIZE


@pytest.fixture
def checkpoint(own_models: None, tmp_path: Path) -> Path:
    models.register(*example_model.VARIANTS)
    model = models.build("nade", shape=(1, SIZE, SIZE), hidden=16)
    checkpoints.save(model, path := tmp_path / "nade.safetensors")
    return path


def test_it_draws_a_whole_picture(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        session = window.session
        click(window.drawing_page.transport.play)
        until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE**2)
        at_rest(qtbot, session)
        assert session.latest is not None
        assert set(session.latest.values.flatten().tolist()) == {0, 1}
