"""What the model expects of pixels, as an overlay: before it draws, and while one paints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.insights import insights
from studio.engine.insights.colours import colours_of
from studio.engine.insights.question import question_of
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.picture.insight_layer import InsightLayer
from studio.gui.picture.site_colours import site_colours, site_in_words
from studio.gui.session import Session
from tests.gui.picture.test_stage import SIDE, moment
from tests.gui.windows import at_rest, draw, until
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[DrawingPage]:
    session = Session()
    page = DrawingPage(session)
    qtbot.addWidget(page)
    page.resize(700, 600)
    page.show()
    qtbot.waitExposed(page)
    yield page
    page.close()
    assert session.shut_down()


def loaded(qtbot: QtBot, page: DrawingPage, checkpoint: Path) -> Session:
    session = page.drawing.session
    session.load(checkpoint)
    until(qtbot, lambda: session.checkpoint == checkpoint)
    at_rest(qtbot, session)
    return session


def expected(session: Session) -> np.ndarray | None:
    return None if session.latest is None else session.latest.expected


def test_it_is_there_before_anything_is_drawn_and_follows_a_stroke(
    qtbot: QtBot, page: DrawingPage, tmp_path: Path
) -> None:
    session = loaded(qtbot, page, tiny_checkpoint(tmp_path))
    assert expected(session) is None, "nobody asks"
    page.stage.set_overlay("probability")
    until(qtbot, lambda: expected(session) is not None)
    before = expected(session)
    assert before is not None
    assert before.shape == (1, SIZE, SIZE)
    assert not np.isnan(before).any()
    assert "32 quick attempts" in page.legend.scale.toolTip()
    draw(page.stage, (2, 2), (2, 4))
    assert session.painting is not None
    known = session.painting.known

    def of_the_others() -> bool:
        now = expected(session)
        return now is not None and np.array_equal(np.isnan(now[0]), known)

    until(qtbot, of_the_others)


def test_nothing_is_worked_out_while_the_stage_is_hidden_or_shows_another_overlay(
    qtbot: QtBot, page: DrawingPage, tmp_path: Path
) -> None:
    session = loaded(qtbot, page, tiny_checkpoint(tmp_path))
    page.stage.set_overlay("probability")
    until(qtbot, lambda: expected(session) is not None)
    page.stage.set_overlay("order")
    assert expected(session) is None
    assert "attempts" not in page.legend.scale.toolTip()
    session.edit(lambda painting: painting.fill((3, 3), 1))
    at_rest(qtbot, session)
    assert session.expectations.resting
    assert session.expectations.latest.expectation is None
    page.stage.set_overlay("probability")
    until(qtbot, lambda: expected(session) is not None)
    page.hide()
    assert expected(session) is None


def test_only_unknown_pixels_have_its_colours() -> None:
    shares = np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(1, SIDE, SIDE)
    painting = Painting(1, SIDE, SIDE, 2)
    painting.line((5, 0), (5, 2), 1)
    snapshot = replace(moment(12), expected=shares)
    shape = (1, SIDE, SIDE)
    insight = insights()["probability"]
    layer = InsightLayer(insight, insight.ask(None, question_of(snapshot, 2)), 0)
    plain = site_colours(shape, 2, snapshot, painting)
    plain, marked = plain[0], layer.laid_over(plain, painting)[0]
    unknown = np.ones((SIDE, SIDE), bool)
    unknown[:2] = False  # drawn
    unknown[5, :3] = False  # painted a moment ago
    np.testing.assert_array_equal(plain[~unknown], marked[~unknown])
    expected_colours = colour_map("viridis")[(shares[0] * 255).round().astype(int)]
    np.testing.assert_array_equal(marked[unknown], expected_colours[unknown])


def test_of_colour_it_is_the_expected_colour() -> None:
    shares = np.zeros((3, SIDE, SIDE), np.float32)
    shares[0] = 1.0
    shares[2] = 0.2
    colours = np.zeros((1, 3, SIDE, SIDE), np.uint8)
    snapshot = replace(moment(0), values=colours, expected=shares)
    answer = insights()["probability"].ask(None, question_of(snapshot, 256))
    assert set(colours_of(answer.maps[0], "viridis").flatten().tolist()) == {0xFFFF0033}


def test_the_legend_says_what_its_colours_mean(page: DrawingPage) -> None:
    page.stage.set_overlay("probability")
    page.legend.show_snapshot(moment(0))
    assert [label.text() for label in page.legend._ends] == ["black", "white"]
    assert page.legend.scale.isVisible()
    page.legend.show_snapshot(replace(moment(0), values=np.zeros((1, 3, SIDE, SIDE), np.uint8)))
    assert not page.legend.scale.isVisible()
    assert page.legend.in_colour.text() == "expected colour"


def test_the_pixel_under_the_pointer_is_told_in_words() -> None:
    shares = np.full((1, SIDE, SIDE), 0.83, np.float32)
    shares[0, 5, 5] = np.nan
    snapshot = replace(moment(0), expected=shares)
    assert site_in_words(snapshot, None, 2, 0, (3, 1)).endswith("white with 83 %")
    assert "white" not in site_in_words(snapshot, None, 2, 0, (5, 5))
    assert site_in_words(snapshot, None, 256, 0, (3, 1)).endswith("expected level 212")
