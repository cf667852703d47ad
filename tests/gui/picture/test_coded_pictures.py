"""A model of codes in the window: the pictures that they stand for come about patch by patch,
beside the map of codes; strokes are in pixels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.generation.decoding import Decoding
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.colour_maps import colour_map
from studio.engine.scenes.carried import carried_in
from studio.gui.picture.site_colours import code_at
from studio.gui.picture.stage import Stage
from studio.gui.shell.main_window import MainWindow
from tests.coded_models import LEVELS, PATCH, PIXELS, SIDE, coded_checkpoint, shades
from tests.gui.windows import at_rest, change_model, click, drag, draw, open_window, site, until
from tests.tiny import tiny_checkpoint

SITES = SIDE * SIDE


@pytest.fixture
def window(own_models: None, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, coded_checkpoint(tmp_path)) as window:
        at_rest(qtbot, window.session)
        yield window


def step_to(qtbot: QtBot, window: MainWindow, position: int) -> None:
    window.drawing_page.drawing.run_to(position)
    until(qtbot, lambda: window.session.latest.position == position)
    at_rest(qtbot, window.session)


def shades_of(codes: np.ndarray) -> np.ndarray:
    """What they stand for, grey 0..255."""
    return (
        ((LEVELS - 1 - codes.astype(int)) * 255 // (LEVELS - 1)).repeat(PATCH, -2).repeat(PATCH, -1)
    )


def test_pictures_come_about_patch_by_patch_beside_their_codes(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, session = window.drawing_page, window.session
    window.session.change(count=4)
    step_to(qtbot, window, 5)
    stage, codes = page.stage, page.codes
    assert codes.isVisible()
    assert stage.space == (PIXELS, PIXELS)
    known = np.arange(SITES).reshape(SIDE, SIDE) < 5
    drawn = known.repeat(PATCH, 0).repeat(PATCH, 1)
    grey = stage._colours & 0xFF
    np.testing.assert_array_equal((stage._colours > 0), np.broadcast_to(drawn, grey.shape))
    expected = shades_of(session.latest.values[:, 0])
    np.testing.assert_array_equal(grey[:, drawn], expected[:, drawn])
    assert np.array_equal(codes.map._colours > 0, known)
    zoom = stage.picture_rect(0).width() // PIXELS
    assert stage.site_rect(0, (1, 1)).width() == PATCH * zoom, "the next one is marked whole"
    assert stage._cursor == (1, 1)
    assert codes.facts.facts is not None
    assert codes.facts.facts.upcoming
    assert len(codes.facts.facts.listed) == LEVELS


def said_by(part: QWidget) -> str:
    """All that its controls say in tips and words."""
    parts = [part, *part.findChildren(QWidget)]
    return " ".join(f"{one.toolTip()} {one.property('text') or ''}" for one in parts)


def test_what_is_drawn_is_called_a_code_wherever_it_is_named(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = window.drawing_page
    step_to(qtbot, window, 5)
    page.transport.speed.setValue(50)
    assert page.transport.position.text() == f"5 / {SITES} codes"
    assert page.transport.wanted.text().endswith("codes/s")
    assert "pixel" not in said_by(page.transport).lower()
    assert page.tools.change.text() == "Change a code"
    page.stage.set_overlay("entropy")
    assert "pixel" not in said_by(page.legend).lower()
    step_to(qtbot, window, SITES)
    assert page.transport.forward.toolTip().startswith("Every code is drawn")


def test_a_stroke_gives_the_codes_of_whole_patches_and_marks_the_rest(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, session = window.drawing_page, window.session
    page.tools.size_box.setValue(2)
    draw(page.stage, (0, 0))  # a square of four pixels: a patch
    page.tools.size_box.setValue(1)
    draw(page.stage, (2, 0))  # a part of the one below
    until(qtbot, lambda: session.latest.known is not None and page.stage.partly_given)
    at_rest(qtbot, session)
    assert np.argwhere(session.latest.known).tolist() == [[0, 0]]
    assert session.latest.values[0, 0, 0, 0] == 0, "white"
    assert page.stage._unseen is not None
    assert np.argwhere(page.stage._unseen).tolist() == [[2, 0]]
    assert not page.legend.entries["partly"].isHidden()
    page.finish()
    until(qtbot, lambda: session.latest.position == SITES)
    at_rest(qtbot, session)
    assert session.latest.pictures[0, 0, 0, 0] == LEVELS - 1


def test_the_code_under_the_pointer_is_told_of_and_a_click_on_the_map_goes_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, session = window.drawing_page, window.session
    step_to(qtbot, window, SITES)
    page.tools.change.trigger()
    said: list[str] = []
    page.stage.hovered.connect(said.append)
    QTest.mouseMove(page.stage, site(page.stage, 3, 6))  # in the patch of row 1, column 3
    code = int(session.latest.values[0, 0, 1, 3])
    until(qtbot, lambda: bool(said) and f"row 1, column 3 · code {code}" in said[-1])
    facts = page.codes.facts

    def told() -> bool:
        return facts.facts is not None and facts.facts.shares is not None

    until(qtbot, told)
    assert facts.facts is not None
    assert (facts.facts.site, facts.facts.code) == ((1, 3), code)
    assert facts.facts.shares is not None
    assert facts.facts.shares.sum() == pytest.approx(1, abs=1e-4)
    assert page.codes.map._marked == (1, 3)
    drag(page.codes.map, [page.codes.map.rect_of((2, 1)).center()])
    until(qtbot, lambda: session.latest.position == 2 * SIDE + 1)
    assert page.stage._marked == (0, (2, 1))


def test_a_patch_changed_by_hand_takes_the_code_that_is_nearest_to_the_ink(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, session = window.drawing_page, window.session
    step_to(qtbot, window, SITES)
    before = int(session.latest.values[0, 0, 1, 1])
    shade = before  # its patch has the shade turned round; this one is another
    page.tools.grey_ink.slider.setValue(shade)
    page.tools.change.trigger()
    drag(page.stage, [site(page.stage, 2, 3)])
    until(qtbot, lambda: bool(session.latest.changes))
    at_rest(qtbot, session)
    assert session.latest.changes[0].site == SIDE + 1
    assert code_at(session.latest, 0, (2, 3)) == LEVELS - 1 - shade
    assert session.latest.position == SITES, "what was finished is finished again"
    tree = page.branching.tree
    notes = [branch.note for branch, _ in tree.walk()]
    assert f"Row 1, column 1 set to code {LEVELS - 1 - shade}" in notes
    image = next(branch.thumbnail for branch, _ in tree.walk() if not branch.note)
    assert image.shape[1:] == (PIXELS, PIXELS)


def test_insights_lie_over_whole_patches(qtbot: QtBot) -> None:
    generation = Generation(model := shades(), SamplingOptions(seed=1))
    generation.step(SITES - 1)
    snapshot = Decoding(model).beside(generation.snapshot(None, False, 0.0))
    stage = Stage()
    qtbot.addWidget(stage)
    stage.show_painting(Painting(1, PIXELS, PIXELS, LEVELS))
    stage.show()
    qtbot.waitExposed(stage)
    stage.show_snapshot(snapshot)
    stage.set_overlay("entropy")
    assert stage.layer is not None
    assert "15 codes" in stage.layer.answer.sentence
    laid = stage._colours[0]
    np.testing.assert_array_equal(laid, laid[::PATCH, ::PATCH].repeat(PATCH, 0).repeat(PATCH, 1))
    assert np.isin(laid[laid > 0], colour_map("viridis")).all()
    assert (laid[-PATCH:, -PATCH:] == 0).all(), "not drawn yet"
    stage.close()


def test_files_hold_the_pictures_and_bring_the_scene_back(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page, session = window.drawing_page, window.session
    page.tools.size_box.setValue(3)
    draw(page.stage, (1, 1), (1, 6))
    step_to(qtbot, window, SITES)
    pictures, codes = session.latest.pictures.copy(), session.latest.values.copy()
    page.keep_as(path := tmp_path / "drawn.png")
    until(qtbot, path.exists)
    page.keep_as(film := tmp_path / "drawn.gif")
    until(qtbot, film.exists)
    at_rest(qtbot, session)
    saved = np.asarray(Image.open(path).convert("L"))
    scale, half = saved.shape[0] // PIXELS, saved.shape[0] // PIXELS // 2
    expected = pictures[0, 0].astype(int) * 255 // (LEVELS - 1)
    np.testing.assert_array_equal(saved[half::scale, half::scale], expected)
    with Image.open(film) as frames:
        assert getattr(frames, "n_frames", 1) > 3
    scene = carried_in(path)
    assert scene is not None
    session.clear()
    at_rest(qtbot, session)
    session.scenes.show(scene)
    until(qtbot, lambda: session.latest.position == SITES)
    at_rest(qtbot, session)
    np.testing.assert_array_equal(session.latest.values, codes)
    assert session.painting is not None
    assert session.painting.known.any()


def test_a_model_of_pixels_has_no_codes_beside_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.drawing_page
    assert page.tools.size_box.value() == 2 * PATCH
    change_model(qtbot, window, tiny_checkpoint(tmp_path))
    assert not page.codes.isVisible()
    assert page.tools.size_box.value() == 2
    assert not page.stage.partly_given
    click(page.transport.forward)
    until(qtbot, lambda: window.session.latest.position == 1)
    assert page.transport.back.toolTip() == "One pixel back (,)"
    assert page.tools.change.text() == "Change a pixel"
    assert page.stage.site_rect(0, (0, 1)).width() == page.stage._layout.zoom
    assert page.stage.site_at(QPoint(1, 1)) is None
