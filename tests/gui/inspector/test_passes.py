"""Steps and the most certain first, for models that predict all unknown pixels at once; and
guidance towards a class."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.inspector.class_box import ANY_CLASS
from studio.gui.inspector.steps_slider import StepsSlider
from tests.gui.inspector.benches import Bench, loaded
from tests.gui.windows import at_rest, click
from tests.models.zoo import small
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def steps(qtbot: QtBot) -> StepsSlider:
    """Of a model of the usual 784 pixels."""
    model, made = small("ardm", (1, 28, 28), width=8, blocks=(1, 1, 1)), StepsSlider()
    model.card = {"metrics": {"steps_bits": {"784": 0.118, "50": 0.1211, "20": 0.1249}}}
    qtbot.addWidget(made)
    made.show_model(model)
    made.show_options(SamplingOptions())
    return made


def test_the_slider_goes_from_a_pass_for_each_pixel_down_to_twenty(steps: StepsSlider) -> None:
    chosen: list[int] = []
    steps.chosen.connect(chosen.append)
    assert steps.slider.value() == 0
    for index in range(1, steps.slider.maximum() + 1):
        steps.slider.setValue(index)
    steps.slider.setValue(0)
    assert chosen == [400, 200, 100, 50, 20, 0]


def test_it_tells_what_fewer_steps_cost_where_the_card_does(steps: StepsSlider) -> None:
    assert steps.cost.text() == "784 steps"
    steps.show_options(SamplingOptions(steps=50))
    assert steps.cost.text() == "50 steps, +0.0031 bits/dim"
    steps.show_options(SamplingOptions(steps=200))
    assert steps.cost.text() == "200 steps", "nobody has measured that"


def test_another_number_of_steps_is_told_at_the_nearest_stop(steps: StepsSlider) -> None:
    steps.show_options(SamplingOptions(steps=60))
    assert (steps.cost.text(), steps.slider.value()) == ("60 steps", 4)


@pytest.mark.parametrize("odd", [None, 3, {"steps_bits": [1]}, {"steps_bits": {"x": 1, "50": "y"}}])
def test_an_odd_card_costs_nothing(steps: StepsSlider, odd: object) -> None:
    model = small("ardm", (1, 28, 28), width=8, blocks=(1, 1, 1))
    model.card = {"metrics": odd}
    steps.show_model(model)
    steps.show_options(SamplingOptions(steps=50))
    assert steps.cost.text() == "50 steps"


def test_steps_are_for_models_that_predict_all_unknown_pixels(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    steps = bench.inspector.steps
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made-any-order"))
    assert not steps.isVisible()
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "ardm"))
    assert steps.isVisible()
    steps.slider.setValue(steps.slider.maximum())
    at_rest(qtbot, bench.session)
    assert bench.session.latest is not None
    assert bench.session.latest.options.steps == 20
    assert steps.cost.text() == "20 steps"


def test_the_most_certain_pixel_comes_first_where_the_model_knows_which_that_is(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "ardm"))
    box = bench.inspector.order
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert box.currentText() == "Most certain first"
    at_rest(qtbot, bench.session)
    assert bench.session.latest is not None
    assert bench.session.latest.options.order == "certain"
    assert sorted(bench.session.latest.order) == list(range(SIZE * SIZE))


def test_guidance_needs_a_class_and_says_so(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    classes = bench.inspector.classes
    guidance = classes.guidance
    assert not guidance.slider.isEnabled()
    assert "Choose a class first" in guidance.slider.toolTip()
    assert guidance.strength.text() == "choose a class"
    click(bench.inspector.posterior.bars[1])
    assert guidance.slider.isEnabled()
    assert guidance.strength.text() == "off"
    guidance.slider.setValue(15)
    at_rest(qtbot, bench.session)
    assert bench.session.latest is not None
    assert bench.session.latest.options.guidance == 1.5
    assert guidance.strength.text() == "1.5"
    click(classes.chips.button(ANY_CLASS))
    assert not guidance.slider.isEnabled()


def test_guidance_goes_from_off_to_five_in_tenths(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    bench.session.change(condition=0)
    slider = bench.inspector.classes.guidance.slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert bench.session.options.guidance == 0.1
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert bench.session.options.guidance == 5
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert bench.session.options.guidance == 0
