"""The receptive field of the pixel under the pointer, in every scene of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.scenes.references import reference_to
from studio.gui.picture.grid_cell import GridCell
from studio.gui.picture.grid_page import GridPage
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, open_window, until
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def two_models(qtbot: QtBot, window: MainWindow, folder: Path) -> GridPage:
    """A comparison of a model with a short reach and one that sees all that is earlier."""
    other = tiny_checkpoint(folder, "made")
    window.session.scenes.besides = lambda: [other]
    at_rest(qtbot, window.session)
    scene = window.session.scenes.now()
    assert scene is not None
    window.compare_scenes([scene, replace(scene, model=reference_to(other))])
    page = window.grid_page
    until(
        qtbot,
        lambda: (
            (latest := page.drawing.latest) is not None
            and len(latest.cells) == 2
            and latest.finished
            and not latest.playing
        ),
    )
    return page


def point_at(cell: GridCell, row: int, column: int) -> None:
    place = cell.view._layout.sites(0, (row, column), (row, column)).center()
    QTest.mouseMove(cell, cell.view.mapTo(cell, place))


def seen(cell: GridCell) -> np.ndarray:
    assert cell.view.layer is not None
    return np.isfinite(cell.view.layer.answer.maps[0].values).ravel()


def about(page: GridPage, site: int) -> bool:
    """Whether all scenes show what is seen at a pixel."""
    layers = [cell.view.layer for cell in page.cells]
    return all(layer is not None and layer.answer.site == site for layer in layers)


def test_a_pixel_of_one_scene_is_shown_in_all_as_each_model_sees_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = two_models(qtbot, window, tmp_path)
    click(page.field.button)
    point_at(page.cells[1], 4, 3)
    site = 4 * SIZE + 3
    until(qtbot, lambda: about(page, site) and page.field.resting)
    for cell, name in zip(page.cells, ("pixelcnn", "made"), strict=True):
        model = checkpoints.load(tmp_path / f"tiny-{name}.safetensors")
        assert isinstance(model, AutoregressiveModel)
        assert np.array_equal(seen(cell), model.dependencies()[site].numpy())
        assert cell.below.text.startswith("It sees")

    point_at(page.cells[0], 6, 5)  # again, wherever the pointer goes
    until(qtbot, lambda: about(page, 6 * SIZE + 5))

    click(page.field.button)
    assert [cell.view.layer for cell in page.cells] == [None, None]
    assert "bits" in page.cells[0].below.text


def test_a_slider_takes_it_layer_by_layer(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = two_models(qtbot, window, tmp_path)
    click(page.field.button)
    point_at(page.cells[0], 6, 4)
    until(qtbot, lambda: about(page, 6 * SIZE + 4) and page.field.slider.isVisible())
    whole = seen(page.cells[0])
    page.field.slider.setValue(1)
    until(qtbot, lambda: page.field.resting)
    first = seen(page.cells[0])
    assert first.sum() < whole.sum()


def test_nobody_asks_when_another_page_is_seen(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = two_models(qtbot, window, tmp_path)
    click(page.field.button)
    until(qtbot, lambda: page.field.resting and page.cells[0].view.layer is not None)
    window.show_stage()
    assert page.field._asking is None
