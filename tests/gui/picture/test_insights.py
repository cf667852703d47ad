"""Insights in the window: the example of `tests/example_insight.py`, asked of a model under the
pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.insights import Answer, Insight, Question, register
from studio.engine.insights.question import Map
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.insight_layer import InsightLayer
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.controls import Slider
from tests.example_insight import INSIGHT
from tests.gui.windows import at_rest, open_window, until
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(own_insights: None, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    register(INSIGHT)
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.show_stage()
        at_rest(qtbot, window.session)
        yield window


def near(window: MainWindow) -> InsightLayer | None:
    return window.drawing_page.stage.layer


def point_at(window: MainWindow, row: int, column: int) -> None:
    stage = window.drawing_page.stage
    QTest.mouseMove(stage, stage._layout.sites(0, (row, column), (row, column)).center())


def chosen(qtbot: QtBot, window: MainWindow) -> None:
    command = next(one for one in window.actions() if one.text() == "Near pixels")
    command.trigger()
    until(qtbot, lambda: near(window) is not None)


def test_it_is_in_menu_inspector_legend_and_line(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.drawing_page.insight
    assert not bar.isVisible()
    chosen(qtbot, window)
    assert window.inspector.overlay.currentText() == "Near pixels"
    assert [label.text() for label in window.drawing_page.legend._ends] == ["far", "near"]
    assert bar.isVisible()
    assert bar.sentence.text() == "4 pixels are near row 0, column 0."
    window.drawing_page.stage.set_overlay("none")
    assert not bar.isVisible()


def test_it_is_asked_again_of_the_pixel_under_the_pointer(window: MainWindow, qtbot: QtBot) -> None:
    chosen(qtbot, window)
    point_at(window, 3, 2)
    site = 3 * SIZE + 2
    until(qtbot, lambda: (layer := near(window)) is not None and layer.answer.site == site)
    colours = window.drawing_page.stage._colours[0]
    assert colours[3, 2] == colour_map("viridis")[255]
    assert colours[5, 5] not in colour_map("viridis")


def test_what_can_be_chosen_in_it_is_beside_its_words(window: MainWindow, qtbot: QtBot) -> None:
    chosen(qtbot, window)
    slider = window.drawing_page.insight.boxes["Reach"]
    assert isinstance(slider, Slider)
    slider.setValue(2)
    bar = window.drawing_page.insight
    until(qtbot, lambda: bar.sentence.text() == "16 pixels are near row 0, column 0.")


def test_a_scene_brings_it_back_with_what_was_chosen(window: MainWindow, qtbot: QtBot) -> None:
    chosen(qtbot, window)
    stage = window.drawing_page.stage
    stage.set_choice("Reach", 3)
    scene = window.session.scenes.now()
    assert scene is not None
    stage.set_choice("Reach", 0)
    stage.set_overlay("none")
    window.session.scenes.show(scene)
    until(qtbot, lambda: stage.overlay == "near" and stage.choices == {"Reach": 3})


def test_the_slider_follows_what_is_chosen_elsewhere(window: MainWindow, qtbot: QtBot) -> None:
    chosen(qtbot, window)
    stage, bar = window.drawing_page.stage, window.drawing_page.insight
    slider = bar.boxes["Reach"]
    assert isinstance(slider, Slider)
    unchosen = window.session.scenes.now()
    assert unchosen is not None
    stage.set_choice("Reach", 2)
    assert slider.value() == 2
    until(qtbot, lambda: bar.sentence.text() == "16 pixels are near row 0, column 0.")
    scene = window.session.scenes.now()
    assert scene is not None
    slider.setValue(0)
    window.session.scenes.show(scene)
    until(qtbot, lambda: slider.value() == 2)
    window.session.scenes.show(unchosen)
    until(qtbot, lambda: slider.value() == 0)


def test_one_that_is_not_for_the_model_says_why_and_shows_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    register(replace(INSIGHT, refusal=lambda model: "It is not for this model."))
    stage, bar = window.drawing_page.stage, window.drawing_page.insight
    stage.set_overlay("near")
    until(qtbot, lambda: bar.sentence.text() == "It is not for this model.")
    assert near(window) is None


def test_all_that_it_says_is_in_the_pane(window: MainWindow, qtbot: QtBot) -> None:
    shares = np.zeros((SIZE, SIZE), np.float32)

    def say(model: object, question: Question) -> Answer:
        maps = (Map(shares), Map(shares + 1, "Head 1"), Map(shares, "Head 2"))
        return Answer(maps, sentence="Much.", rows=(("row 1, column 2", "8.1 bits"),))

    register(Insight("near", "Near pixels", "It.", "viridis", ("0", "1"), say))
    window.drawing_page.stage.set_overlay("near")
    more = window.drawing_page.insight.more
    until(qtbot, more.isVisible)
    more.click()
    pane = window.insight_pane
    until(qtbot, pane.isVisible)
    until(qtbot, lambda: pane.words.text() == "Much.")
    until(qtbot, lambda: pane.words.height() >= pane.words.heightForWidth(pane.words.width()))
    row = pane.rows.topLevelItem(0)
    assert row is not None
    assert row.text(1) == "8.1 bits"
    assert [pane.maps.item(n).text() for n in range(pane.maps.count())] == ["Head 1", "Head 2"]
    image = pane.maps.item(0).icon().pixmap(pane.maps.iconSize()).toImage()
    assert image.pixelColor(5, 5).rgb() == int(colour_map("viridis")[255])


def test_another_model_is_asked_anew(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    chosen(qtbot, window)
    window.session.load(tiny_checkpoint(tmp_path, "made"))
    until(qtbot, lambda: near(window) is None)
    until(qtbot, lambda: near(window) is not None)


def test_a_model_that_draws_nothing_is_not_asked_and_the_line_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    chosen(qtbot, window)
    bar, session = window.drawing_page.insight, window.session
    session.load(tiny_checkpoint(tmp_path, "autoencoder"))
    until(qtbot, lambda: bar.sentence.text().startswith("This model draws nothing"))
    assert bar.boxes == {}
    session.load(tiny_checkpoint(tmp_path, "made"))
    until(qtbot, lambda: bar.sentence.text() == "4 pixels are near row 0, column 0.")


def test_nothing_is_asked_while_the_stage_is_hidden(window: MainWindow, qtbot: QtBot) -> None:
    chosen(qtbot, window)
    window.pages.setCurrentWidget(window.start_page)
    at_rest(qtbot, window.session)
    until(qtbot, lambda: window.session.insight.resting)
    assert window.session.insight.latest is None
