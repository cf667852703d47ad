"""Pictures that are drawn all at once: chosen in the transport, counted in passes, scrubbed like
any other; what is not settled yet looks so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.engine import kinds
from studio.engine.editing.painting import Painting
from studio.engine.generation.decoders import PARALLEL, SEQUENTIAL
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.gui.inspector.method_box import MethodBox
from studio.gui.picture.site_colours import site_in_words
from studio.gui.picture.stage import Stage
from studio.gui.picture.transport import Transport
from studio.gui.session import _usable
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme
from studio.gui.widgets.legend import Legend
from tests.gui.picture.test_stage import SIDE, corner, moment
from tests.gui.windows import at_rest, click, drag, open_window, until
from tests.models.zoo import small
from tests.tiny import SIZE, tiny_checkpoint

SETTLED = 14  # sites of the second picture; of the first, 9


def at_once(position: int = 9, passes: int = 3, in_all: int | None = None) -> Snapshot:
    """Two checkerboards, the second of which is settled further than the first."""
    settled = np.zeros((2, SIDE * SIDE), bool)
    settled[0, :position], settled[1, : max(position, SETTLED)] = True, True
    return replace(
        moment(position, count=2),
        options=SamplingOptions(count=2, decode=PARALLEL),
        passes=passes,
        passes_in_all=in_all,
        settled=settled.reshape(2, SIDE, SIDE),
    )


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def test_all_at_once_is_chosen_played_and_scrubbed_back(window: MainWindow, qtbot: QtBot) -> None:
    session, transport = window.session, window.drawing_page.transport
    click(transport.play)
    until(qtbot, lambda: session.latest.position == SIZE * SIZE)
    one_by_one = session.latest.values
    click(transport.decoder[PARALLEL])
    until(qtbot, lambda: session.latest.passes == 0)
    assert transport.decoder[PARALLEL].isChecked()
    click(transport.play)
    until(qtbot, lambda: session.latest.position == SIZE * SIZE)
    at_rest(qtbot, session)
    last = session.latest
    np.testing.assert_array_equal(last.values, one_by_one)
    assert 1 < last.passes == last.passes_in_all < SIZE * SIZE
    assert transport.position.text() == f"pass {last.passes} of {last.passes}"
    bar = transport.scrubber
    middle = bar.height() // 2
    drag(bar, [QPoint(bar.width() - 8, middle), QPoint(bar.width() // 2, middle)])
    until(qtbot, lambda: 0 < session.latest.passes < last.passes)
    click(transport.back)
    at_rest(qtbot, session)
    before = session.latest.passes
    click(transport.forward)
    until(qtbot, lambda: session.latest.passes == before + 1)


# ---- parts of the window, by themselves ----------------------------------------------------------


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage()
    qtbot.addWidget(stage)
    stage.resize(500, 260)
    stage.show_painting(Painting(1, SIDE, SIDE, 2))
    stage.show()
    qtbot.waitExposed(stage)
    yield stage
    stage.close()
    theme.choose(theme.Theme.SYSTEM)


@pytest.mark.parametrize("look", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_what_is_settled_is_plain_and_what_is_not_is_half_tinted(
    stage: Stage, look: theme.Theme
) -> None:
    theme.choose(look)
    stage.show_snapshot(at_once())
    picture, tint = stage.grab().toImage(), theme.colour("guess")
    for number, settled in ((0, 9), (1, SETTLED)):
        for place in (settled - 1, settled, SIDE * SIDE - 1):
            row, column = divmod(place, SIDE)
            grey = 255 * ((row + column) % 2)
            parts = (tint.red(), tint.green(), tint.blue())
            half = QColor(*((grey * 5 + part * 5) // 10 for part in parts))
            wanted = QColor(grey, grey, grey) if place < settled else half
            found = picture.pixelColor(corner(stage, row, column, number))
            assert found.name() == wanted.name(), (number, place)


def test_a_site_that_may_change_says_so() -> None:
    assert "not settled yet" in site_in_words(at_once(), None, 2, 0, (1, 3))
    assert "not settled yet" not in site_in_words(at_once(), None, 2, 1, (1, 3))


def test_of_a_picture_that_is_there_no_more_only_the_place_is_said() -> None:
    assert site_in_words(at_once(), None, 2, at_once().count, (1, 3)).endswith("row 1, column 3")


def test_the_legend_explains_what_is_not_settled_as_long_as_something_is(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_snapshot(at_once())
    assert not legend.entries["guess"].isHidden()
    assert legend.entries["unknown"].isHidden()
    legend.show_snapshot(at_once(SIDE * SIDE))
    assert legend.entries["guess"].isHidden()


@pytest.fixture
def transport(qtbot: QtBot) -> Transport:
    transport = Transport()
    qtbot.addWidget(transport)
    return transport


@pytest.mark.parametrize(
    ("shown", "text", "step"),
    [
        (at_once(), "pass 3", "One pass forward (.)"),
        (at_once(in_all=7), "pass 3 of 7", "One pass forward (.)"),
        (moment(9), "9 / 36 pixels", "One pixel forward (.)"),
    ],
)
def test_the_transport_counts_passes(
    transport: Transport, shown: Snapshot, text: str, step: str
) -> None:
    transport.show_snapshot(at_once())
    transport.show_snapshot(shown)
    assert (transport.position.text(), transport.forward.toolTip()) == (text, step)


def test_a_model_that_cannot_says_why(transport: Transport) -> None:
    transport.show_decoder(SamplingOptions(), "It draws otherwise.")
    chips = transport.decoder
    assert chips[SEQUENTIAL].isChecked()
    assert (chips[PARALLEL].isEnabled(), chips[PARALLEL].toolTip()) == (
        False,
        "It draws otherwise.",
    )


def test_where_passes_end_the_scrubber_has_a_notch(transport: Transport) -> None:
    transport.resize(800, 90)
    bar = transport.scrubber

    def lowest_line() -> list[str]:
        image = bar.grab().toImage()
        return [image.pixelColor(x, bar.height() - 1).name() for x in range(image.width())]

    transport.show_snapshot(at_once(SIDE * SIDE))
    before = lowest_line()
    transport.show_snapshot(replace(at_once(SIDE * SIDE), pass_ends=(9, 18, SIDE * SIDE)))
    changed = [
        x for x, pair in enumerate(zip(before, lowest_line(), strict=True)) if len({*pair}) > 1
    ]
    assert len(changed) == 3
    assert (changed[1] - changed[0]) / (changed[2] - changed[0]) == pytest.approx(9 / 27, abs=0.02)


def test_a_model_that_draws_otherwise_goes_on_pixel_by_pixel() -> None:
    asked = SamplingOptions(decode=PARALLEL)
    for name, kept in (("ardm", SEQUENTIAL), ("made", PARALLEL)):
        model = small(name)
        assert _usable(asked, model, kinds.of(model)).decode == kept


def test_methods_with_attempts_are_not_offered_meanwhile(qtbot: QtBot) -> None:
    box = MethodBox()
    qtbot.addWidget(box)
    box.show_model(small("made"))
    smc = box.model().index(box.findData("smc"), 0)
    for decoder, offered in ((PARALLEL, False), (SEQUENTIAL, True)):
        box.show_options(SamplingOptions(decode=decoder))
        assert bool(box.model().flags(smc) & Qt.ItemFlag.ItemIsEnabled) is offered
