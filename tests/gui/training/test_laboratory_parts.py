"""The parts of the laboratory, each by itself: what they compute, paint and ask."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import models
from studio.engine.runtime.jobs import Job, stop_all
from studio.engine.training.batch_finding import Measured, Proposal
from studio.engine.training.rate_finding import RateTest, Tried
from studio.engine.training.sweeps import sweep
from studio.engine.training.training_request import request_for
from studio.gui.training.choices import Setting
from studio.gui.training.laboratory.axes import LogAxis, log_ticks, unit_of_time
from studio.gui.training.laboratory.batch_dialog import BatchDialog
from studio.gui.training.laboratory.chart import Chart, Line
from studio.gui.training.laboratory.lines import Lines
from studio.gui.training.laboratory.rate_dialog import RateDialog
from studio.gui.training.laboratory.readings import Reading, Readings
from studio.gui.training.laboratory.run_colours import DARK, LIGHT, MARKS, MOST, colour_of
from studio.gui.training.laboratory.seen import Curve, Seen
from studio.gui.training.laboratory.smoothing import smoothed
from studio.gui.training.laboratory.sweep_dialog import SweepDialog, proposed, split
from studio.gui.widgets import theme

SETTINGS = (
    Setting("rate", "0.002", "Peak learning rate", "Rate"),
    Setting("batch", "32", "Pictures in each step", "Batch"),
    Setting("hidden", "16", "Hidden units", "Hidden"),
)


# ---- figures -------------------------------------------------------------------------------------


def test_smoothing_averages_with_the_past_and_leaves_what_is_level() -> None:
    values = np.array([1.0, 0.0, 0.0, 4.0])
    assert smoothed(values, 0.0) is values
    expected = [1, 0.5 / 1.5, 0.25 / 1.75, (4 + 0.125) / 1.875]
    assert smoothed(values, 0.5) == pytest.approx(expected)
    assert smoothed(np.full(500, 0.3), 0.95) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("low", "high"), [(0.08, 0.3), (0.101, 0.109), (0.5, 0.9), (1e-4, 10), (1e-9, 1e9), (0.09, 1.1)]
)
def test_a_logarithmic_axis_has_a_few_round_figures(low: float, high: float) -> None:
    ticks = log_ticks(low, high)
    assert 3 <= len(ticks) <= 20
    assert all(0.999 * low <= tick <= 1.001 * high for tick in ticks)
    assert all(float(f"{tick:.3g}") == pytest.approx(tick) for tick in ticks)


def test_an_axis_that_has_just_become_logarithmic_can_have_the_range_of_before(
    qtbot: QtBot,
) -> None:
    axis = LogAxis("bottom")
    assert axis.logTickValues(0, 3000, 500, None) == []
    (_, powers), *_ = axis.logTickValues(-1, 1, 500, None)
    assert axis.logTickStrings(powers, 1, 1)[0] == "0.1"


def test_times_are_told_in_the_unit_that_fits() -> None:
    assert unit_of_time(90)[1] == "seconds"
    assert unit_of_time(600) == (60, "minutes")
    assert unit_of_time(3 * 3600) == (3600, "hours")


def test_a_line_is_read_off_at_its_nearest_point_and_nowhere_beyond_its_ends() -> None:
    line = Line("run", Path("run"), 0, np.array([10.0, 20, 30]), np.array([3.0, 2, 1]))
    assert line.at(16) == (20, 2)
    assert line.at(9) == (10, 3)
    assert line.at(60) is None
    assert Line("run", Path("run"), 0, np.array([5.0]), np.array([1.0])).at(5) == (5, 1)


def test_points_whose_seconds_are_not_known_are_left_out_along_the_time() -> None:
    numbers = np.array([1.0, 2, 3])
    curve = Curve(numbers, numbers, np.array([1.0, np.nan, 3]), numbers)
    run = Seen(Path("run"), "run", "made", None, "stopped", "", None, 3, 3, curves={"train": curve})
    (line,) = Lines().of([run], {run.folder: 0}, "loss", "time", 0.0)
    assert (line.x.tolist(), line.y.tolist()) == ([1, 3], [1, 3])
    (line,) = Lines().of([run], {run.folder: 0}, "loss", "steps", 0.0)
    assert line.x.tolist() == [1, 2, 3]


def test_proposed_values_lie_round_the_present_one() -> None:
    assert proposed("0.002") == "0.001, 0.002, 0.004"
    assert proposed("32") == "16, 32, 64"
    assert proposed("muon") == "muon"
    assert split(proposed("1, 2, 4")) == ["1, 2, 4"]
    assert split("0.1, 0.2 ,") == ["0.1", "0.2"]


# ---- colours -------------------------------------------------------------------------------------

# how people see that lack a kind of cone: Machado, Oliveira and Fernandes (2009), severity 1
SIGHT = {
    "usual": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def linear(colour: str) -> NDArray[np.float64]:
    told = QColor(colour)
    values = np.array([told.redF(), told.greenF(), told.blueF()])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* of linear light, white being that of sRGB."""
    xyz = np.array(TO_XYZ) @ light / np.sum(TO_XYZ, axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("sight", SIGHT)
def test_colours_of_runs_differ_for_everybody(colours: tuple[str, ...], sight: str) -> None:
    seen = [lab(np.clip(np.array(SIGHT[sight]) @ linear(colour), 0, 1)) for colour in colours]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    assert nearest > 25


@pytest.mark.parametrize(
    ("colours", "look"), [(LIGHT, theme.Theme.LIGHT), (DARK, theme.Theme.DARK)]
)
def test_colours_of_runs_stand_out_from_the_ground(
    colours: tuple[str, ...], look: theme.Theme
) -> None:
    def luminance(colour: str) -> float:
        return float(np.dot(TO_XYZ[1], linear(colour))) + 0.05

    ground = luminance(theme.palette(look).base().color().name())
    for colour in colours:
        low, high = sorted((luminance(colour), ground))
        assert high / low >= 3
    assert len(set(colours)) == len(set(MARKS)) == MOST


# ---- what is painted -----------------------------------------------------------------------------


@pytest.fixture(params=[theme.Theme.LIGHT, theme.Theme.DARK])
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    before = qapp.palette()
    qapp.setPalette(theme.palette(request.param))
    yield
    qapp.setPalette(before)


def painted_on(widget: QWidget) -> QImage:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    widget.render(image, QPoint())
    return image


def level(place: int, value: float, validation: bool) -> Line:
    """A run that stays at one value."""
    x = np.array([0.0, 50, 100])
    return Line(f"run {place}", Path(str(place)), place, x, np.full(3, value), validation)


@pytest.mark.usefixtures("look")
def test_each_run_is_drawn_in_its_colour_light_and_dark(qtbot: QtBot) -> None:
    chart, logarithmic = Chart(), theme.is_dark()  # each scale once
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    with qtbot.waitExposed(chart):
        chart.show()
    values = {0: 0.13, 1: 0.23, 2: 0.37}
    lines = [level(place, value, validation=True) for place, value in values.items()]
    chart.show_lines(lines, "steps", "bits/dim", logarithmic, "")
    image = chart.grab().toImage()
    for place, value in values.items():
        y = math.log10(value) if logarithmic else value
        point = chart.mapFromScene(chart.plotItem.vb.mapViewToScene(QPointF(25, y)))
        near = [image.pixelColor(point.x(), point.y() + by) for by in (-1, 0, 1)]
        assert min(apart(colour_of(place), one) for one in near) < 16  # under the grid
    empty = image.pixelColor(point.x(), point.y() + 12)
    assert empty == chart.palette().base().color()


def apart(one: QColor, other: QColor) -> int:
    """The largest difference of a channel, of 255."""
    return max(
        abs(one.red() - other.red()),
        abs(one.green() - other.green()),
        abs(one.blue() - other.blue()),
    )


@pytest.mark.usefixtures("look")
def test_the_box_of_readings_has_its_ground_edge_and_swatches_light_and_dark(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    box = Readings(parent)
    box.show_readings("", [Reading("", place, 0.1) for place in range(3)])
    image = painted_on(box)
    assert image.pixelColor(0, box.height() // 2).name() == theme.colour("line").name()
    assert image.pixelColor(3, 3).name() == theme.colour("card").name()
    line = box.fontMetrics().lineSpacing()
    for place in range(3):
        middle = 6 + line * (place + 1) + line // 2
        assert image.pixelColor(6 + 13, middle).name() == colour_of(place).name()


# ---- a sweep -------------------------------------------------------------------------------------


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """What a dialog belongs to."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def dialog(qtbot: QtBot, parent: QWidget, user_data_folder: Path) -> tuple[SweepDialog, list[Any]]:
    """Asks for a sweep of a small model; and what it was asked for, when it is accepted."""
    taken: list[Any] = []
    request = request_for("made", models.recipe("made"), {})
    dialog = SweepDialog(
        parent,
        "made",
        SETTINGS,
        lambda values, minutes: sweep(request, values, minutes, "mine"),
        taken.extend,
    )
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog, taken


def choose(dialog: SweepDialog, row: int, key: str, text: str) -> None:
    dialog.fields[row].setCurrentIndex(dialog.fields[row].findData(key))
    dialog.values[row].setText(text)


def test_a_sweep_says_how_many_runs_and_how_long_before_it_begins(
    qtbot: QtBot, dialog: tuple[SweepDialog, list[Any]]
) -> None:
    asks, taken = dialog
    choose(asks, 0, "rate", "0.001, 0.002, 0.004")
    choose(asks, 1, "batch", "16, 32")
    assert asks.outcome.text() == "6 runs of 5 minutes each: about 30 minutes in all."
    qtbot.mouseClick(asks.add, Qt.MouseButton.LeftButton)
    assert [one["changes"] for one in taken[:2]] == [
        {"rate": "0.001", "batch": "16"},
        {"rate": "0.001", "batch": "32"},
    ]
    assert len(taken) == 6


def test_a_sweep_of_more_than_twelve_runs_is_refused(
    dialog: tuple[SweepDialog, list[Any]],
) -> None:
    asks, _ = dialog
    choose(asks, 0, "rate", "0.001, 0.002, 0.004, 0.008, 0.016")
    choose(asks, 1, "batch", "8, 16, 32")
    assert "12 at most" in asks.outcome.text()
    assert not asks.add.isEnabled()


def test_a_sweep_says_which_value_cannot_be_used(dialog: tuple[SweepDialog, list[Any]]) -> None:
    asks, _ = dialog
    choose(asks, 0, "hidden", "16, many")
    assert '"many" does not fit hidden' in asks.outcome.text()


# ---- a learning rate -----------------------------------------------------------------------------


def found(suggested: dict[str, float], reason: str) -> RateTest:
    rates = np.geomspace(1e-5, 1, 40)
    tried = [Tried({"rate": rate}, loss, loss) for rate, loss in zip(rates, rates + 1, strict=True)]
    return RateTest(tuple(tried), suggested, reason, "bits_per_dim")


def asks_for_rate(
    qtbot: QtBot, parent: QWidget, test: RateTest
) -> tuple[RateDialog, dict[str, float]]:
    taken: dict[str, float] = {}
    dialog = RateDialog(parent, "made on mnist", Job(lambda job: test), taken.update)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: dialog.outcome.text() == test.reason)
    assert not stop_all([dialog.job], 5)
    return dialog, taken


def test_the_suggested_rate_is_marked_in_the_curve_and_taken_by_a_button(
    qtbot: QtBot, parent: QWidget
) -> None:
    rates = {"rate": 0.004, "muon_rate": 0.02}
    dialog, taken = asks_for_rate(qtbot, parent, found(rates, "It falls fastest there."))
    assert dialog.curve.suggestion.isVisible()
    assert dialog.curve.suggestion.value() == pytest.approx(math.log10(0.004))
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert taken == rates


def test_where_no_rate_can_be_told_none_can_be_taken(qtbot: QtBot, parent: QWidget) -> None:
    dialog, _ = asks_for_rate(qtbot, parent, found({}, "The loss fell at none of the rates."))
    assert not dialog.use.isEnabled()
    assert not dialog.curve.suggestion.isVisible()


# ---- a batch -------------------------------------------------------------------------------------


def asks_for_batch(
    qtbot: QtBot, parent: QWidget, proposal: Proposal
) -> tuple[BatchDialog, dict[str, float]]:
    taken: dict[str, float] = {}
    dialog = BatchDialog(parent, "made on mnist", Job(lambda job: proposal), taken.update)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: dialog.outcome.text() == proposal.reason)
    assert not stop_all([dialog.job], 5)
    return dialog, taken


BATCHES = (Measured(32, 0.1, None), Measured(64, 0.1, None), Measured(128, 0.2, None))


def test_the_proposed_batch_is_marked_and_taken_by_a_button_with_its_rates(
    qtbot: QtBot, parent: QWidget
) -> None:
    proposal = Proposal(BATCHES, 64, {"rate": 0.003}, "It is twice as fast.")
    dialog, taken = asks_for_batch(qtbot, parent, proposal)
    assert dialog.curve.suggestion.value() == pytest.approx(math.log10(64))
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert taken == {"batch": 64, "rate": 0.003}


def test_where_the_batch_of_the_recipe_is_good_there_is_nothing_to_take(
    qtbot: QtBot, parent: QWidget
) -> None:
    proposal = Proposal(BATCHES, 32, {"rate": 0.002}, "It is as fast as larger ones.")
    dialog, _ = asks_for_batch(qtbot, parent, proposal)
    assert not dialog.use.isEnabled()
