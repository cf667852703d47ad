"""The distribution of the next site: what is drawn of it, and what it shows of a colour under the
pointer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from studio.engine.generation.next_site import Components, NextSite, Why
from studio.gui.inspector import next_words, noise_strip
from studio.gui.inspector.distribution import Distribution
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme
from studio.gui.widgets.theme import Theme
from tests.gui.windows import at_rest, open_window, run_xdotool, until, wait_for_place
from tests.tiny import tiny_checkpoint

LOOKS = pytest.mark.parametrize("look", [Theme.LIGHT, Theme.DARK], indirect=True)


@pytest.fixture
def look(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Theme]:
    before = qapp.palette()
    qapp.setPalette(theme.palette(request.param))
    yield request.param
    qapp.setPalette(before)


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[Distribution]:
    chart = Distribution()
    qtbot.addWidget(chart)
    chart.resize(512, 116)
    yield chart
    chart.close()


def site(
    sampled: list[float] | np.ndarray, said: list[float] | np.ndarray | None = None, **more: object
) -> NextSite:
    """Of one channel."""
    shown = np.array([sampled], np.float32)
    before = shown if said is None else np.array([said], np.float32)
    return NextSite(3, shown, before, **more)  # type: ignore[arg-type]


def picture(chart: Distribution, shown: NextSite) -> QImage:
    chart.show_levels(shown.sampled, "Pixel", shown)
    return chart.grab().toImage()


def colour(image: QImage, point: QPointF) -> QColor:
    return image.pixelColor(point.toPoint())


def in_bar(chart: Distribution, level: int, across: float = 0.5, up: float = 0.5) -> QPointF:
    """A place within the room of a bar, in shares of it."""
    room = chart.bar(0, level)
    return QPointF(room.left() + across * room.width(), room.bottom() - up * room.height())


def strip(chart: Distribution) -> QRectF:
    place = chart.places()[0]
    return QRectF(place.left(), place.bottom() + 1, place.width(), noise_strip.HEIGHT)


def in_strip(chart: Distribution, share: float) -> QPointF:
    return QPointF(share * strip(chart).width(), strip(chart).center().y() + 1)


# ---- pictures of it ------------------------------------------------------------------------------


@LOOKS
def test_the_noise_falls_into_the_level_that_comes(look: Theme, chart: Distribution) -> None:
    image = picture(chart, site([0.25, 0.75], value=(1,), noise=(0.6,)))
    assert colour(image, in_strip(chart, 0.1)) == QColor("black")
    assert colour(image, in_strip(chart, 0.9)) == QColor("white")
    assert colour(image, in_strip(chart, 0.6)) == theme.colour("cursor")
    assert colour(image, in_bar(chart, 1)) == theme.colour("accent")
    assert colour(image, in_bar(chart, 1, across=0.154)) == theme.colour("cursor"), "outlined"
    assert colour(image, in_bar(chart, 0)) == chart.palette().base().color()


@LOOKS
def test_what_is_set_by_hand_has_no_mark_and_another_outline(
    look: Theme, chart: Distribution
) -> None:
    image = picture(chart, site([0.25, 0.75], value=(1,), noise=(0.6,), why=Why.BY_HAND))
    assert colour(image, in_strip(chart, 0.6)) == QColor("white")
    assert colour(image, in_bar(chart, 1, across=0.154)) == theme.colour("changed")
    assert "set this value by hand" in chart.toolTip()


@LOOKS
def test_what_the_model_says_is_an_outline_and_what_is_cut_off_is_hatched(
    look: Theme, chart: Distribution
) -> None:
    image = picture(chart, site([0.5, 0.5, 0, 0], [0.4, 0.2, 0.2, 0.2]))
    room = chart.bar(0, 1)
    text, base = chart.palette().windowText().color(), chart.palette().base().color()
    x, ground = round(room.center().x()), room.bottom()
    column = [image.pixelColor(x, y) for y in range(round(room.top()), round(ground))]
    assert text in column[round(0.8 * len(column)) - 2 : round(0.8 * len(column)) + 2]
    assert column[round(0.6 * len(column))] == theme.colour("accent")
    cut = chart.bar(0, 3)
    hatched = {
        image.pixelColor(round(cut.center().x()) + dx, round(ground) - dy).rgb()
        for dx in range(8)
        for dy in range(3, 9)
    }
    assert base.rgb() in hatched
    assert len(hatched) > 1
    assert theme.colour("accent").rgb() not in hatched


@LOOKS
def test_of_many_levels_what_is_cut_off_is_pale(look: Theme, chart: Distribution) -> None:
    said = np.full(256, 1 / 256, np.float32)
    sampled = np.where(np.arange(256) < 128, 1 / 128, 0).astype(np.float32)
    image = picture(chart, site(sampled, said))
    muted, base = theme.colour("muted"), chart.palette().base().color()
    assert colour(image, in_bar(chart, 60, up=0.25)) == theme.colour("accent")
    assert colour(image, in_bar(chart, 60, up=0.9)) == theme.colour("accent")
    pale = colour(image, in_bar(chart, 200, up=0.25)).lightness()
    assert (
        min(muted.lightness(), base.lightness()) < pale < max(muted.lightness(), base.lightness())
    )
    assert colour(image, in_bar(chart, 200, up=0.9)) == base


@LOOKS
def test_components_are_curves_under_their_sum(look: Theme, chart: Distribution) -> None:
    levels = np.arange(16)
    masses = np.stack([np.exp(-np.abs(levels - centre)) for centre in (3, 12)]).astype(np.float32)
    masses /= masses.sum(1, keepdims=True)
    weights = np.array([0.7, 0.3], np.float32)
    parts = Components(weights[None], masses[None])
    image = picture(chart, site(weights @ masses, components=parts))
    accent, base = theme.colour("accent"), chart.palette().base().color()
    bar = colour(image, in_bar(chart, 3, up=0.2))
    assert bar not in (accent, base), "paler than usual"
    x = round(chart.bar(0, 12).center().x())
    room = chart.bar(0, 12)
    column = [image.pixelColor(x, y) for y in range(round(room.top()), round(room.bottom()))]
    curve = [c for c in column if abs(c.saturation() - accent.saturation()) < 40 and c != bar]
    assert 1 <= len(curve) <= 4
    assert "2 components, which weigh 70 %, 30 %" in chart.toolTip()


def test_it_is_as_high_as_ever_for_two_levels(chart: Distribution) -> None:
    before = chart.sizeHint()
    picture(chart, site([0.25, 0.75], value=(1,), noise=(0.6,)))
    assert chart.sizeHint() == before


def test_the_noise_is_said_in_words(chart: Distribution) -> None:
    picture(chart, site([0.25, 0.75], value=(1,), noise=(0.6,)))
    assert "Noise 0.600 falls into white, from 0.250 to 1.000." in chart.accessibleDescription()


# ---- a colour under the pointer ------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A mixture of colours, before its first pixel."""
    checkpoint = tiny_checkpoint(tmp_path, "pixelcnn-plus-plus", levels=16, channels=3)
    with open_window(qtbot, checkpoint) as window:
        at_rest(qtbot, window.session)
        yield window


def point_at(window: MainWindow, channel: int, level: int, *then: str) -> None:
    """Put the pointer on a bar, and do something there."""
    bars = window.inspector.distribution
    inspector = window.docks["Inspector"].widget()
    assert isinstance(inspector, QScrollArea)
    inspector.ensureWidgetVisible(bars)
    wait_for_place(window)
    there = bars.mapToGlobal(bars.bar(channel, level).center().toPoint())
    run_xdotool("mousemove", str(there.x()), str(there.y()), *then)


def seen(window: MainWindow) -> NextSite:
    """What is shown of the next pixel."""
    upcoming = window.inspector.distribution.upcoming
    assert upcoming is not None
    assert upcoming.value is not None
    return upcoming


def far_red(window: MainWindow) -> int:
    """A red that is far from the one that will come."""
    upcoming = seen(window)
    assert upcoming.value is not None
    return 15 if upcoming.value[0] < 8 else 0


def test_green_and_blue_are_shown_after_the_red_that_is_pointed_at(
    window: MainWindow, qtbot: QtBot
) -> None:
    before, red = seen(window), far_red(window)
    point_at(window, 0, red)
    until(qtbot, lambda: seen(window).supposed == (red, None, None))
    assert not np.allclose(seen(window).sampled[1], before.sampled[1], atol=1e-3)
    assert next_words.after(seen(window), 1) == f"after red {red}"
    point_at(window, 2, 3)
    until(qtbot, lambda: seen(window).supposed == (None, None, 3))
    np.testing.assert_allclose(seen(window).sampled, before.sampled, atol=1e-6)


def test_a_level_that_is_held_stays_while_the_next_is_chosen(
    window: MainWindow, qtbot: QtBot
) -> None:
    red = far_red(window)
    point_at(window, 0, red, "keydown", "shift", "click", "1", "keyup", "shift")
    point_at(window, 1, 7)
    until(qtbot, lambda: seen(window).supposed == (red, 7, None))
    value = seen(window).value
    point_at(window, 1, 7, "click", "1")
    until(qtbot, lambda: window.session.latest.position == 1)
    assert tuple(window.session.latest.values[0, :, 0, 0].tolist()) == value
