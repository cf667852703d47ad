"""An autoencoder in the window: what is painted, beside it what the model makes of it, noise, and
why it cannot draw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from studio.gui import session as session_module
from studio.gui.inspector.reconstruction_panel import ReconstructionPanel
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import SECONDS, at_rest, click, drag, draw, open_window, press, site, until
from tests.tiny import SIZE, squares, tiny_checkpoint, tiny_data


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return tiny_checkpoint(
        tmp_path, "autoencoder", data=str(tiny_data(tmp_path)), preparation="thresholded"
    )


@pytest.fixture
def window(qtbot: QtBot, checkpoint: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, checkpoint) as window:
        yield window


def shown(window: MainWindow) -> np.ndarray:
    assert window.session.latest is not None
    return window.session.latest.values


def panel(window: MainWindow) -> ReconstructionPanel:
    (found,) = window.inspector.findChildren(ReconstructionPanel)
    return found


def test_what_is_painted_stands_on_the_left_and_is_given_back_on_the_right(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.drawing_page.tools.size_box.setValue(1)
    draw(window.drawing_page.stage, (2, 1), (2, 6))
    until(qtbot, lambda: bool(shown(window)[0, 0, 2, 1:7].all()))
    at_rest(qtbot, window.session)
    image = window.drawing_page.stage.grab().toImage()
    zoom = window.drawing_page.stage.picture_rect(0).width() // SIZE
    for picture in (0, 1):
        for row in range(SIZE):
            for column in range(SIZE):
                place = site(window.drawing_page.stage, row, column, picture) - QPoint(
                    zoom // 4, zoom // 4
                )
                assert (
                    image.pixelColor(place).lightness()
                    == 255 * shown(window)[picture, 0, row, column]
                )


def test_nobody_paints_on_the_answer(window: MainWindow, qtbot: QtBot) -> None:
    at_rest(qtbot, window.session)
    drag(
        window.drawing_page.stage,
        [
            site(window.drawing_page.stage, 2, 2, picture=1),
            site(window.drawing_page.stage, 4, 4, picture=1),
        ],
    )
    assert window.session.painting is not None
    assert window.session.painting.empty


def test_captions_stand_over_the_pictures_and_say_how_much_noise_there_is(
    window: MainWindow, qtbot: QtBot
) -> None:
    at_rest(qtbot, window.session)
    stage = window.drawing_page.stage
    above = stage.picture_rect(0).adjusted(0, -stage._header, 0, 0)
    above.setHeight(stage._header)
    strip = stage.grab(above).toImage()
    colours = {
        strip.pixelColor(x, y).rgb() for x in range(strip.width()) for y in range(strip.height())
    }
    assert len(colours) > 1, "there is text"
    panel(window).corruption.setValue(30)
    until(
        qtbot,
        lambda: (
            window.session.latest is not None
            and "30 % of the pixels noise" in window.session.latest.captions[0]
        ),
    )


def test_noise_comes_by_the_slider_and_other_noise_by_the_dice(
    window: MainWindow, qtbot: QtBot
) -> None:
    at_rest(qtbot, window.session)
    assert not shown(window)[0].any()
    panel(window).corruption.setValue(50)
    until(qtbot, lambda: bool(shown(window)[0].any()))
    at_rest(qtbot, window.session)
    before = shown(window)[0].copy()
    assert panel(window).share.text() == "50 %"
    click(panel(window).dice)
    until(qtbot, lambda: not np.array_equal(shown(window)[0], before))
    assert panel(window).right.text().endswith("% of the pixels right")


def test_a_digit_of_the_test_set_can_be_opened_and_undone(window: MainWindow, qtbot: QtBot) -> None:
    click(panel(window).digit)
    until(qtbot, lambda: bool(shown(window)[0].any()))
    assert any(np.array_equal(shown(window)[0, 0], square // 255) for square in squares(60))
    at_rest(qtbot, window.session)
    with qtbot.waitSignal(window.session.painting_changed, timeout=SECONDS):
        click(panel(window).digit)
    at_rest(qtbot, window.session)
    press("ctrl+z")
    press("ctrl+z")
    until(qtbot, lambda: not shown(window)[0].any())


def test_there_is_nothing_to_play_and_the_transport_says_why(
    window: MainWindow, qtbot: QtBot
) -> None:
    at_rest(qtbot, window.session)
    transport = window.drawing_page.transport
    for control in (
        transport.play,
        transport.restart,
        transport.back,
        transport.forward,
        transport.finish,
    ):
        assert not control.isEnabled()
        assert "the whole picture at once" in control.toolTip()
    assert not transport.scrubber.isEnabled()
    assert not window.drawing_page.tools.keep.isEnabled()
    for key in ("space", "period", "Home", "End"):
        press(key)
    assert not window.session.polling


def test_the_inspector_says_why_it_cannot_generate_and_shows_no_settings_of_a_drawing(
    window: MainWindow,
) -> None:
    assert panel(window).isVisible()
    assert "no likelihood" in panel(window).why.text()
    assert not window.inspector.drawing.isVisible()
    assert not window.inspector.next.isVisible()
    assert not window.drawing_page.legend.entries["drawn"].isVisible()


def test_a_model_that_draws_brings_everything_back(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.load(tiny_checkpoint(tmp_path, "pixelcnn"))
    until(qtbot, lambda: window.session.latest is not None and window.session.latest.count == 1)
    at_rest(qtbot, window.session)
    assert window.drawing_page.transport.play.isEnabled()
    assert window.drawing_page.transport.play.toolTip() == "Play or pause (Space)"
    assert window.inspector.drawing.isVisible()
    assert not panel(window).isVisible()
    assert window.drawing_page.legend.entries["drawn"].isVisible()
    assert window.drawing_page.stage.count == 1
    press("End")
    until(
        qtbot,
        lambda: window.session.latest is not None and window.session.latest.position == SIZE * SIZE,
    )


def test_a_demonstration_takes_a_model_that_can_draw(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tiny_checkpoint(tmp_path, "pixelcnn")
    monkeypatch.setattr(
        session_module, "_first_model", lambda *_: session_module._loaded(usual, "auto")
    )
    window.start_page.watch_requested.emit()
    until(qtbot, lambda: window.session.checkpoint == usual and window.drawing_page.drawing.playing)


def test_a_picture_that_is_opened_is_given_whole(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.new("L", (SIZE, SIZE), 255).save(tmp_path / "white.png")
    window.drawing_page.open_file(tmp_path / "white.png")
    until(qtbot, lambda: bool(shown(window)[0].all()))


def test_every_control_has_a_tip_and_a_name(window: MainWindow) -> None:
    controls: list[QWidget] = []
    for kind in (QAbstractButton, QSlider):
        controls += panel(window).findChildren(
            kind, options=Qt.FindChildOption.FindChildrenRecursively
        )
    assert len(controls) == 3
    for control in controls:
        assert control.toolTip()
        assert control.accessibleName()
