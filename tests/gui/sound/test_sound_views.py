"""Waveform, spectrogram and ruler: what they look like, what
the mouse does in them, and how little they repaint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.sound.sound_legend import SoundLegend
from studio.gui.sound.spectrogram_view import SpectrogramView
from studio.gui.sound.time_plot import GUTTER
from studio.gui.sound.time_ruler import TimeRuler
from studio.gui.sound.time_view import TimeView
from studio.gui.sound.timeline import Timeline
from studio.gui.sound.waveform_view import WaveformView
from studio.gui.widgets import theme
from tests.gui.windows import drag, run_xdotool, until, wait_for_place

RATE = 8000
SHIFT = "shift"


@dataclass
class Bench:
    """The views of a sound, one above the other."""

    window: QWidget
    timeline: Timeline
    waveform: WaveformView
    ruler: TimeRuler
    spectrogram: SpectrogramView
    legend: SoundLegend

    def sound(self, *takes: np.ndarray) -> None:
        """Another sound, and all of it seen."""
        self.timeline.begin(len(takes), RATE)
        self.timeline.append(np.stack(takes).astype(np.float32))
        self.timeline.show_all()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    window, timeline = QWidget(), Timeline()
    views = (
        WaveformView(timeline),
        TimeRuler(timeline),
        SpectrogramView(timeline),
        SoundLegend(timeline),
    )
    layout = QVBoxLayout(window)
    for view in views:
        layout.addWidget(view)
    qtbot.addWidget(window)
    window.resize(860, 460)
    window.show()
    qtbot.waitExposed(window)
    yield Bench(window, timeline, *views)
    window.close()


def tone(seconds: float, hertz: float = 440, loudness: float = 0.8) -> np.ndarray:
    return loudness * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)


def picture(view: QWidget) -> QImage:
    return view.grab().toImage()


def on_screen(bench: Bench, view: QWidget) -> QImage:
    """What the person sees, which may be left over from before."""
    return (
        QGuiApplication.primaryScreen()
        .grabWindow(bench.window.winId())
        .toImage()
        .copy(view.geometry())
    )


def at(view: TimeView, second: float, height: float = 0.5) -> QPoint:
    """A point of a view by its time, and its share of the height."""
    return QPoint(view.x_of(round(second * RATE)), round(height * (view.height() - 1)))


def wheel(view: TimeView, point: QPoint, button: str, key: str | None = None) -> None:
    """A notch of the wheel: 4 is up, 5 down."""
    wait_for_place(view.window())
    there = view.mapToGlobal(point)
    turn = ["mousemove", str(there.x()), str(there.y()), "sleep", "0.02", "click", button]
    run_xdotool(
        *([] if key is None else ["keydown", key]), *turn, *([] if key is None else ["keyup", key])
    )


def point_at(view: TimeView, point: QPoint) -> None:
    wait_for_place(view.window())
    there = view.mapToGlobal(point)
    run_xdotool("mousemove", str(there.x()), str(there.y()))


def areas_painted(view: QWidget, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pixels of each paint event from now on."""
    areas: list[int] = []
    original: Callable[[QPaintEvent], None] = view.paintEvent

    def noting(event: QPaintEvent) -> None:
        areas.append(sum(rect.width() * rect.height() for rect in event.region()))  # type: ignore[attr-defined]
        original(event)

    monkeypatch.setattr(view, "paintEvent", noting)
    return areas


# ---- what they look like -------------------------------------------------------------------------


def test_with_nothing_to_show_they_say_what_to_do(bench: Bench) -> None:
    assert "press Play" in bench.waveform.hint
    empty = picture(bench.waveform)
    bench.sound(np.zeros(RATE))
    assert picture(bench.waveform) != empty
    bench.timeline.begin(1, RATE)
    assert picture(bench.waveform) == empty


def test_the_wave_is_as_high_as_it_is_loud(bench: Bench) -> None:
    bench.sound(np.concatenate([tone(5, loudness=0.9), tone(5, loudness=0.2)]))
    image, accent = picture(bench.waveform), theme.colour("accent")
    for second, height, there in (
        (2, 0.1, True),
        (7, 0.1, False),
        (7, 0.45, True),
        (2, 0.01, False),
    ):
        assert (image.pixelColor(at(bench.waveform, second, height)) == accent) == there, (
            second,
            height,
        )


def test_what_is_not_made_yet_is_hatched(bench: Bench) -> None:
    bench.sound(np.zeros(5 * RATE))
    row = round(0.2 * bench.waveform.height())
    for view in (bench.waveform, bench.spectrogram):
        image = picture(view)
        colours = {
            image.pixelColor(x, row).rgb() for x in range(view.x_of(6 * RATE), view.plot.right())
        }
        assert len(colours) > 1
    made = {
        picture(bench.waveform).pixelColor(x, row).rgb()
        for x in range(GUTTER + 20, bench.waveform.x_of(4 * RATE))
    }
    assert len(made) == 1


def test_the_beginning_that_is_kept_looks_like_evidence_on_the_stage(bench: Bench) -> None:
    bench.sound(tone(10))
    bench.timeline.set_beginning(3 * RATE)
    image = picture(bench.waveform)
    assert image.pixelColor(at(bench.waveform, 2)) == theme.colour("evidence")
    assert image.pixelColor(at(bench.waveform, 5)) == theme.colour("accent")
    assert image.pixelColor(at(bench.waveform, 2, 0.05)) != image.pixelColor(
        at(bench.waveform, 5, 0.05)
    ), "the ground"
    assert picture(bench.spectrogram).pixelColor(at(bench.spectrogram, 2, 0)) == theme.colour(
        "evidence"
    )


def test_of_several_takes_the_chosen_one_is_in_colour(bench: Bench) -> None:
    bench.sound(tone(10), tone(10), tone(10))
    for chosen in (0, 2):
        bench.timeline.choose_take(chosen)
        image = picture(bench.waveform)
        middles = [QPoint(300, bench.waveform.lane(take).center().y()) for take in range(3)]
        assert [image.pixelColor(point) == theme.colour("accent") for point in middles] == [
            take == chosen for take in range(3)
        ]


def test_a_tone_is_a_bright_line_at_its_frequency_in_the_take_that_is_heard(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.sound(tone(10, hertz=1000), tone(10, hertz=3000))
    for take, height in ((0, 0.75), (1, 0.25)):
        bench.timeline.choose_take(take)
        until(qtbot, lambda: bench.spectrogram.settled)
        image = picture(bench.spectrogram)
        column = [image.pixelColor(400, y).lightness() for y in range(image.height())]
        assert abs(int(np.argmax(column)) / image.height() - height) < 0.02


def test_the_playhead_is_seen_in_all_views_at_the_same_place(bench: Bench) -> None:
    bench.sound(np.zeros(10 * RATE))
    bench.timeline.set_playhead(4 * RATE)
    for view in (bench.waveform, bench.ruler, bench.spectrogram):
        assert picture(view).pixelColor(at(view, 4)) == theme.colour("cursor")


def test_they_turn_dark_with_the_window(bench: Bench, qapp: QApplication) -> None:
    bench.sound(np.zeros(10 * RATE))
    light, before = (
        qapp.palette(),
        picture(bench.waveform).pixelColor(at(bench.waveform, 5, 0.2)).lightness(),
    )
    qapp.setPalette(theme.palette(theme.Theme.DARK))
    qapp.processEvents()
    try:
        assert (
            picture(bench.waveform).pixelColor(at(bench.waveform, 5, 0.2)).lightness() < 60 < before
        )
    finally:
        qapp.setPalette(light)


def test_a_selection_is_taken_off_after_another_take_was_chosen(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(np.zeros(10 * RATE), np.zeros(10 * RATE))
    wait_for_place(bench.window)
    until(qtbot, lambda: bench.spectrogram.settled)
    bench.timeline.select(3 * RATE, 6 * RATE)
    bench.timeline.choose_take(1)
    until(qtbot, lambda: bench.spectrogram.settled)
    qtbot.wait(50)
    bench.timeline.unselect()
    qtbot.wait(100)
    screen = on_screen(bench, bench.spectrogram)
    assert screen.pixelColor(at(bench.spectrogram, 4)) == screen.pixelColor(
        at(bench.spectrogram, 8)
    )


def test_near_samples_are_joined_by_a_line(bench: Bench) -> None:
    bench.sound(tone(1, hertz=100))
    bench.timeline.zoom(1e-9, 0)
    image, row = picture(bench.waveform), bench.waveform.height() // 2
    blank = QColor(bench.waveform.palette().base().color())
    inked = [
        any(image.pixelColor(x, y) != blank for y in range(image.height()) if abs(y - row) > 2)
        for x in range(100, 700)
    ]
    assert sum(inked) > 500


def test_the_legend_explains_no_more_than_there_is(bench: Bench) -> None:
    shown = lambda: [each.isVisible() for each in (bench.legend.unknown, bench.legend.kept)]  # noqa: E731
    assert shown() == [False, False]
    bench.sound(tone(1))
    assert shown() == [True, False]
    bench.timeline.set_beginning(100)
    assert shown() == [True, True]


def test_what_is_under_the_pointer_is_read_out(bench: Bench) -> None:
    bench.sound(np.full(RATE, 0.5), np.full(RATE, -0.25))
    texts: list[str] = []
    bench.waveform.pointed.connect(texts.append)
    for height in (0.2, 0.8):
        point_at(bench.waveform, at(bench.waveform, 0.5, height))
    seconds, level = zip(*(text.split(" s, ") for text in texts), strict=True)
    assert [float(second) for second in seconds] == pytest.approx([0.5, 0.5], abs=0.01)
    assert level == ("0.500", "−0.250")


def test_a_frequency_is_read_out_with_its_loudness(qtbot: QtBot, bench: Bench) -> None:
    bench.sound(tone(1, hertz=1000, loudness=1))
    qtbot.waitUntil(lambda: bench.spectrogram.settled)
    texts: list[str] = []
    bench.spectrogram.pointed.connect(texts.append)
    for hertz in (1000, 3500):
        point_at(bench.spectrogram, at(bench.spectrogram, 0.5, 1 - hertz / (RATE / 2)))
    (near, loud), (_, quiet) = (text.removesuffix(" dB").split(", ")[1:] for text in texts)
    assert float(near.removesuffix(" Hz")) == pytest.approx(1000, abs=40)
    assert float(loud.replace("−", "-")) == pytest.approx(0, abs=3)
    assert quiet == "−80"


def test_everything_has_a_name_and_a_tip(bench: Bench) -> None:
    views = bench.waveform, bench.ruler, bench.spectrogram
    assert len({view.accessibleName() for view in views}) == 3
    assert all(view.toolTip() for view in views)


# ---- what the person does ------------------------------------------------------------------------


def test_dragging_selects_a_stretch_and_does_not_seek(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(tone(10))
    sought: list[int] = []
    bench.timeline.sought.connect(sought.append)
    drag(bench.spectrogram, [at(bench.spectrogram, second) for second in (6, 4, 3)])
    until(qtbot, lambda: bench.timeline.selection is not None)
    assert bench.timeline.selection == pytest.approx(
        (3 * RATE, 6 * RATE), abs=2 * bench.timeline.window.step
    )
    assert sought == []


def test_an_end_of_the_selection_can_be_moved(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(tone(10))
    bench.timeline.select(2 * RATE, 5 * RATE)
    drag(bench.waveform, [at(bench.waveform, second) for second in (5, 6, 8)])
    until(qtbot, lambda: bench.timeline.selection != (2 * RATE, 5 * RATE))
    assert bench.timeline.selection == pytest.approx(
        (2 * RATE, 8 * RATE), abs=2 * bench.timeline.window.step
    )


def test_a_click_seeks_takes_the_selection_away_and_chooses_the_take(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.sound(tone(10), tone(10))
    bench.timeline.select(2 * RATE, 5 * RATE)
    with qtbot.waitSignal(bench.timeline.sought) as emitted:
        drag(bench.waveform, [at(bench.waveform, 7, 0.75)])
    assert emitted.args == pytest.approx([7 * RATE], abs=2 * bench.timeline.window.step)
    assert bench.timeline.selection is None
    assert bench.timeline.take == 1


def test_a_click_on_the_name_of_a_take_chooses_it_and_plays_on(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(tone(10), tone(10))
    with (
        qtbot.assertNotEmitted(bench.timeline.sought),
        qtbot.waitSignal(bench.timeline.take_changed) as emitted,
    ):
        drag(bench.waveform, [QPoint(GUTTER // 2, bench.waveform.lane(1).center().y())])
    assert emitted.args == [1]


def test_the_wheel_zooms_about_the_pointer(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(tone(60))
    before, point = bench.timeline.window, at(bench.waveform, 40)
    wheel(bench.waveform, point, "4")
    until(qtbot, lambda: bench.timeline.window != before)
    assert bench.timeline.window.step < before.step
    assert abs(bench.waveform.x_of(40 * RATE) - point.x()) <= 2
    wheel(bench.waveform, point, "5")
    until(qtbot, lambda: bench.timeline.window.step == pytest.approx(before.step))


def test_shift_and_the_wheel_or_the_right_button_move_along(bench: Bench, qtbot: QtBot) -> None:
    bench.sound(tone(60))
    bench.timeline.zoom(0.2, 0)
    wheel(bench.waveform, at(bench.waveform, 5), "5", SHIFT)
    until(qtbot, lambda: bench.timeline.window.first > 0)
    first = bench.timeline.window.first
    drag(bench.spectrogram, [QPoint(500, 50), QPoint(400, 50), QPoint(300, 50)], button="3")
    until(qtbot, lambda: bench.timeline.window.first == first + 200)
    assert not bench.timeline.following


def test_keys_move_zoom_and_take_the_selection_away(bench: Bench) -> None:
    bench.sound(tone(60))
    bench.timeline.zoom(0.2, 0)
    window, step = bench.timeline.window.first, bench.timeline.window.step
    QTest.keyClick(bench.waveform, Qt.Key.Key_Right)
    assert bench.timeline.window.first > window
    QTest.keyClick(bench.waveform, Qt.Key.Key_Left)
    assert bench.timeline.window.first == window
    QTest.keyClick(bench.waveform, Qt.Key.Key_Plus)
    assert bench.timeline.window.step < step
    bench.timeline.select(5, 50)
    QTest.keyClick(bench.waveform, Qt.Key.Key_Escape)
    assert bench.timeline.selection is None


def test_up_and_down_choose_the_take(bench: Bench) -> None:
    bench.sound(tone(10), tone(10), tone(10))
    chosen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(bench.spectrogram, key)
        chosen.append(bench.timeline.take)
    assert chosen == [1, 2, 2, 1]


def test_shift_and_an_arrow_select_from_the_playhead(bench: Bench) -> None:
    bench.sound(tone(10))
    bench.timeline.set_playhead(4 * RATE)
    window = bench.timeline.window
    for _ in range(3):
        QTest.keyClick(bench.waveform, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert bench.timeline.selection == pytest.approx((4 * RATE, 4 * RATE + 24 * window.step), abs=3)
    QTest.keyClick(bench.waveform, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert bench.timeline.selection == pytest.approx((4 * RATE, 4 * RATE + 16 * window.step), abs=3)
    assert bench.timeline.window == window, "it does not move along"


def test_the_take_and_the_selection_are_said_to_those_who_cannot_see_them(bench: Bench) -> None:
    views = bench.waveform, bench.ruler, bench.spectrogram
    assert {view.accessibleDescription() for view in views} == {"Nothing is selected"}
    bench.sound(tone(10), tone(10))
    bench.timeline.choose_take(1)
    bench.timeline.select(2 * RATE, 5 * RATE)
    said = "Take 2 of 2 is heard. Selected from 2.000 s to 5.000 s"
    assert {view.accessibleDescription() for view in views} == {said}
    bench.sound(tone(10))
    assert {view.accessibleDescription() for view in views} == {"Nothing is selected"}


# ---- how little is painted -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["waveform", "spectrogram"])
def test_a_sound_that_grows_is_painted_only_where_it_grew(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    view: TimeView = getattr(bench, name)
    bench.sound(tone(5))
    until(qtbot, lambda: bench.spectrogram.settled)
    qtbot.wait(50)
    areas = areas_painted(view, monkeypatch)
    bench.timeline.append(tone(0.2)[None].astype(np.float32))
    until(qtbot, lambda: bool(areas) and bench.spectrogram.settled)
    assert sum(areas) < view.width() * view.height() / 10


@pytest.mark.parametrize("name", ["waveform", "spectrogram", "ruler"])
def test_a_playhead_that_moves_has_two_lines_painted(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    view: TimeView = getattr(bench, name)
    bench.sound(tone(10))
    until(qtbot, lambda: bench.spectrogram.settled)
    qtbot.wait(50)
    areas = areas_painted(view, monkeypatch)
    bench.timeline.set_playhead(7 * RATE)
    until(qtbot, lambda: bool(areas))
    assert 0 < sum(areas) < 20 * view.height()


def test_what_moved_along_on_the_screen_is_what_would_be_painted_anew(
    bench: Bench, qtbot: QtBot
) -> None:
    rng = np.random.default_rng(0)
    bench.sound(rng.uniform(-1, 1, 60 * RATE) * np.linspace(0, 1, 60 * RATE))
    bench.timeline.set_beginning(2 * RATE)
    bench.timeline.select(9 * RATE, 12 * RATE)
    bench.timeline.zoom(0.2, 0)
    wait_for_place(bench.window)
    until(qtbot, lambda: bench.spectrogram.settled)
    for second in np.arange(7, 14, 0.4):  # from some time on the view goes along
        bench.timeline.set_playhead(round(second * RATE))
        qtbot.wait(15)
    bench.timeline.pan(-37)
    until(qtbot, lambda: bench.spectrogram.settled)
    qtbot.wait(100)
    for view in (bench.waveform, bench.ruler, bench.spectrogram):
        assert on_screen(bench, view).convertToFormat(QImage.Format.Format_RGB32) == picture(
            view
        ).convertToFormat(QImage.Format.Format_RGB32), view.accessibleName()


def test_a_hidden_spectrogram_works_nothing_out_and_catches_up_when_it_shows(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.spectrogram.hide()
    bench.sound(tone(10))
    assert not bench.spectrogram.settled
    bench.spectrogram.show()
    until(qtbot, lambda: bench.spectrogram.settled)
    assert (
        max(
            picture(bench.spectrogram).pixelColor(400, y).lightness()
            for y in range(bench.spectrogram.height())
        )
        > 100
    )
