"""The page of a network's anatomy: opened, pointed at and stepped with the real pointer; its
figures by their colours, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from models.anatomy import Connection, Figure, Gate, MaskedUnits, Stacks, UnitLayer, figures
from models.layers.masked import MaskedConv2d
from models.layers.stacks import LeftOf, RowsAbove
from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.column import in_one
from studio.gui.picture.anatomy.enlarged import Enlarged
from studio.gui.picture.anatomy.gates import GateView
from studio.gui.picture.anatomy.ink import shaded
from studio.gui.picture.anatomy.kernels import KernelView
from studio.gui.picture.anatomy.stacks import StacksView
from studio.gui.picture.anatomy.units import UnitsView
from studio.gui.picture.anatomy.view import FigureView, view_of
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on
from tests.gui.windows import click, open_window, press, run_xdotool, until
from tests.models.zoo import small
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "made")) as window:
        yield window


def opened(qtbot: QtBot, window: MainWindow) -> None:
    """The page, with the mouse."""
    click(window.inspector.anatomy)
    until(qtbot, lambda: window.anatomy_page.column is not None)
    until(qtbot, lambda: units_of(window).isVisible())


def units_of(window: MainWindow) -> UnitsView:
    column = window.anatomy_page.column
    assert column is not None
    return next(view for view in column.views if isinstance(view, UnitsView))


def point_at(widget: QWidget, place: QPoint) -> None:
    there = widget.mapToGlobal(place)
    run_xdotool("mousemove", str(there.x()), str(there.y() - 1), "sleep", "0.02")
    run_xdotool("mousemove", str(there.x()), str(there.y()))


def unit_at(view: UnitsView, layer: int, unit: int) -> QPoint:
    middle = view.place(layer, unit)
    return view.at(middle.x(), middle.y()).toPoint()


def test_a_unit_under_the_pointer_lights_exactly_its_inputs(
    qtbot: QtBot, window: MainWindow
) -> None:
    opened(qtbot, window)
    view, model = units_of(window), window.session.model
    assert model is not None
    point_at(view, unit_at(view, 2, 7))
    until(qtbot, lambda: view.lit_unit == (2, 7))
    degrees = model.get_buffer("degrees")
    unit = view.figure.layers[2].index[view.shown[2][7]]
    first = (degrees[:, None] > torch.arange(64)).int()
    second = (degrees[:, None] >= degrees).int()
    inputs = torch.nonzero((second @ first)[unit]).flatten().tolist()
    assert view.lit_inputs() == set(inputs)
    assert window.anatomy_page.says.text().startswith("Unit ")


def test_a_figure_is_large_after_a_click_and_escape_goes_back_to_all_and_to_the_stage(
    qtbot: QtBot, window: MainWindow
) -> None:
    opened(qtbot, window)
    page = window.anatomy_page
    click(units_of(window))
    until(qtbot, lambda: page.enlarged.isVisible())
    press("Escape")
    until(qtbot, lambda: not page.enlarged.isVisible())
    assert page.isVisible()
    press("Escape")
    until(qtbot, lambda: window.drawing_page.isVisible())


def test_a_step_lights_the_pixel_that_is_known_now(qtbot: QtBot, window: MainWindow) -> None:
    opened(qtbot, window)
    view = units_of(window)
    until(qtbot, lambda: view.seen is not None)
    click(window.anatomy_page.step_on)
    until(qtbot, lambda: view.seen is not None and view.seen.position == 1)
    assert painted(view).pixelColor(spot(view, 0, 0)) == theme.colour("ok")
    assert painted(view).pixelColor(spot(view, 0, 1)) == theme.colour("card")


def test_another_model_is_drawn_instead(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    opened(qtbot, window)
    window.anatomy_page.column.said.emit("Of the model before.")  # type: ignore[union-attr]
    path = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    window.session.load(path)
    until(qtbot, lambda: window.session.checkpoint == path)
    page = window.anatomy_page
    until(qtbot, lambda: any(isinstance(view, StacksView) for view in page.column.views))  # type: ignore[union-attr]
    assert page.isVisible()
    assert page.says.text() != "Of the model before."


def test_a_page_that_is_not_seen_keeps_no_model(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    opened(qtbot, window)
    page = window.anatomy_page
    window.show_stage()
    path = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    window.session.load(path)
    until(qtbot, lambda: window.session.checkpoint == path)
    assert page._asked is None
    assert page._there is None
    click(window.inspector.anatomy)

    def stacks() -> bool:
        column = page.column
        return column is not None and any(isinstance(each, StacksView) for each in column.views)

    until(qtbot, stacks)


@dataclass(frozen=True, eq=False)
class Whorl(Figure):
    title = "Whorl"
    about = "Something of another package."


def test_a_figure_that_nothing_draws_is_told_in_words(qtbot: QtBot) -> None:
    view = view_of(Whorl())
    qtbot.addWidget(view)
    assert view.words("all") == "Whorl: Something of another package."
    assert not view.grab().isNull()


def test_masked_units_of_more_layers_and_of_another_network_are_drawn_as_they_are(
    qtbot: QtBot,
) -> None:
    def units(last: int) -> MaskedUnits:
        numbers = np.arange(1, 5)
        layers = tuple(UnitLayer(f"layer {i}", numbers, numbers - 1, 4) for i in range(5))
        mask = np.tri(4, 4, -1, dtype=bool)
        mask[3, :last] = False
        links = tuple(Connection(f"to {i + 1}", i, i + 1, mask) for i in range(4))
        return MaskedUnits(layers, links, numbers - 1, "")

    view = view_of(units(0))
    qtbot.addWidget(view)
    assert isinstance(view, UnitsView)
    assert not view.grab().isNull()
    assert len(view._numbers[1, 3]) == 3
    view.show_figure(units(2))
    assert view._numbers[1, 3].tolist() == [3]


def test_the_slider_shows_each_of_the_layers_that_are_drawn_as_one(qtbot: QtBot) -> None:
    enlarged = Enlarged()
    qtbot.addWidget(enlarged)
    part = next(p for p in figures(small("gated-pixelcnn")) if p.count == 6)
    enlarged.show_part(part, None)
    enlarged.which.setValue(2)
    assert enlarged.view is not None
    assert enlarged.view.figure is part.figures[2]
    assert "3 of 6" in enlarged.title.text()
    assert "dilation 4" in enlarged.title.text()


def test_names_of_repeated_modules_are_one_name() -> None:
    assert in_one(["blocks.0.down", "blocks.1.down", "blocks.2.down"]) == "blocks.0–2.down"
    assert in_one(["first"]) == "first"


@pytest.mark.usefixtures("qtbot")
def test_in_another_order_the_same_numbers_stand_for_other_pixels() -> None:
    view = of_units("made-any-order")
    view.follow(replace(half_drawn(), order=np.arange(42)[::-1].copy()))
    view.lit = ("unit", 3, 6)
    number = view.figure.layers[3].numbers[view.shown[3][6]]
    assert view.lit_inputs() == set(range(42 - number + 1, 42))


def test_what_the_page_says_is_in_one_line(qtbot: QtBot) -> None:
    for view in (of_units("made"), view_of(next(MaskedConv2d(1, 1, 3, "A").anatomy()))):
        qtbot.addWidget(view)
        view.follow(half_drawn())
        things = {view.under(x, y) for x in range(4, 640, 20) for y in range(2, 420, 14)} - {None}
        said = [view.words(thing) for thing in things if thing is not None]
        assert said
        assert all(sentence.endswith(".") and len(sentence) < 110 for sentence in said)


# ---- colours -------------------------------------------------------------------------------------


@pytest.fixture(params=[Qt.ColorScheme.Light, Qt.ColorScheme.Dark], ids=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(request.param)
    yield
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)


def of_units(name: str) -> UnitsView:
    parts = figures(small(name, (1, 6, 7), hidden=40))
    view = view_of(next(p.figure for p in parts if isinstance(p.figure, MaskedUnits)))
    assert isinstance(view, UnitsView)
    return view


def painted(view: FigureView) -> QImage:
    """The figure in its own units, a pixel each."""
    width, height = view.extent()
    image = QImage(int(width), int(height), QImage.Format.Format_RGB32)
    image.fill(view.palette().window().color())
    with painter_on(image) as painter:
        view.draw(painter)
    return image


def spot(view: UnitsView, layer: int, unit: int) -> QPoint:
    """Within a unit, beside its number."""
    return (view.place(layer, unit) + QPoint(0, 9)).toPoint()


def half_drawn() -> Question:
    """The upper three of six rows are there, white."""
    there = np.zeros((6, 7), bool)
    there[:3] = True
    values = np.where(there, 1, 0).astype(np.uint8)[None]
    return Question(values, there, np.zeros_like(there), np.arange(42), 2)


def close(one: QColor, other: QColor) -> bool:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return all(abs(a - b) <= 2 for a, b in pairs)


@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize("size", [3, 5, 7])
def test_the_edge_of_a_kernel_belongs_to_its_last_tap(size: int) -> None:
    view = view_of(next(MaskedConv2d(1, 1, size, "B").anatomy()))
    assert isinstance(view, KernelView)
    corner = view.grid.box.bottomRight()
    assert view.under(corner.x() - 1e-9, corner.y() - 1e-9) == ("tap", size // 2, size // 2)


@pytest.mark.usefixtures("qtbot")
def test_a_kernel_is_shaded_crossed_and_its_centre_outlined(scheme: None) -> None:
    layer = MaskedConv2d(2, 3, 5, "A")
    (figure,) = layer.anatomy()
    view = view_of(figure)
    assert isinstance(view, KernelView)
    image = painted(view)
    middle = view.grid.cell(-1, 1).center().toPoint()
    share = view.figure.strength[1, 3] / view.figure.strength.max()
    assert close(image.pixelColor(middle), shaded(float(share)))
    crossed = view.grid.cell(1, 1)
    assert close(image.pixelColor(crossed.center().toPoint()), theme.colour("muted"))
    assert close(
        image.pixelColor(crossed.topLeft().toPoint() + QPoint(5, 18)), theme.colour("card")
    )
    centre = view.grid.cell(0, 0)
    edge = QPoint(round(centre.left()), round(centre.center().y()))
    assert close(image.pixelColor(edge), theme.colour("cursor"))


@pytest.mark.usefixtures("qtbot")
def test_what_a_kernel_looks_at_lies_over_the_picture(scheme: None) -> None:
    (figure,) = MaskedConv2d(2, 3, 3, "A").anatomy()
    view = view_of(figure)
    assert isinstance(view, KernelView)
    view.follow(half_drawn())
    image = painted(view)
    box = view._picture
    side = box.width() / 7
    top = box.center().y() - 3 * side

    def colour(row: int, column: int) -> QColor:
        x, y = box.left() + (column + 0.5) * side, top + (row + 0.5) * side
        return image.pixelColor(round(x), round(y))

    assert close(colour(2, 6), QColor("white"))  # drawn, outside the kernel
    assert not close(colour(2, 0), QColor("white"))  # drawn, above the next pixel
    assert close(colour(5, 3), theme.colour("unknown"))


@pytest.mark.usefixtures("qtbot")
def test_known_units_are_lit_and_a_mask_is_drawn_as_it_is(scheme: None) -> None:
    view = of_units("made")
    view.follow(half_drawn())
    image = painted(view)
    assert close(image.pixelColor(spot(view, 0, 0)), theme.colour("ok"))
    assert close(image.pixelColor(spot(view, 0, 12)), theme.colour("card"))
    box = view._mask_boxes()[1]
    low = (box.bottomLeft() + QPoint(6, -6)).toPoint()
    high = (box.topRight() + QPoint(-6, 6)).toPoint()
    assert close(image.pixelColor(low), theme.colour("accent"))
    assert close(image.pixelColor(high), theme.colour("card"))


@pytest.mark.usefixtures("qtbot")
def test_both_stacks_are_shaded_where_they_look(scheme: None) -> None:
    view = view_of(Stacks(RowsAbove(1, 2).taps(), LeftOf(1, 2).taps(), 2, 1))
    assert isinstance(view, StacksView)
    image = painted(view)
    most = float(view.figure.horizontal.strength.max())
    left = view.grid("horizontal").cell(0, -3).center().toPoint()
    share = float(view.figure.horizontal.strength[0]) / most
    assert close(image.pixelColor(left), shaded(share))
    below = view.grid("vertical").cell(2, 2).center().toPoint()
    assert close(image.pixelColor(below), theme.colour("card"))


@pytest.mark.parametrize("signal", ["tanh", ""])
@pytest.mark.usefixtures("qtbot")
def test_a_gate_has_two_halves_with_their_curves(scheme: None, signal: str) -> None:
    view = view_of(Gate(signal, 32, ("the row above",), condition="class"))
    assert isinstance(view, GateView)
    places, image = view.places(), painted(view)
    card, accent = theme.colour("card"), theme.colour("accent")

    def at(half: str, x: float, y: float) -> set[str]:
        """About -4..4 along a half's curve, and -1..1 up it, where it is drawn."""
        box = places[half].adjusted(8, 8, -62, -8)
        spot = (box.center() + QPointF(x * box.width() / 8, -y * box.height() / 2)).toPoint()
        return {image.pixelColor(spot + QPoint(0, by)).name() for by in (-2, -1, 0, 1, 2)}

    curve, axis = accent.name(), theme.colour("line").name()
    assert curve in at("signal", 0, 0) & at("sigmoid", 0, 0)
    assert curve in at("signal", -1, np.tanh(-1) if signal else -1)
    assert (curve in at("signal", -1, -1)) is (signal == ""), "tanh has not come to its end yet"
    assert axis in at("signal", -3, 0), "the signal is of both signs"
    assert at("sigmoid", -3, 0) == {card.name()}, "the sigmoid is above its axis"
    rim = places["times"].center() + QPointF(0, 9)
    assert image.pixelColor(rim.toPoint()) == card
    told = places["condition"].center() - QPointF(0, 30)
    assert image.pixelColor(told.toPoint()) == theme.colour("evidence")


@pytest.mark.usefixtures("qtbot")
def test_the_half_of_a_gate_under_the_pointer_is_outlined(scheme: None) -> None:
    view = view_of(Gate("tanh", 32, ("the row above",)))
    assert isinstance(view, GateView)
    place = view.places()["sigmoid"]
    edge = QPoint(round(place.left()), round(place.center().y() + 12))
    assert painted(view).pixelColor(edge) == theme.colour("line")
    view.lit = view.under(place.center().x(), place.center().y())
    assert painted(view).pixelColor(edge) == theme.colour("accent")
