"""The painted spectrogram under real mice and keys:
strokes, regions, files, and what the page hears of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.audio.spectrogram_files import read_spectrogram
from studio.engine.editing.spectrogram_painting import Region, SpectrogramPainting
from studio.engine.media.colour_maps import colour_map
from studio.engine.media.mel import MelSpec
from studio.gui.sound.spectrogram_editor import SpectrogramEditor
from studio.gui.sound.timeline import Timeline
from tests.gui.windows import RIGHT, click, drag, press, run_xdotool, until, wait_for_place

SPEC = MelSpec(rate=1000, window=64, hop=100, mels=8)  # ten frames a second


@pytest.fixture
def editor(qtbot: QtBot) -> Iterator[SpectrogramEditor]:
    """Three seconds of silence, 30 frames of 8 mels."""
    timeline = Timeline()
    timeline.begin(1, SPEC.rate)
    editor = SpectrogramEditor(timeline)
    qtbot.addWidget(editor)
    editor.resize(1000, 420)
    editor.show()
    qtbot.waitExposed(editor)
    editor.show_model(SPEC)
    editor.tools.brush_controls.size_box.setValue(1)
    editor.tools.brush_controls.softness.setValue(0)
    editor.tools.brush_controls.level.setValue(editor.tools.brush_controls.level.maximum())
    editor.activateWindow()
    until(qtbot, editor.isActiveWindow)
    wait_for_place(editor)
    yield editor
    editor.close()


@pytest.fixture
def heard(editor: SpectrogramEditor) -> list[int]:
    """From which frames on the editor said that it had changed."""
    emitted: list[int] = []
    editor.changed.connect(emitted.append)
    return emitted


def cell(editor: SpectrogramEditor, frame: int, mel: int) -> QPoint:
    """The middle of a cell."""
    return editor.canvas.rect_of(Region(frame, frame + 1, mel, mel + 1)).center()


def draw(editor: SpectrogramEditor, *cells: tuple[int, int], button: str = "1") -> None:
    drag(editor.canvas, [cell(editor, *each) for each in cells], button)


def painting(editor: SpectrogramEditor) -> SpectrogramPainting:
    assert editor.canvas.painting is not None
    return editor.canvas.painting


def painted(editor: SpectrogramEditor) -> set[tuple[int, int]]:
    """The cells that are not silent."""
    return {(int(frame), int(mel)) for frame, mel in np.argwhere(painting(editor).frames)}


def row(start: int, stop: int, mel: int) -> set[tuple[int, int]]:
    return {(frame, mel) for frame in range(start, stop)}


def test_every_cell_is_found_under_the_pointer(editor: SpectrogramEditor) -> None:
    for place in ((0, 0), (29, 7), (13, 4)):
        assert editor.canvas.cell_at(cell(editor, *place)) == place
    assert editor.canvas.cell_at(cell(editor, 0, 7)).count(0) == 1
    assert cell(editor, 0, 7).y() < cell(editor, 0, 0).y(), "high pitches are above"


def test_a_stroke_paints_and_is_signalled_once_when_it_ends(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    draw(editor, (5, 3), (9, 3), (12, 3))
    assert painted(editor) == row(5, 13, 3)
    assert heard == [5]


def test_the_right_button_erases(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (12, 3))
    draw(editor, (8, 3), (20, 3), button=RIGHT)
    assert painted(editor) == row(5, 8, 3)


def test_a_stroke_goes_on_outside_of_the_canvas(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    drag(
        editor.canvas,
        [cell(editor, 26, 7), cell(editor, 26, 7) - QPoint(0, 300), cell(editor, 28, 7)],
    )
    assert (28, 7) in painted(editor)
    assert heard == [26]


def test_the_keys_of_the_stage_choose_the_tool_and_its_size_and_take_a_stroke_back(
    editor: SpectrogramEditor,
) -> None:
    press("bracketright")
    assert editor.tools.brush_controls.size_box.value() == 2
    press("bracketleft")
    draw(editor, (5, 3), (12, 3))
    press("e")
    draw(editor, (5, 3), (7, 3))
    assert painted(editor) == row(8, 13, 3)
    press("ctrl+z")
    assert painted(editor) == row(5, 13, 3)
    press("ctrl+shift+z")
    assert painted(editor) == row(8, 13, 3)


def test_smoothing_spreads_what_is_sharp(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (12, 3))
    editor.tools.brush_controls.size_box.setValue(5)
    press("m")
    draw(editor, (5, 3), (12, 3))
    assert 0.2 < painting(editor).frames[8, 3] < 0.9
    assert painting(editor).frames[8, 4] > 0


def test_level_softness_and_strength_are_those_of_the_brush(editor: SpectrogramEditor) -> None:
    editor.tools.brush_controls.level.setValue(40)
    assert editor.tools.brush_controls.level_name.text() == " −40 dB"
    editor.tools.brush_controls.strength.setValue(50)
    draw(editor, (5, 3), (6, 3))
    assert painting(editor).frames[5, 3] == pytest.approx(0.25)


def test_a_region_is_selected_and_moved_in_time_and_pitch(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    draw(editor, (5, 3), (8, 3))
    press("s")
    draw(editor, (4, 2), (9, 4))
    assert editor.canvas.region == Region(4, 10, 2, 5)
    draw(editor, (6, 3), (20, 4), (12, 5))
    assert painted(editor) == row(11, 15, 5)
    assert editor.canvas.region == Region(10, 16, 4, 7)
    assert heard == [5, 5]
    press("ctrl+z")
    assert painted(editor) == row(5, 9, 3)


def test_with_ctrl_a_copy_is_moved(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (8, 3))
    press("s")
    draw(editor, (5, 3), (8, 3))
    run_xdotool("keydown", "ctrl")
    draw(editor, (6, 3), (16, 3))
    run_xdotool("keyup", "ctrl")
    assert painted(editor) == row(5, 9, 3) | row(15, 19, 3)


def test_the_right_edge_of_a_region_stretches_time(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    draw(editor, (5, 3), (8, 3))
    press("s")
    draw(editor, (5, 2), (8, 4))
    edge = QPoint(editor.canvas.rect_of(Region(5, 9, 2, 5)).right(), cell(editor, 0, 3).y())
    drag(editor.canvas, [edge, cell(editor, 10, 3), cell(editor, 12, 3)])
    assert painted(editor) == row(5, 13, 3)
    assert painting(editor).length == 34
    assert editor.canvas.region == Region(5, 13, 2, 5)
    assert heard == [5, 9]
    assert editor.timeline.extent == 34 * SPEC.hop


def test_the_arrows_move_a_region_by_a_cell_and_with_shift_its_end(
    editor: SpectrogramEditor,
) -> None:
    draw(editor, (5, 3), (8, 3))
    press("s")
    draw(editor, (5, 3), (8, 3))
    press("Right")
    press("Up")
    assert painted(editor) == row(6, 10, 4)
    press("shift+Right")
    assert painted(editor) == row(6, 11, 4)
    press("Escape")
    assert editor.canvas.region is None


def test_a_region_is_copied_to_the_pointer_silenced_and_cut_out(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (8, 3))
    press("s")
    draw(editor, (5, 3), (8, 3))
    press("ctrl+c")
    there = editor.canvas.mapToGlobal(cell(editor, 20, 6))
    run_xdotool("mousemove", str(there.x()), str(there.y()))
    press("ctrl+v")
    assert painted(editor) == row(5, 9, 3) | row(20, 24, 3)
    assert editor.canvas.region == Region(20, 24, 3, 4)
    press("Delete")
    assert painted(editor) == row(5, 9, 3)
    draw(editor, (2, 0), (6, 7))
    press("ctrl+Delete")
    assert painted(editor) == row(2, 4, 3)
    assert painting(editor).length == 25


def test_silence_is_put_in_before_the_selection_and_at_the_end_without_one(
    editor: SpectrogramEditor,
) -> None:
    draw(editor, (5, 3), (8, 3))
    press("Insert")
    assert painting(editor).length == 40
    press("s")
    draw(editor, (5, 0), (7, 7))
    press("Insert")
    assert painted(editor) == row(8, 12, 3)


def test_a_click_beside_the_region_takes_it_away(editor: SpectrogramEditor) -> None:
    press("s")
    draw(editor, (5, 2), (8, 4))
    draw(editor, (20, 6))
    assert editor.canvas.region is None


def test_undoing_in_the_middle_of_a_stroke_takes_it_back_and_ends_it(
    editor: SpectrogramEditor,
) -> None:
    start, end = (editor.canvas.mapToGlobal(cell(editor, frame, 3)) for frame in (5, 12))
    run_xdotool("mousemove", str(start.x()), str(start.y()), "mousedown", "1")
    press("ctrl+z")
    run_xdotool("mousemove", str(end.x()), str(end.y()), "mouseup", "1")
    assert not painted(editor)


def test_another_tool_in_the_middle_of_a_stroke_ends_it(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    start, end = (editor.canvas.mapToGlobal(cell(editor, frame, 3)) for frame in (5, 12))
    run_xdotool("mousemove", str(start.x()), str(start.y()), "mousedown", "1")
    press("s")
    run_xdotool("mousemove", str(end.x()), str(end.y()), "mouseup", "1")
    assert painted(editor) == {(5, 3)}
    assert heard == [5]


def test_what_is_painted_shows_in_its_colour(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (8, 3))
    editor.canvas.hover = None
    image = editor.canvas.grab().toImage()
    assert image.pixelColor(cell(editor, 6, 3)).rgb() == colour_map("magma")[255]
    assert image.pixelColor(cell(editor, 6, 6)).rgb() == colour_map("magma")[0]


def test_the_canvas_says_what_to_do_until_there_is_something(editor: SpectrogramEditor) -> None:
    def bright() -> int:
        image = editor.canvas.grab().toImage()
        rect = editor.canvas.rect_of(Region(5, 25, 3, 5))
        return sum(
            image.pixelColor(x, y).lightness() > 100
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom(), 2)
        )

    assert bright() > 50
    editor.set_frames(np.full((30, 8), 0.02, np.float32))
    assert bright() == 0


def test_frames_of_the_page_are_taken_and_can_be_undone(
    editor: SpectrogramEditor, heard: list[int]
) -> None:
    frames = np.zeros((30, 8), np.float32)
    frames[12:] = 0.5
    editor.set_frames(frames)
    assert np.array_equal(painting(editor).frames, frames)
    assert heard == [12]
    press("ctrl+z")
    assert not painted(editor)


def test_without_a_vocoder_it_says_so_and_offers_nothing(editor: SpectrogramEditor) -> None:
    editor.show_model(None)
    assert editor.frames is None
    assert "no spectrogram" in editor.canvas.hint
    assert not editor.tools.isEnabled()
    click(editor.canvas)
    press("ctrl+v")
    assert editor.frames is None


def test_another_model_of_the_same_kind_keeps_what_is_painted(editor: SpectrogramEditor) -> None:
    draw(editor, (5, 3), (8, 3))
    editor.show_model(MelSpec(rate=1000, window=64, hop=100, mels=8))
    assert painted(editor) == row(5, 9, 3)
    editor.show_model(MelSpec(rate=1000, window=64, hop=100, mels=6))
    assert painting(editor).frames.shape == (30, 6)


def test_only_the_frames_that_changed_are_painted_again(
    editor: SpectrogramEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.set_frames(np.full((30, 8), 0.5, np.float32))
    qtbot.wait(50)
    areas: list[int] = []
    original: Callable[[QPaintEvent], None] = editor.canvas.paintEvent

    def noting(event: QPaintEvent) -> None:
        areas.append(event.rect().width())
        original(event)

    monkeypatch.setattr(editor.canvas, "paintEvent", noting)
    editor.tools.edit(lambda painting: painting.erase(Region(10, 12, 0, 8)))
    qtbot.waitUntil(lambda: bool(areas))
    assert max(areas) < 3 * editor.canvas.width() / 30
    areas.clear()
    editor.timeline.set_playhead(500)
    qtbot.waitUntil(lambda: bool(areas))
    assert max(areas) < editor.canvas.width() / 2


def test_all_that_is_painted_can_be_seen_before_any_sound_is_made(
    editor: SpectrogramEditor,
) -> None:
    editor.set_frames(np.full((400, 8), 0.5, np.float32))
    assert editor.timeline.window.start == 0
    assert editor.timeline.window.stop == pytest.approx(400 * SPEC.hop, rel=0.03)


def test_it_does_not_move_along_with_the_playhead_under_the_brush(
    editor: SpectrogramEditor,
) -> None:
    editor.timeline.append(np.zeros((1, 3000), np.float32))
    draw(editor, (5, 3), (8, 3))
    before = editor.timeline.window
    editor.timeline.set_playhead(2900)
    assert editor.timeline.window == before


def test_what_cannot_be_done_says_why(editor: SpectrogramEditor) -> None:
    tools = editor.tools
    assert (tools.cut.isEnabled(), tools.cut.toolTip()) == (False, "Select something first")
    assert (tools.paste.isEnabled(), tools.paste.toolTip()) == (False, "Nothing was copied yet")
    press("ctrl+a")
    press("ctrl+c")
    assert tools.cut.isEnabled()
    assert tools.paste.isEnabled()


def test_another_model_ends_the_stroke(editor: SpectrogramEditor) -> None:
    press("ctrl+a")
    start, end = (editor.canvas.mapToGlobal(cell(editor, frame, 3)) for frame in (5, 12))
    run_xdotool("mousemove", str(start.x()), str(start.y()), "mousedown", "1")
    editor.show_model(None)
    run_xdotool("mousemove", str(end.x()), str(end.y()), "mouseup", "1")
    assert editor.frames is None


def test_what_is_under_the_pointer_is_read_out(editor: SpectrogramEditor) -> None:
    texts: list[str] = []
    editor.canvas.pointed.connect(texts.append)
    there = editor.canvas.mapToGlobal(cell(editor, 12, 0))
    run_xdotool("mousemove", str(there.x()), str(there.y()))
    seconds, rest = texts[-1].split(" s, ")
    assert 1.2 <= float(seconds) < 1.3  # the frame's tenth of a second
    assert rest.endswith("Hz, −80 dB")


def test_a_click_on_the_ruler_seeks(editor: SpectrogramEditor) -> None:
    sought: list[int] = []
    editor.timeline.append(np.zeros((1, 3000), np.float32))
    editor.timeline.sought.connect(sought.append)
    drag(editor.ruler, [QPoint(editor.canvas.x_of(1500), 10)])
    assert sought == [pytest.approx(1500, abs=10)]


def test_what_is_painted_is_kept_in_a_file(editor: SpectrogramEditor, tmp_path: Path) -> None:
    draw(editor, (5, 3), (8, 3))
    for name in ("kept.npy", "kept.png"):
        editor.saver()(tmp_path / name)
        editor.tools.edit(SpectrogramPainting.clear)
        editor.set_frames(read_spectrogram(tmp_path / name, SPEC))
        assert painted(editor) == row(5, 9, 3)


def test_a_file_that_cannot_be_written_is_reported_in_one_sentence(
    editor: SpectrogramEditor, tmp_path: Path
) -> None:
    emitted: list[str] = []
    editor.failed.connect(emitted.append)
    editor.saver()(tmp_path / "bad.txt")
    assert [sentence.count("\n") for sentence in emitted] == [0]


def test_at_every_point_of_the_picture_it_is_said_what_is_there(editor: SpectrogramEditor) -> None:
    canvas, said = editor.canvas, list[str]()
    canvas.pointed.connect(said.append)
    for width in range(997, 1004):  # where the last pixel lies in the last frame, or behind it
        editor.resize(width, 420)
        for x in (canvas.plot.left(), *range(canvas.plot.right() - 12, canvas.plot.right() + 1)):
            QTest.mouseMove(canvas, QPoint(x, 100))
    assert any("Hz" in what for what in said)
