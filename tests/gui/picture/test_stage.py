"""The stage: what is where, what it looks like, and how little it repaints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPaintEvent
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from studio.gui.picture.stage import Stage
from tests.gui.windows import drag, draw, site

SIDE = 6


def moment(
    position: int, count: int = 1, known: np.ndarray | None = None, unseen: np.ndarray | None = None
) -> Snapshot:
    """A checkerboard, drawn as far as `position`."""
    board = (np.indices((SIDE, SIDE)).sum(0) % 2).astype(np.uint8)
    following = divmod(position, SIDE) if position < SIDE * SIDE else None
    return Snapshot(
        position=position,
        length=SIDE * SIDE,
        start=0,
        recorded=position,
        playing=False,
        count=count,
        values=np.repeat(board[None, None], count, 0),
        known=known,
        unseen=unseen,
        order=np.arange(SIDE * SIDE),
        next_site=following,
        probabilities=np.full((1, 2), 0.5, np.float32),
        entropies=np.linspace(0, 0.69, SIDE * SIDE, dtype=np.float32),
        nats_so_far=0.0,
        bits_per_dim=None,
        sites_per_second=0.0,
        options=SamplingOptions(count=count),
    )


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage()
    qtbot.addWidget(stage)
    stage.resize(400, 420)
    stage.show_painting(Painting(1, SIDE, SIDE, 2))
    stage.show()
    qtbot.waitExposed(stage)
    yield stage
    stage.close()


def corner(stage: Stage, row: int, column: int, picture: int = 0) -> QPoint:
    """Inside a site, near its upper left: off the hatching's middle and off marks in the middle."""
    zoom = stage.picture_rect(0).width() // SIDE
    return site(stage, row, column, picture) - QPoint(zoom // 4, zoom // 4)


@pytest.mark.parametrize("count", [1, 4, 16, 64])
def test_pictures_have_an_integer_zoom_and_lie_side_by_side_within_the_stage(
    stage: Stage, count: int
) -> None:
    stage.show_snapshot(moment(36, count))
    rects = [stage.picture_rect(index) for index in range(count)]
    assert {rect.size().toTuple() for rect in rects} == {rects[0].size().toTuple()}
    assert rects[0].width() % SIDE == 0
    assert all(stage.rect().contains(rect) for rect in rects)
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])


@pytest.mark.parametrize("count", [1, 4, 64])
def test_every_site_is_found_under_the_pointer(stage: Stage, count: int) -> None:
    stage.show_snapshot(moment(36, count))
    for picture in (0, count - 1):
        for place in ((0, 0), (2, 5), (5, 5)):
            assert stage.site_at(site(stage, *place, picture=picture)) == (picture, place)
    assert stage.site_at(QPoint(1, 1)) is None


def test_a_stroke_stays_with_the_picture_it_began_in(stage: Stage, qtbot: QtBot) -> None:
    stage.show_snapshot(moment(35, count=4))
    emitted: list[tuple[int, int]] = []
    stage.dragged.connect(lambda row, column: emitted.append((row, column)))
    drag(stage, [site(stage, 2, 4), site(stage, 2, 1, picture=1)])
    qtbot.waitUntil(lambda: bool(emitted))
    assert emitted[-1][0] == 2
    assert emitted[-1][1] > SIDE, "beyond the right edge, not at the left one"


def test_drawn_sites_are_crisp_and_unknown_ones_hatched(stage: Stage, qtbot: QtBot) -> None:
    stage.show_snapshot(moment(18))
    image = stage.grab().toImage()
    for row in range(3):
        for column in range(SIDE):
            expected = 255 * ((row + column) % 2)
            assert image.pixelColor(corner(stage, row, column)).lightness() == expected or (
                row,
                column,
            ) == (2, 5)
    rect = stage.picture_rect(0)
    below = {image.pixelColor(x, rect.bottom() - 3).rgb() for x in range(rect.left(), rect.right())}
    assert len(below) > 2, "hatching has more than one colour"
    assert 0xFF000000 not in below
    assert 0xFFFFFFFF not in below


def test_what_the_person_painted_is_tinted_and_keeps_black_and_white_apart(stage: Stage) -> None:
    painting = Painting(1, SIDE, SIDE, 2)
    painting.line((0, 0), (0, 0), 1)
    painting.line((0, 3), (0, 3), 0)
    stage.show_painting(painting)
    stage.show_snapshot(moment(0, known=painting.known))
    image = stage.grab().toImage()
    white, black = (image.pixelColor(corner(stage, 0, column)) for column in (0, 3))
    assert white.saturation() > 20
    assert black.saturation() > 20
    assert white.lightness() > black.lightness() + 100


def test_colour_that_was_painted_is_distinguished_from_colour_that_was_drawn(stage: Stage) -> None:
    painting = Painting(3, SIDE, SIDE, 256)
    painting.line((0, 0), (0, 0), (255, 255, 255))
    stage.show_painting(painting)
    drawn = replace(
        moment(18, known=painting.known), values=np.full((1, 3, SIDE, SIDE), 255, np.uint8)
    )
    stage.show_snapshot(drawn)
    image = stage.grab().toImage()
    given, plain = image.pixelColor(corner(stage, 0, 0)), image.pixelColor(corner(stage, 2, 2))
    assert plain == QColor("white")
    assert 0 < given.saturation() < 40
    assert given.lightness() > 230


def test_the_uncertainty_of_three_channels_is_measured_against_three(stage: Stage) -> None:
    colour = replace(
        moment(18),
        values=np.zeros((1, 3, SIDE, SIDE), np.uint8),
        entropies=np.full(36, 3 * np.log(2), np.float32),
    )
    grey = replace(moment(18), entropies=np.full(36, np.log(2), np.float32))
    ask = insights()["entropy"].ask
    of_colour, of_grey = (ask(None, question_of(each, 2)).maps[0] for each in (colour, grey))
    np.testing.assert_array_equal(of_colour.values, of_grey.values)


def test_evidence_that_was_not_seen_is_dotted(stage: Stage) -> None:
    painting = Painting(1, SIDE, SIDE, 2)
    painting.line((4, 4), (4, 4), 1)
    stage.show_painting(painting)
    stage.show_snapshot(moment(0, known=painting.known))
    before = stage.grab().toImage().pixelColor(site(stage, 4, 4))
    stage.show_snapshot(moment(0, known=painting.known, unseen=painting.known.copy()))
    assert stage.grab().toImage().pixelColor(site(stage, 4, 4)) != before


@pytest.mark.parametrize("name", ["entropy", "order"])
def test_overlays_colour_what_is_drawn_and_nothing_else(stage: Stage, name: str) -> None:
    stage.show_snapshot(moment(18))
    plain = stage.grab().toImage()
    stage.set_overlay(name)
    marked = stage.grab().toImage()
    assert marked.pixelColor(corner(stage, 1, 1)).saturation() > 20
    assert marked.pixelColor(corner(stage, 5, 1)) == plain.pixelColor(corner(stage, 5, 1))


def test_no_line_is_drawn_of_the_order_in_a_hurry(stage: Stage) -> None:
    stage.set_overlay("order")
    for hurried in (True, False):
        stage.show_snapshot(replace(moment(18), hurried=hurried))
        assert stage.layer is not None
        assert (stage.layer.answer.path is None) == hurried


def test_only_what_changed_is_painted_again(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.show_snapshot(moment(12))
    qtbot.wait(50)
    areas: list[int] = []
    original: Callable[[QPaintEvent], None] = stage.paintEvent

    def noting(event: QPaintEvent) -> None:
        areas.append(sum(rect.width() * rect.height() for rect in event.region()))  # type: ignore[attr-defined]
        original(event)

    monkeypatch.setattr(stage, "paintEvent", noting)
    stage.show_snapshot(moment(13))
    qtbot.waitUntil(lambda: bool(areas))
    assert sum(areas) < stage.width() * stage.height() / 4
    areas.clear()
    stage.show_snapshot(moment(13))
    qtbot.wait(50)
    assert areas == []


def test_a_stroke_is_signalled_site_by_site_even_beyond_the_edge(
    stage: Stage, qtbot: QtBot
) -> None:
    emitted: list[tuple[str, int, int]] = []
    stage.pressed.connect(lambda row, column: emitted.append(("pressed", row, column)))
    stage.dragged.connect(lambda row, column: emitted.append(("dragged", row, column)))
    stage.released.connect(lambda: emitted.append(("released", 0, 0)))
    draw(stage, (2, 2), (2, 4), (-1, 4))
    qtbot.waitUntil(lambda: bool(emitted) and emitted[-1][0] == "released")
    assert emitted[0] == ("pressed", 2, 2)
    assert ("dragged", 2, 4) in emitted
    assert emitted[-2][:2] == ("dragged", -1)


def test_nothing_is_worked_out_while_it_is_hidden_and_all_is_there_when_it_shows_again(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.show_snapshot(moment(0))
    stage.hide()
    stage.show_snapshot(moment(36, count=4))
    assert stage.count == 1, "the pictures are laid out when they can be seen"
    stage.show()
    qtbot.waitExposed(stage)
    assert stage.count == 4
    image = stage.grab().toImage()
    assert image.pixelColor(corner(stage, 3, 4, picture=3)).lightness() == 255


def test_many_small_pictures_lie_closer_than_a_few_large_ones(stage: Stage) -> None:
    def gap(count: int, side: int) -> int:
        stage.resize(side, side)
        stage.show_snapshot(moment(36, count))
        return stage.picture_rect(1).left() - stage.picture_rect(0).right()

    assert gap(64, 240) < gap(4, 400)


def test_a_stroke_ends_where_its_picture_goes_meanwhile(stage: Stage, qtbot: QtBot) -> None:
    """It would go on in a picture that is no more."""
    emitted: list[str] = []
    stage.show_snapshot(moment(0, count=16))
    stage.pressed.connect(lambda row, column: stage.show_snapshot(moment(0, count=4)))
    stage.dragged.connect(lambda row, column: emitted.append("dragged"))
    stage.released.connect(lambda: emitted.append("released"))
    draw_in(stage, 15, (2, 2), (2, 4))
    qtbot.waitUntil(lambda: bool(emitted))
    assert emitted == ["released"]


def test_a_moment_of_a_model_with_pictures_of_another_size_is_not_shown(stage: Stage) -> None:
    stage.show_snapshot(replace(moment(0), length=0, order=np.arange(0), next_site=None))
    assert stage.count == 1
    assert stage.space == (SIDE, SIDE)


def test_what_is_under_the_pointer_is_said(stage: Stage, qtbot: QtBot) -> None:
    said: list[str] = []
    stage.hovered.connect(said.append)
    stage.show_snapshot(moment(18, count=4))
    drag(stage, [site(stage, 1, 2, picture=0)])
    qtbot.waitUntil(lambda: bool(said))
    assert said[-1] == "picture 1 · row 1, column 2 · white · uncertainty 0.23 bits"
    drag(stage, [site(stage, 5, 2, picture=3)])
    qtbot.waitUntil(lambda: said[-1] == "picture 4 · row 5, column 2")


def test_what_was_under_the_pointer_is_nowhere_on_a_smaller_picture(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.show_snapshot(moment(SIDE * SIDE))
    drag(stage, [site(stage, SIDE - 1, SIDE - 1)])
    qtbot.waitUntil(lambda: stage._hover is not None)
    stage.show_painting(Painting(1, 3, 3, 2))
    small = replace(moment(9), length=9, values=np.ones((1, 1, 3, 3), np.uint8), order=np.arange(9))
    stage.show_snapshot(replace(small, next_site=None, entropies=np.zeros(9, np.float32)))
    assert stage._hover is None


def test_an_overlay_lies_over_the_picture_that_is_told_of(stage: Stage) -> None:
    stage.set_overlay("entropy")
    stage.show_snapshot(replace(moment(36, count=4), chosen=2))
    image = stage.grab().toImage()
    coloured = [
        image.pixelColor(corner(stage, 1, 1, picture)).saturation() > 20 for picture in range(4)
    ]
    assert coloured == [False, False, True, False]


def test_it_says_what_there_is_to_do_until_something_is_there(stage: Stage) -> None:
    stage.show_snapshot(moment(0))
    plain = stage.grab().toImage()
    stage.hint = "Paint here."
    stage.show_snapshot(moment(0))
    assert stage.grab().toImage() != plain
    painting = Painting(1, SIDE, SIDE, 2)
    painting.line((0, 0), (0, 0), 1)
    stage.show_painting(painting)
    assert not stage._hinted


def draw_in(stage: Stage, picture: int, *sites: tuple[int, int]) -> None:
    drag(stage, [site(stage, *place, picture=picture) for place in sites])
