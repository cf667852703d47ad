"""A tip never lies on what is looked at, and what comes from elsewhere is plain text in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QCursor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.inspector.distribution import Distribution
from studio.gui.sound.spectrogram_canvas import SpectrogramCanvas
from studio.gui.sound.spectrogram_view import SpectrogramView
from studio.gui.sound.timeline import Timeline
from studio.gui.sound.waveform_view import WaveformView
from studio.gui.training.curves import TrainingCurves
from studio.gui.widgets import tips
from tests.gui.windows import open_window, run_xdotool, until, wait_for_place
from tests.tiny import tiny_checkpoint


def tip() -> QRect:
    """Where the tip is that is seen just now."""
    shown = [each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel")]
    return next(each.frameGeometry() for each in shown if each.isVisible())


def rest_on(qtbot: QtBot, widget: QWidget) -> None:
    """The pointer rests in the middle of a widget until a tip shows."""
    QToolTip.hideText()
    wait_for_place(widget.window())
    middle = widget.mapToGlobal(widget.rect().center())
    for place in (middle + QPoint(3, 3), middle):
        run_xdotool("mousemove", str(place.x()), str(place.y()), "sleep", "0.05")
    until(qtbot, QToolTip.isVisible)


@pytest.fixture
def away() -> Iterator[None]:
    """No tip is left behind."""
    yield
    QToolTip.hideText()
    QCursor.setPos(0, 0)


def around(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint()), widget.size())


@pytest.mark.usefixtures("away")
def test_the_tip_of_the_stage_lies_beside_the_pictures(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        stage = window.drawing_page.stage
        stage.set_overlay("surprise")  # whose line is where the tip would be
        event = QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), stage.mapToGlobal(QPoint(9, 9)))
        QApplication.sendEvent(stage, event)
        assert not QToolTip.isVisible()
        stage.set_overlay("none")
        rest_on(qtbot, stage)
        assert QToolTip.text() == stage.toolTip()
        assert not tip().intersects(around(stage))


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize(
    "make",
    [
        lambda: WaveformView(Timeline()),
        lambda: SpectrogramView(Timeline()),
        lambda: SpectrogramCanvas(Timeline()),
        Distribution,
        TrainingCurves,
    ],
    ids=["waveform", "spectrogram", "painted spectrogram", "distribution", "curves"],
)
def test_the_tip_of_what_is_read_closely_lies_beside_it(
    qtbot: QtBot, make: Callable[[], QWidget]
) -> None:
    widget = make()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    widget.activateWindow()
    until(qtbot, widget.isActiveWindow)
    rest_on(qtbot, widget)
    assert QToolTip.text() == widget.toolTip()
    assert not tip().intersects(around(widget))


def test_what_looks_like_html_is_shown_as_it_is() -> None:
    assert tips.plain("5 > 4", "a & b") == "5 > 4\na & b"
    assert tips.plain("<b>bold</b>", "a & b") == "<qt>&lt;b&gt;bold&lt;/b&gt;<br>a &amp; b</qt>"


def test_a_megabyte_is_cut_short() -> None:
    assert len(tips.plain("x" * 2**20)) == 300
