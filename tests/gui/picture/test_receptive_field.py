"""The receptive field on the stage, of the pixel under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.insights import Answer, insights
from studio.engine.insights.question import Map
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.insight_layer import InsightLayer
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme
from studio.gui.widgets.controls import Slider
from tests.gui.windows import at_rest, open_window, until
from tests.tiny import SIZE, tiny_checkpoint

FIELD = insights()["receptive-field"]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.show_stage()
        at_rest(qtbot, window.session)
        window.drawing_page.stage.set_overlay(FIELD.name)
        yield window


def layer(window: MainWindow) -> InsightLayer:
    found = window.drawing_page.stage.layer
    assert found is not None
    return found


def point_at(qtbot: QtBot, window: MainWindow, row: int, column: int) -> None:
    """Wait for what is seen from there."""
    stage = window.drawing_page.stage
    QTest.mouseMove(stage, stage._layout.sites(0, (row, column), (row, column)).center())
    site = row * SIZE + column
    until(qtbot, lambda: stage.layer is not None and stage.layer.answer.site == site)


def choose_layer(window: MainWindow, number: int) -> None:
    slider = window.drawing_page.insight.boxes["Layers"]
    assert isinstance(slider, Slider)
    slider.setValue(number)


def test_it_is_asked_again_wherever_the_pointer_comes(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    model = checkpoints.load(tmp_path / "tiny-pixelcnn.safetensors")
    assert isinstance(model, AutoregressiveModel)
    for row, column in ((4, 3), (6, 5)):
        point_at(qtbot, window, row, column)
        seen = np.isfinite(layer(window).answer.maps[0].values).ravel()
        assert np.array_equal(seen, model.dependencies()[row * SIZE + column].numpy())


def test_the_slider_takes_it_layer_by_layer(window: MainWindow, qtbot: QtBot) -> None:
    point_at(qtbot, window, 6, 4)
    whole = np.isfinite(layer(window).answer.maps[0].values).sum()
    bar = window.drawing_page.insight
    choose_layer(window, 1)
    until(qtbot, lambda: window.session.insight.resting)
    assert np.isfinite(layer(window).answer.maps[0].values).sum() < whole
    assert bar.sentence.text().startswith("It sees 4 of the")


def test_what_is_not_seen_stays_as_it_is_beside_the_colours_light_and_dark(
    window: MainWindow, qtbot: QtBot, qapp: QApplication
) -> None:
    shares = np.full((SIZE, SIZE), np.nan, np.float32)
    shares[2, 2:6] = [0.12, 0.5, 0.75, 1]
    until(qtbot, lambda: window.session.insight.latest is not None)
    latest = window.session.insight.latest
    assert latest is not None
    stage, before = window.drawing_page.stage, qapp.palette()
    stage.show_reply(replace(latest, answer=Answer((Map(shares),), site=3 * SIZE + 4)))
    for look in (theme.Theme.LIGHT, theme.Theme.DARK):
        qapp.setPalette(theme.palette(look))
        try:
            image, outline = stage.grab().toImage(), theme.colour("changed").rgb()
        finally:
            qapp.setPalette(before)
        for column, share in zip(range(2, 6), shares[2, 2:6], strict=True):
            place = stage._layout.sites(0, (2, column), (2, column)).center()
            assert image.pixel(place) == colour_map("viridis")[round(float(share) * 255)]
        assert image.pixel(stage._layout.sites(0, (3, 4), (3, 4)).topLeft()) == outline
        unseen = stage._layout.sites(0, (2, 6), (2, 6)).center()
        assert image.pixel(unseen) not in colour_map("viridis")
