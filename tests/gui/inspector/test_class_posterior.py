"""The bars that say which class the picture is of: live, chosen by a click, and only while seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.class_posterior import class_posterior
from studio.gui.inspector.class_box import ClassBox
from studio.gui.inspector.class_posterior import ClassBar, ClassPosteriorPanel
from studio.gui.session import Session
from tests.gui.windows import at_rest, click, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    yield session
    assert session.shut_down()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[ClassPosteriorPanel]:
    panel = ClassPosteriorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(300, 300)
    yield panel
    panel.close()


def loaded(qtbot: QtBot, session: Session, checkpoint: Path) -> None:
    session.load(checkpoint)
    until(qtbot, lambda: session.checkpoint == checkpoint)
    at_rest(qtbot, session)


def shares(panel: ClassPosteriorPanel) -> list[float]:
    return [bar.share for bar in panel.bars]


def stroke(session: Session, row: int, column: int) -> None:
    session.edit(lambda painting: painting.line((row, column), (row, column), 1))


def test_the_bars_follow_a_stroke_and_are_what_the_engine_says(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    until(qtbot, panel.isVisible)
    until(qtbot, lambda: shares(panel) == [pytest.approx(1 / 3)] * 3)
    stroke(session, 0, 0)
    until(qtbot, lambda: shares(panel) != [pytest.approx(1 / 3)] * 3)
    assert isinstance(session.model, AutoregressiveModel)
    assert session.painting is not None
    given = Evidence(session.painting.values, session.painting.known)
    exact = class_posterior(session.model, given).probabilities
    np.testing.assert_allclose(shares(panel), exact, atol=0.001)
    assert "Exact" in panel.bars[0].toolTip(), "how it was found"


def test_a_model_without_classes_hides_it(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    panel.show()
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    assert panel.isVisible()
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "pixelcnn"))
    assert not panel.isVisible()
    assert not panel.bars


def test_a_click_chooses_the_class_and_the_one_that_is_chosen_is_marked(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    until(qtbot, panel.isVisible)
    click(panel.bars[2])
    assert session.options.condition == 2
    assert "chosen" in panel.bars[2].accessibleName()
    session.change(condition=None)
    assert not any("chosen" in bar.accessibleName() for bar in panel.bars)


def test_nothing_is_worked_out_while_it_is_closed_and_it_stays_so(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    until(qtbot, lambda: session.expectations.latest.posterior is not None)
    click(panel.header)
    before = session.expectations.latest
    stroke(session, 3, 3)
    at_rest(qtbot, session)
    assert session.expectations.resting
    assert session.expectations.latest is before
    assert QSettings().value("class posterior open", type=bool) is False
    another = ClassPosteriorPanel(session)
    qtbot.addWidget(another)
    assert not another.opened
    click(panel.header)
    until(qtbot, lambda: session.expectations.latest is not before)


def test_bars_with_short_names_stand_in_two_columns(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    config = {"classes": 10, "class_names": ()}
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config=config))
    until(qtbot, lambda: panel.bars[9].isVisible())
    lefts = [bar.x() for bar in panel.bars]
    assert lefts == [lefts[0]] * 5 + [lefts[5]] * 5
    assert lefts[5] > lefts[0]
    assert panel.sizeHint().height() < 9 * panel.bars[0].height()


def test_many_classes_are_scrolled(
    qtbot: QtBot, session: Session, panel: ClassPosteriorPanel, tmp_path: Path
) -> None:
    config = {"classes": 30, "class_names": tuple(f"class number {n}" for n in range(30))}
    loaded(qtbot, session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config=config))
    until(qtbot, panel.isVisible)
    assert len(panel.bars) == 30
    assert panel.sizeHint().height() < 18 * panel.bars[0].height()


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "100 %"), (0.934, "93 %"), (0.003, "<1 %"), (0.0001, "0 %")]
)
def test_a_bar_says_how_likely_its_class_is(qtbot: QtBot, share: float, words: str) -> None:
    bar = ClassBar("7")
    qtbot.addWidget(bar)
    bar.show_share(share)
    assert bar.accessibleName() == f"7: {words}"


def test_a_bar_is_as_long_as_its_class_is_likely(qtbot: QtBot) -> None:
    bar = ClassBar("7")
    qtbot.addWidget(bar)
    bar.resize(200, bar.sizeHint().height())
    lengths = []
    for share in (0.0, 0.5, 1.0):
        bar.show_share(share)
        image, middle = bar.grab().toImage(), bar.height() // 2
        blue = [image.pixelColor(x, middle).saturation() > 100 for x in range(bar.width())]
        lengths.append(sum(blue))
    assert lengths[0] == 0
    assert lengths[2] > 60
    assert abs(lengths[1] - lengths[2] / 2) <= 1


def test_chips_leave_out_what_no_font_has(qtbot: QtBot, panel: ClassPosteriorPanel) -> None:
    box = ClassBox(panel)
    qtbot.addWidget(box)
    box.show_classes(("tree \U0010fffd", "water"), "Class")
    assert [chip.text() for chip in box.chips.buttons()] == ["tree", "water", "any"]
