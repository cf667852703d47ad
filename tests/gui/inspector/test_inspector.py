"""The inspector shows what the session holds, changes it,
and says what the model thinks of the next pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QSlider,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from models import orders
from models.companding import mu_law_decode
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.inspector.class_box import ANY_CLASS
from studio.gui.inspector.distribution import Distribution
from studio.gui.inspector.order_box import OrderBox
from studio.gui.picture.drawing import Drawing
from tests.gui.inspector.benches import Bench, loaded
from tests.gui.windows import at_rest, click, until
from tests.models.zoo import small
from tests.tiny import SIZE, tiny_checkpoint


def test_without_a_model_it_says_where_to_find_one(bench: Bench) -> None:
    assert not bench.inspector.isEnabled()
    assert "library" in bench.inspector.facts.text()


def test_it_tells_what_the_card_says(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    metrics = {"bits_per_dim": 0.5, "nats": 22.0, "examples": 10, "split": "test", "weights": "ema"}
    loaded(
        qtbot,
        bench.session,
        tiny_checkpoint(tmp_path, data="squares", preparation="thresholded", metrics=metrics),
    )
    facts = bench.inspector.facts.text()
    assert "squares, thresholded" in facts
    assert "0.5000 bits/dim on test" in facts
    assert "trained on all training images; no validation part" in facts


def test_it_explains_its_figure_in_place(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, metrics={"bits_per_dim": 0.5}))
    meaning = bench.inspector.head.meaning
    assert "Less is better" in meaning.toolTip()
    click(meaning)
    until(qtbot, lambda: "Less is better" in QToolTip.text())
    QToolTip.hideText()
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made"))
    assert not meaning.isVisible()  # there is no figure to explain


def test_it_says_what_the_model_does_what_to_look_for_and_its_paper_with_the_year(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made"))
    text = bench.inspector.about.text.text()
    assert bench.inspector.about.isVisible()
    assert "one pass gives every conditional" in text
    assert "strokes are rougher" in text
    assert "Germain, Gregor, Murray &amp; Larochelle 2015: MADE" in text
    assert "https://arxiv.org/abs/1502.03509" in text


ODD = ["<img src=x>" * 10**5, "a\x00\n\x1b[2J"]  # what is no text is refused at loading


def test_an_odd_card_is_shown_shortened_and_as_plain_text(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    for odd in ODD:
        path = tiny_checkpoint(tmp_path, data=odd, preparation=odd)
        loaded(qtbot, bench.session, path.rename(tmp_path / "odd <b>name.safetensors"))
        facts = bench.inspector.facts.text()
        assert len(facts) < 600
        assert "<img" not in facts
        assert bench.inspector.title.text() == "<b>odd &lt;b&gt;name</b>"


def test_what_is_turned_is_what_the_player_draws_with(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, levels=4))
    inspector = bench.inspector
    inspector.seed.setValue(7)
    inspector.temperature.setValue(0.5)
    inspector.top_k.setValue(2)
    inspector.top_p.setValue(0.9)
    click(inspector.counts.button(16))
    at_rest(qtbot, bench.session)
    assert bench.session.latest is not None
    drawn_with = bench.session.latest.options
    assert (drawn_with.seed, drawn_with.temperature, drawn_with.top_k, drawn_with.count) == (
        7,
        0.5,
        2,
        16,
    )
    assert drawn_with.top_p == pytest.approx(0.9)
    assert inspector.top_k.maximum() == 4, "the model has no more levels"


def test_what_the_session_changes_is_shown(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    bench.session.change(seed=11, count=4, method="smc")
    assert bench.inspector.seed.value() == 11
    assert bench.inspector.counts.button(4).isChecked()
    assert bench.inspector.method.currentData() == "smc"
    click(bench.inspector.dice)
    assert bench.inspector.seed.value() == bench.session.options.seed != 11


def test_classes_have_names_and_a_chip_for_none(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    chips = bench.inspector.classes.chips
    assert [chip.text() for chip in chips.buttons()] == ["a", "b", "c", "any"]
    assert chips.button(ANY_CLASS).isChecked()
    click(bench.inspector.posterior.header)
    click(chips.button(2))
    assert bench.session.options.condition == 2
    click(chips.button(ANY_CLASS))
    assert bench.session.options.condition is None


def test_chips_make_room_for_bars_that_choose_the_class_as_well(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    inspector, chips = bench.inspector, bench.inspector.classes.chips
    assert [chips.button(number).isVisible() for number in (0, 1, 2, ANY_CLASS)] == [
        *[False] * 3,
        True,
    ]
    click(inspector.posterior.bars[1])
    assert bench.session.options.condition == 1
    click(chips.button(ANY_CLASS))
    assert bench.session.options.condition is None
    click(inspector.posterior.header)
    assert all(chips.button(number).isVisible() for number in (0, 1, 2, ANY_CLASS))


def test_a_model_that_is_conditioned_on_what_is_painted_says_so(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-map"))
    inspector = bench.inspector
    assert inspector.painted.isVisible()
    assert not inspector.classes.isVisible()
    assert "What you paint, and where" in inspector.painted_text.text()
    assert "Paint strokes" in inspector.painted_text.text(), "nothing is painted yet"
    bench.session.edit(lambda painting: painting.fill((6, 2), 1))
    assert inspector.painted_text.text() == "What you paint, and where"


def test_a_model_of_any_order_draws_in_the_one_that_is_chosen(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made-any-order"))
    box = bench.inspector.order
    assert box.isEnabled()
    assert [box.itemText(row) for row in range(box.count())] == [
        "Raster",
        "S-curve",
        "Zigzag",
        "Spiral",
        "Random",
    ]
    assert box.currentText() == "Raster"
    assert "comes first" in box.toolTip()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    at_rest(qtbot, bench.session)
    assert box.currentText() == "Zigzag"
    assert bench.session.latest is not None
    assert bench.session.latest.order.tolist() == orders.zigzag(SIZE, SIZE).tolist()


def test_the_dice_roll_another_random_order(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made-any-order"))
    bench.session.change(order="random", seed=1)
    assert bench.inspector.order.currentText() == "Random"
    at_rest(qtbot, bench.session)
    first = bench.session.latest
    click(bench.inspector.dice)
    at_rest(qtbot, bench.session)
    second = bench.session.latest
    assert first is not None
    assert second is not None
    assert first.order.tolist() == orders.random(SIZE, SIZE, 1).tolist()
    assert (
        second.order.tolist()
        == orders.random(SIZE, SIZE, second.options.seed).tolist()
        != first.order.tolist()
    )


def test_a_model_with_one_order_shows_its_name_and_offers_no_other(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made-any-order"))
    bench.session.change(order="spiral")
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "pixelcnn"))
    box = bench.inspector.order
    assert not box.isEnabled()
    assert box.currentText() == "Raster"
    assert "one order only" in box.toolTip()
    assert bench.session.options.order is None


def test_the_order_of_a_model_that_follows_another_one_is_named_too(qtbot: QtBot) -> None:
    model, box = small("pixelcnn"), OrderBox()
    qtbot.addWidget(box)
    for order, text in ((orders.zigzag(7, 6), "Zigzag"), (orders.random(7, 6, 9), "Its own")):
        model.order = order
        box.show_model(model)
        box.show_options(SamplingOptions())
        assert box.currentText() == text
        assert not box.isEnabled()


def test_the_overlay_is_the_same_in_the_list_and_on_the_stage(bench: Bench) -> None:
    bench.stage.set_overlay("order")
    assert bench.inspector.overlay.currentText() == "Order of drawing"


def test_the_next_pixel_and_the_running_cost_are_shown_while_it_draws(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    shown = bench.inspector.distribution.probabilities
    assert shown is not None
    assert shown.shape == (1, 2)
    assert shown.sum() == pytest.approx(1)
    Drawing(bench.session, bench.session).finish()
    until(
        qtbot,
        lambda: bench.session.latest is not None and bench.session.latest.position == SIZE * SIZE,
    )
    assert bench.inspector.bits.text().endswith("bits/dim so far")
    assert bench.inspector.distribution.probabilities is None, "nothing comes next"


@pytest.mark.parametrize("levels", [2, 5, 256])
def test_the_bars_are_as_high_as_the_values_are_probable(qtbot: QtBot, levels: int) -> None:
    chart = Distribution()
    qtbot.addWidget(chart)
    chart.resize(512, 120)
    chart.probabilities = np.zeros((1, levels), np.float32)
    chart.probabilities[0, levels - 1] = 1
    image = chart.grab().toImage()
    middle = image.height() // 2
    bar, beside = (
        image.pixelColor(511 - 511 // (2 * levels), middle),
        image.pixelColor(511 // (2 * levels), middle),
    )
    assert bar.saturation() > beside.saturation() + 50
    chart.close()


def test_in_colour_every_channel_has_a_lane_as_high_as_its_most_probable_level(
    qtbot: QtBot,
) -> None:
    chart = Distribution()
    qtbot.addWidget(chart)
    chart.resize(512, 160)
    chart.probabilities = np.zeros((3, 256), np.float32)
    for channel, level in enumerate((40, 120, 200)):
        chart.probabilities[channel, level] = 0.02
    image = chart.grab().toImage()
    columns = [
        [image.pixelColor(2 * level + 1, y) for y in range(image.height())]
        for level in (40, 120, 200)
    ]
    reds, greens, blues = ([c for c in column if c.saturation() > 100] for column in columns)
    assert min(map(len, (reds, greens, blues))) > 15
    assert all(c.red() > max(c.green(), c.blue()) for c in reds)
    assert all(c.green() > max(c.red(), c.blue()) for c in greens)
    assert all(c.blue() > max(c.red(), c.green()) for c in blues)
    chart.close()


def test_levels_of_sound_are_said_as_amplitudes_too(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QPainter, "drawText", lambda painter, *args: said.append(args[-1]))
    chart = Distribution()
    qtbot.addWidget(chart)
    chart.show_levels(np.eye(256, dtype=np.float32)[None, 64], "Sample 1")
    chart.grab()
    assert said == ["Sample 1", "Most likely 64, 100.0 %", "0", "255"]
    chart.show_kind(mu_law_decode(np.arange(256)))
    for level, amplitude in ((64, "−0.058"), (127, "0.000"), (255, "1.000")):
        said.clear()
        chart.show_levels(np.eye(256, dtype=np.float32)[None, level], "Sample 1")
        chart.grab()
        assert said == [
            "Sample 1",
            f"Most likely {amplitude} (level {level}), 100.0 %",
            "−1",
            "−0.1",
            "−0.01",
            "0",
            "0.01",
            "0.1",
            "1",
        ]
    chart.close()


def test_long_names_of_classes_have_the_room_they_need(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    names = ("Smileys & Emotion", "People & Body", "Travel & Places")
    loaded(
        qtbot,
        bench.session,
        tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config={"class_names": names}),
    )
    bench.inspector.resize(280, 900)
    click(bench.inspector.posterior.header)
    qtbot.wait(20)
    chips = bench.inspector.classes.chips.buttons()
    for chip in chips:
        assert chip.width() >= chip.sizeHint().width()
        assert bench.inspector.classes.rect().contains(chip.geometry())
    assert not any(
        a.geometry().intersects(b.geometry()) for i, a in enumerate(chips) for b in chips[:i]
    )
    assert chips[0].text() == "Smileys && Emotion", "shown with one &, which is no mark of a key"


def test_every_control_has_a_tip_and_a_name(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    controls: list[QWidget] = []
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider):
        controls += bench.inspector.findChildren(
            kind, options=Qt.FindChildOption.FindChildrenRecursively
        )
    for control in controls:
        assert control.toolTip(), control
        assert control.accessibleName(), control
