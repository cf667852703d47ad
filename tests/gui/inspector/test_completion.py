"""Completion in the inspector: the method and why it is the one, its attempts, and how probable
what is painted is."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.generation.bounds import Bounds
from studio.engine.generation.snapshot import Particles
from studio.gui.inspector.completion_rows import CompletionRows
from studio.gui.picture.drawing import Drawing
from tests.gui.inspector.benches import Bench, loaded
from tests.gui.windows import at_rest, click, until
from tests.tiny import SIZE, tiny_checkpoint


def paint(bench: Bench, qtbot: QtBot, *rows: int) -> None:
    """Some rows of the picture, black."""
    known = np.zeros((SIZE, SIZE), bool)
    known[[*rows]] = True
    painting = bench.session.painting
    assert painting is not None
    bench.session.edit(lambda painting: painting.replace(np.zeros_like(painting.values), known))
    at_rest(qtbot, bench.session)


def tip(rows: CompletionRows, name: str) -> str:
    """Of a method in the list."""
    found = rows.method.itemData(rows.method.findData(name), Qt.ItemDataRole.ToolTipRole)
    assert isinstance(found, str)
    return found


def offered(rows: CompletionRows) -> list[str]:
    """The methods that can be chosen."""
    items: Any = rows.method.model()
    return [
        rows.method.itemData(row)
        for row in range(rows.method.count())
        if items.item(row).isEnabled()
    ]


def test_the_automatic_method_comes_first_and_says_which_it_takes_and_why(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    rows = bench.inspector.completion
    assert (rows.method.itemText(0), rows.method.currentIndex()) == ("Automatic", 0)
    assert "Nothing is painted yet" in rows.why.text()
    paint(bench, qtbot, 0)
    assert rows.why.text().startswith("Clamp: All that is given comes first")
    paint(bench, qtbot, 6)
    assert rows.why.text().startswith("Particles: Some of what is given comes late")
    paint(bench, qtbot, *range(SIZE))
    assert "nothing is left to draw" in rows.why.text()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gated-pixelcnn-map", "Map: This model is conditioned on all that is given"),
        ("made-any-order", "Order: This model draws in any order"),
        ("ardm", "Order: This model draws in any order"),
    ],
)
def test_models_that_see_all_that_is_given_are_asked_to(
    bench: Bench, qtbot: QtBot, tmp_path: Path, name: str, why: str
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, name))
    paint(bench, qtbot, 6)
    assert bench.inspector.method.isEnabled()
    assert bench.inspector.completion.why.text().startswith(why)


def test_a_method_that_is_chosen_says_what_it_does(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    paint(bench, qtbot, 6)
    bench.session.change(method="clamp")
    at_rest(qtbot, bench.session)
    assert "takes no account" in bench.inspector.completion.why.text()


def test_methods_that_are_not_for_a_model_are_grey_and_say_why(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = bench.inspector.completion
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-map"))
    assert offered(rows) == ["auto", "map"]
    assert "choose map" in tip(rows, "clamp")
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "made-any-order"))
    assert offered(rows) == ["auto", "clamp", "order", "smc", "smc-refined"]
    assert "is not conditioned on what is given" in tip(rows, "map")
    assert "comes first in the order" in tip(rows, "order")


def test_a_method_is_chosen_by_its_name(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    box = bench.inspector.method
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert bench.session.options.method == "clamp"
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert bench.session.options.method == "smc", "what is grey is passed over"


def test_the_number_of_particles_is_typed_or_automatic(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    box = bench.inspector.completion.particles
    assert box.text() == "automatic"
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "1")
    bench.session.change(seed=5)  # everything is shown anew
    qtbot.keyClicks(box, "6")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    at_rest(qtbot, bench.session)
    assert bench.session.latest is not None
    assert bench.session.latest.options.particles == 16
    box.setValue(0)
    assert (box.text(), bench.session.options.particles) == ("automatic", 0)


def test_particles_are_asked_for_where_they_may_compete_and_sweeps_where_they_refine(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = bench.inspector.completion
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    assert rows.particles.isVisible(), "something may be painted for which the automatic has them"
    assert not rows.sweeps.isVisible()
    bench.session.change(method="smc-refined")
    assert rows.sweeps.isVisible()
    rows.sweeps.setValue(7)
    assert bench.session.options.sweeps == 7
    bench.session.change(method="clamp")
    assert not rows.particles.isVisible()
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-map"))
    assert not rows.particles.isVisible()


def test_it_says_how_many_attempts_still_count_and_what_the_evidence_costs(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    session, rows = bench.session, bench.inspector.completion
    loaded(qtbot, session, tiny_checkpoint(tmp_path))
    paint(bench, qtbot, 6)
    session.change(particles=32)
    Drawing(session, session).finish()
    at_rest(qtbot, session)
    assert re.fullmatch(r"\d+ of 32 attempts still count", rows.effective.text())
    assert re.fullmatch(r"Evidence: about \d+\.\d bits", rows.bounds.said.text())
    assert session.latest is not None
    particles = Particles(count=32, effective=20.7, log2_evidence=-34.21, sweeps=0)
    rows.show_moment(replace(session.latest, particles=particles))
    assert rows.effective.text() == "21 of 32 attempts still count"
    assert rows.bounds.said.text() == "Evidence: about 34.2 bits"
    nothing_yet = Particles(count=32, effective=32, log2_evidence=0.0, sweeps=0)
    rows.show_moment(replace(session.latest, particles=nothing_yet))
    assert rows.bounds.said.text() == "Evidence: not computed"
    particles = Particles(count=32, effective=4, log2_evidence=None, sweeps=2)
    rows.show_moment(replace(session.latest, particles=particles))
    assert rows.effective.text() == "4 of 32 still count, sweep 2 of 4"
    assert rows.bounds.said.text() == "Evidence: not computed"
    paint(bench, qtbot, 0)
    assert rows.effective.text() == "One attempt is enough"
    session.edit(Painting.clear)
    at_rest(qtbot, session)
    assert rows.effective.text() == ""


def test_bounds_are_computed_on_a_click_and_go_when_something_else_is_painted(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    bounds = bench.inspector.completion.bounds
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    assert not bounds.button.isEnabled()
    assert "paint something" in bounds.button.toolTip()
    paint(bench, qtbot, 6)
    click(bounds.button)
    between = re.compile(r"Evidence: \d+\.\d to \d+\.\d bits")
    until(qtbot, lambda: between.fullmatch(bounds.said.text()) is not None)
    assert bounds.button.text() == "Bounds"
    paint(bench, qtbot, 0)
    assert bounds.said.text() == "Evidence: not computed"
    click(bounds.button)
    until(qtbot, lambda: bounds.said.text().startswith("Evidence: exactly"))


@pytest.mark.parametrize(
    ("lower", "upper", "exact", "words"),
    [
        (-34.52, -33.88, False, "Evidence: 33.9 to 34.5 bits"),
        (-33.88, -34.52, False, "Evidence: 33.9 to 34.5 bits"),  # by chance: both hold on average
        (-1234.5, -1033.2, False, "Evidence: 1033 to 1234 bits"),
        (-12.0, -12.0, True, "Evidence: exactly 12.0 bits"),
        (-math.inf, -20.0, False, "Evidence: at least 20.0 bits"),
        (-math.inf, -math.inf, False, "Evidence: impossible"),
    ],
)
def test_bounds_are_said_in_bits_of_what_is_given(
    bench: Bench,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lower: float,
    upper: float,
    exact: bool,
    words: str,
) -> None:
    one = torch.ones(1) * math.log(2)
    found = Bounds(lower * one, upper * one, exact)
    monkeypatch.setattr("studio.engine.generation.bounds.bounds_of", lambda *asked: found)
    bounds = bench.inspector.completion.bounds
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    paint(bench, qtbot, 6)
    click(bounds.button)
    until(qtbot, lambda: bounds.said.text() == words)


def test_what_computes_bounds_can_be_stopped_and_newer_paint_stops_it(
    bench: Bench, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Semaphore(0)

    def computing(model: Any, evidence: Any, options: Any, interrupted: Any) -> None:
        while not interrupted():
            threading.Event().wait(0.005)
        stopped.release()

    monkeypatch.setattr("studio.engine.generation.bounds.bounds_of", computing)
    bounds = bench.inspector.completion.bounds
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path))
    paint(bench, qtbot, 6)
    click(bounds.button)
    assert bounds.button.text() == "Stop"
    click(bounds.button)
    until(qtbot, lambda: bounds.button.text() == "Bounds")
    assert stopped.acquire(timeout=5)
    click(bounds.button)
    bench.session.edit(Painting.clear)
    until(qtbot, lambda: bounds.button.text() == "Bounds")
    assert stopped.acquire(timeout=5)
    assert bounds.said.text() == "Evidence: none yet"


def test_a_model_that_is_conditioned_on_what_is_painted_has_no_bounds_and_says_so(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(qtbot, bench.session, tiny_checkpoint(tmp_path, "gated-pixelcnn-map"))
    paint(bench, qtbot, 6)
    button = bench.inspector.completion.bounds.button
    assert not button.isEnabled()
    assert "conditioned on what you paint" in button.toolTip()
