"""What insights look like over a picture, light and dark: colours at named places of a small stage,
and no stored picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.insights import Answer, insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import Map, question_of
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.insight_bar import InsightBar
from studio.gui.picture.insight_pane import small_map
from studio.gui.picture.stage import Stage
from studio.gui.widgets import theme
from tests.gui.picture.test_stage import SIDE, corner, moment
from tests.gui.windows import site


@pytest.fixture(params=[Qt.ColorScheme.Light, Qt.ColorScheme.Dark], ids=["light", "dark"])
def stage(request: pytest.FixtureRequest, qapp: QApplication, qtbot: QtBot) -> Iterator[Stage]:
    palette, style = qapp.palette(), qapp.style().name()
    theme.apply(qapp)
    qapp.styleHints().colorSchemeChanged.emit(request.param)
    stage = Stage()
    qtbot.addWidget(stage)
    stage.resize(400, 420)
    stage.show_painting(Painting(1, SIDE, SIDE, 2))
    stage.show()
    qtbot.waitExposed(stage)
    stage.show_snapshot(moment(36))
    yield stage
    stage.close()
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    qapp.setStyle(style)
    qapp.setPalette(palette)


def seen(stage: Stage, name: str, answer: Answer) -> QImage:
    """The stage with an answer of an insight over its picture."""
    stage.set_overlay(name)
    question = question_of(moment(36), 2)
    stage.show_reply(Reply(insights()[name], question, answer))
    return stage.grab().toImage()


def shares(**at: float) -> Map:
    """A map with values at some sites, such as at_2_3, and nothing elsewhere."""
    values = np.full((SIDE, SIDE), np.nan, np.float32)
    for place, value in at.items():
        row, column = map(int, place.split("_")[1:])
        values[row, column] = value
    return Map(values)


def of_map(name: str, share: float) -> QColor:
    return QColor.fromRgba(int(colour_map(name)[round(255 * share)]))


def edge(stage: Stage, row: int, column: int) -> QPoint:
    """On the outline of a site, at the middle of its left edge."""
    zoom = stage.picture_rect(0).width() // SIDE
    return site(stage, row, column) - QPoint(zoom // 2, 0)


def test_surprise_is_magma_with_the_listed_pixels_outlined(stage: Stage) -> None:
    marked = np.array([2 * SIDE + 3])
    image = seen(stage, "surprise", Answer(maps=(shares(at_2_3=1.0, at_4_4=0.2),), marked=marked))
    assert image.pixelColor(corner(stage, 2, 3)) == of_map("magma", 1.0)
    assert image.pixelColor(corner(stage, 4, 4)) == of_map("magma", 0.2)
    assert image.pixelColor(edge(stage, 2, 3)) == theme.colour("accent")
    assert image.pixelColor(corner(stage, 0, 1)).lightness() == 255, "nothing is said of it"


def test_no_difference_is_the_middle_of_the_counterfactual_colours(stage: Stage) -> None:
    map_ = shares(at_3_0=0.5, at_3_1=0.0, at_3_2=1.0)
    image = seen(stage, "counterfactual", Answer(maps=(map_,), site=2 * SIDE + 1))
    for column, share in enumerate((0.5, 0.0, 1.0)):
        assert image.pixelColor(corner(stage, 3, column)) == of_map("CET-D1", share)
    assert image.pixelColor(edge(stage, 2, 1)) == theme.colour("changed")


def test_given_pixels_have_the_colour_of_how_far_they_are_heeded(stage: Stage) -> None:
    image = seen(stage, "heeded", Answer(maps=(shares(at_1_0=1.0, at_1_1=0.0),), site=20))
    assert image.pixelColor(corner(stage, 1, 0)) == of_map("viridis", 1.0)
    assert image.pixelColor(corner(stage, 1, 1)) == of_map("viridis", 0.0)
    assert image.pixelColor(edge(stage, 3, 2)) == theme.colour("changed")


def test_the_path_of_an_order_goes_through_the_pixels_with_a_seam_on_both_sides(
    stage: Stage,
) -> None:
    down = np.arange(36).reshape(6, 6).T.ravel()
    stage.show_snapshot(replace(moment(18), order=down))
    stage.set_overlay("order")
    image = stage.grab().toImage()
    middle = site(stage, 3, 1)
    assert image.pixelColor(middle) == theme.colour("accent")
    across = {image.pixelColor(middle + QPoint(x, 0)).rgb() for x in range(-4, 5)}
    assert theme.colour("card").rgb() in across
    assert image.pixelColor(corner(stage, 5, 2)) == of_map("cividis", 17 / 35)


def test_uncertainty_is_viridis(stage: Stage) -> None:
    entropies = np.full(36, np.nan, np.float32)
    entropies[:2] = np.log(2), 0
    stage.show_snapshot(replace(moment(18), entropies=entropies))
    stage.set_overlay("entropy")
    image = stage.grab().toImage()
    assert image.pixelColor(corner(stage, 0, 0)) == of_map("viridis", 1.0)
    assert image.pixelColor(corner(stage, 0, 1)) == of_map("viridis", 0.0)


def test_probability_is_viridis_where_nothing_is_there_yet(stage: Stage) -> None:
    expected = np.full((1, SIDE, SIDE), 0.25, np.float32)
    stage.show_snapshot(replace(moment(18), expected=expected))
    stage.set_overlay("probability")
    image = stage.grab().toImage()
    assert image.pixelColor(corner(stage, 5, 5)) == of_map("viridis", 0.25)
    assert image.pixelColor(corner(stage, 0, 0)).saturation() == 0


def test_feature_maps_are_viridis_over_the_picture_and_in_the_list(stage: Stage) -> None:
    """The mean lies over the picture; channels are small pictures of whole pixels a site."""
    mean, channel = shares(at_0_0=0.3, at_5_5=0.9), shares(at_0_0=1.0, at_0_1=0.0)
    image = seen(stage, "feature-maps", Answer(maps=(mean, channel)))
    assert image.pixelColor(corner(stage, 0, 0)) == of_map("viridis", 0.3)
    assert image.pixelColor(corner(stage, 5, 5)) == of_map("viridis", 0.9)
    small = small_map(insights()["feature-maps"], channel).toImage()
    zoom, rest = divmod(small.width(), SIDE)
    assert rest == 0
    assert zoom > 1
    for column, share in enumerate((1.0, 0.0)):
        for x in (column * zoom, (column + 1) * zoom - 1):
            assert small.pixelColor(x, zoom - 1) == of_map("viridis", share)
    empty = {small.pixelColor(x, x).rgb() for x in range(2 * zoom, small.width())}
    assert len(empty) > 1, "where it says nothing, it is hatched"


def test_the_words_of_a_choice_are_beside_the_sentence_and_not_under_it(
    stage: Stage, qtbot: QtBot
) -> None:
    bar = InsightBar(stage)
    qtbot.addWidget(bar)
    bar.resize(700, bar.height())
    stage.set_overlay("counterfactual")
    choices = {"Value": ("Opposite", "Black", "White", "Grey")}
    reply = Reply(insights()["counterfactual"], question_of(moment(36), 2), Answer(), choices)
    bar.show_reply(reply)
    qtbot.wait(1)
    assert not bar._words["Value"].geometry().intersects(bar.sentence.geometry())
