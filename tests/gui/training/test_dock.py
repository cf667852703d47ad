"""The training dock, as a person uses it: start, watch, stop, resume, open; and what it says when
that cannot be done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints.cards import read_card
from studio.engine.runtime import costs
from studio.engine.runtime.jobs import stop_all
from studio.engine.training.callbacks import Progress
from studio.gui.training.dock import TrainingDock
from studio.gui.training.live import Figures, TrainingLive
from studio.gui.training.times import time_left
from tests.tiny import tiny_data, tiny_sounds

PATIENCE = 30_000  # milliseconds, on a machine that is busy


@pytest.fixture
def dock(qtbot: QtBot, user_data_folder: Path) -> Iterator[TrainingDock]:
    """The dock, seen, with its form ready."""
    dock = TrainingDock()
    qtbot.addWidget(dock)
    dock.resize(1400, 320)
    with qtbot.waitExposed(dock):
        dock.show()
    qtbot.waitUntil(lambda: dock.form.choices is not None, timeout=PATIENCE)
    yield dock
    assert not stop_all(dock.jobs(), 20)
    dock.close_down()


def fill(dock: TrainingDock, data: Path, **settings: str) -> None:
    """A small model, made in a moment."""
    dock.form.choose("made")
    settings = {
        "data": str(data),
        "hidden": "16",
        "epochs": "3",
        "batch": "12",
        "ema": "0.9",
    } | settings
    for key, text in settings.items():
        dock.form.fields[key].setText(text)


def start(qtbot: QtBot, dock: TrainingDock) -> TrainingLive:
    qtbot.mouseClick(dock.start, Qt.MouseButton.LeftButton)
    assert dock.form.complaint.text() == ""
    assert dock.live is not None
    return dock.live


def until_seen(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.waitUntil(lambda: not widget.visibleRegion().isEmpty(), timeout=PATIENCE)


def wait_for_the_end(qtbot: QtBot, dock: TrainingDock) -> None:
    qtbot.waitUntil(lambda: not dock.jobs(), timeout=PATIENCE)


def next_choice(qtbot: QtBot, box: QComboBox) -> None:
    """Choose the next entry by the keyboard."""
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)


def resume_with_the_mouse(qtbot: QtBot, dock: TrainingDock) -> str:
    """Chooses the first run of the menu; returns its title."""
    action = dock.runs.actions()[0]
    title = action.text()

    def choose() -> None:
        if dock.runs.isVisible():
            looking.stop()
            place = dock.runs.actionGeometry(action).center()
            qtbot.mouseClick(dock.runs, Qt.MouseButton.LeftButton, pos=place)

    looking = QTimer(interval=10)
    looking.timeout.connect(choose)
    looking.start()
    # some versions of Qt come back when the menu has closed
    qtbot.mouseClick(dock.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.running, timeout=PATIENCE)
    return title


def test_a_training_from_the_form_to_its_end(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path))
    dock.form.folder.setText("mine")
    with qtbot.waitSignal(dock.started):
        live = start(qtbot, dock)
    assert dock.running
    assert not dock.start.isVisible()  # the curves have the room of the form
    with qtbot.waitSignal(dock.message) as said:
        dock.start_form("pixelcnn")
    assert "A training is already running" in said.args[0]
    with qtbot.waitSignal(dock.ended, timeout=PATIENCE):
        pass
    assert not dock.running
    assert dock.start.isVisible()
    assert dock.start.isEnabled()
    assert not live.stop.isVisible()
    assert live.bar.text() == "100%"
    assert live.bar.value() == live.bar.maximum()
    assert "Epoch 3.00 of 3" in live.figures.text()
    assert live.standing.text().startswith(f'"{live.run.name}" is trained: 0.')
    assert [live.strip.item(row).text() for row in range(live.strip.count())] == [
        "Epoch 1",
        "Epoch 2",
        "Epoch 3",
    ]
    assert len(live.curves.validation.getData()[0]) == 3
    assert live.run is not None
    assert live.run.name == "mine"
    assert read_card(live.run.latest)["epochs"] == 3
    with qtbot.waitSignal(dock.checkpoint_chosen) as chosen:
        qtbot.mouseClick(live.open, Qt.MouseButton.LeftButton)
    assert chosen.args == [live.run.latest]
    wait_for_the_end(qtbot, dock)
    assert dock.runs.isEmpty()


def test_a_voice_in_training_can_be_heard(dock: TrainingDock, qtbot: QtBot, tmp_path: Path) -> None:
    dock.form.choose("wavenet")
    settings = {
        "data": str(tiny_sounds(tmp_path)),
        "width": "4",
        "skip": "4",
        "dilations": "1, 2",
        "epochs": "100000",
    }
    for key, text in settings.items():
        dock.form.fields[key].setText(text)
    live = start(qtbot, dock)
    assert live.open.toolTip() == "Hear the model as it is after its latest epoch"
    dock.stop()
    wait_for_the_end(qtbot, dock)
    fill(dock, tiny_data(tmp_path), epochs="100000")
    start(qtbot, dock)
    assert live.open.toolTip() == "Watch the model draw as it is after its latest epoch"
    dock.stop()
    wait_for_the_end(qtbot, dock)


def test_an_autoencoder_is_trained_under_the_name_of_its_own_measure(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    dock.form.choose("autoencoder")
    for key, text in {
        "data": str(tiny_data(tmp_path)),
        "hidden": "16",
        "code": "8",
        "epochs": "2",
        "batch": "12",
    }.items():
        dock.form.fields[key].setText(text)
    live = start(qtbot, dock)
    wait_for_the_end(qtbot, dock)
    assert live.standing.text().endswith("bits/dim to reconstruct on 6 test images.")
    assert "bits/dim to reconstruct" in live.figures._parts[1]
    assert live.curves.getAxis("left").labelText == "Bits/dim to reconstruct"
    assert live.strip.count() == 2


def test_a_training_ends_when_its_minutes_are_over(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path))
    next_choice(qtbot, dock.form.how_long.unit)
    qtbot.keyClicks(dock.form.fields["minutes"], "0,005")
    live = start(qtbot, dock)
    wait_for_the_end(qtbot, dock)
    assert "is trained: " in live.standing.text()
    assert live.run is not None
    assert " of about " in live.figures.text()
    assert live.bar.text() == "100%"
    card = read_card(live.run.latest)
    assert card["recipe"]["minutes"] == 0.005
    assert card["seconds"] < 30


def test_a_training_stopped_half_way_keeps_the_model_and_goes_on(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path), epochs="16")
    live = start(qtbot, dock)
    qtbot.waitUntil(lambda: live.strip.count() > 0, timeout=PATIENCE)
    qtbot.waitUntil(live.open.isEnabled, timeout=PATIENCE)  # also while it trains
    qtbot.mouseClick(live.stop, Qt.MouseButton.LeftButton)
    assert live.standing.text() == "Stopping… the model is kept."
    wait_for_the_end(qtbot, dock)
    assert "was stopped after" in live.standing.text()
    assert live.run is not None
    epochs = read_card(live.run.latest)["epochs"]
    assert 1 <= epochs < 16

    title = resume_with_the_mouse(qtbot, dock)
    assert live.run.name in title
    assert f"{epochs:.3g} of 16 epochs" in title
    wait_for_the_end(qtbot, dock)
    assert live.standing.text().startswith(f'"{live.run.name}" is trained: 0.')
    assert read_card(live.run.latest)["epochs"] == 16
    qtbot.waitUntil(lambda: live.strip.count() == 16)


def test_a_narrow_dock_shows_the_outcome_until_the_form_is_wanted(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    dock.resize(800, 320)
    fill(dock, tiny_data(tmp_path), epochs="1")
    live = start(qtbot, dock)
    assert not live.settings.isVisible()
    wait_for_the_end(qtbot, dock)
    assert not dock.start.isVisible()
    qtbot.mouseClick(live.settings, Qt.MouseButton.LeftButton)
    assert dock.start.isVisible()
    assert not live.settings.isVisible()


BAD_SETTINGS = [
    ("epochs", "many", '"many" does not fit epochs: it takes a number.'),
    ("batch", "0", "batch is 0, but must lie between"),
    ("preparation", "grey-1", '"grey-1" is not a preparation'),
    ("hidden", "1.5", '"1.5" does not fit hidden: it takes a whole number.'),
]


def test_a_bad_setting_says_why(dock: TrainingDock, qtbot: QtBot, tmp_path: Path) -> None:
    data = tiny_data(tmp_path)
    for key, text, sentence in BAD_SETTINGS:
        fill(dock, data, **{"preparation": "thresholded", key: text})
        qtbot.mouseClick(dock.start, Qt.MouseButton.LeftButton)
        assert not dock.running
        assert dock.form.complaint.isVisible()
        assert sentence in dock.form.complaint.text()
        field = dock.form.fields[key]
        assert dock.form.wrong is field
        assert field.hasFocus()
        until_seen(qtbot, field)  # folded out, and scrolled to
        assert field.palette().base().color() != dock.form.fields["seed"].palette().base().color()
    fill(dock, data)
    start(qtbot, dock)
    assert not dock.form.complaint.isVisible()
    dock.stop()


def test_data_that_cannot_be_read_are_reported_when_they_are_met(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tmp_path / "nothing.npz")
    with qtbot.waitSignal(dock.failed, timeout=PATIENCE) as failed:
        live = start(qtbot, dock)
    assert failed.args is not None
    sentence, details = failed.args
    assert "There is no data set" in sentence
    assert details == ""  # a sentence for the person needs no traceback
    assert dock.form.complaint.text() == sentence
    assert not live.open.isEnabled()
    wait_for_the_end(qtbot, dock)


def test_what_nobody_foresaw_comes_with_its_traceback(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise ZeroDivisionError("the disk is on fire")

    monkeypatch.setattr("studio.engine.training.training_source.open_data", broken)
    fill(dock, tiny_data(tmp_path))
    with qtbot.waitSignal(dock.failed, timeout=PATIENCE) as failed:
        start(qtbot, dock)
    assert failed.args is not None
    assert failed.args[0] == "the disk is on fire"
    assert "Traceback" in failed.args[1]
    assert "ZeroDivisionError" in failed.args[1]


def test_closing_in_the_middle_leaves_nothing_running(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path), epochs="100000")
    live = start(qtbot, dock)
    qtbot.waitUntil(lambda: bool(live.figures.text()), timeout=PATIENCE)
    jobs = dock.jobs()
    assert jobs
    assert stop_all(jobs, 20) == []
    dock.close_down()
    dock.close()


def test_nothing_is_drawn_while_it_is_hidden(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path))
    live = start(qtbot, dock)
    dock.hide()
    drawn = live.curves.drawings
    with qtbot.waitSignal(dock.ended, timeout=PATIENCE):
        pass
    assert live.curves.drawings == drawn
    with qtbot.waitExposed(dock):
        dock.show()
    assert live.curves.drawings == drawn + 1
    assert len(live.curves.validation.getData()[0]) == 3


def test_the_form_opens_for_the_model_that_was_asked_for(dock: TrainingDock) -> None:
    dock.start_form("pixelcnn-two-stack")
    assert dock.form.model.currentText() == "pixelcnn-two-stack"
    assert dock.left.currentIndex() == 1


def test_a_form_asked_for_before_it_was_seen_gets_ready(
    qtbot: QtBot, user_data_folder: Path
) -> None:
    dock = TrainingDock()
    qtbot.addWidget(dock)
    assert not dock.jobs()  # nothing is imported as long as nobody wants it
    dock.start_form("made")
    assert "Getting ready" in dock.waiting.text()
    wait_for_the_end(qtbot, dock)
    assert dock.form.model.currentText() == "made"


def test_the_beginning_is_stretched_on_a_logarithmic_scale(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path))
    live = start(qtbot, dock)
    wait_for_the_end(qtbot, dock)
    (first, last), _ = live.curves.viewRange()
    assert first == pytest.approx(0, abs=0.1)
    assert last == pytest.approx(3, abs=0.1)
    qtbot.mouseClick(live.logarithmic, Qt.MouseButton.LeftButton)
    (first, last), _ = live.curves.viewRange()
    assert 10**last == pytest.approx(3, rel=0.1)
    assert 10**first <= 0.31
    qtbot.mouseClick(live.logarithmic, Qt.MouseButton.LeftButton)
    assert live.curves.viewRange()[0][1] == pytest.approx(3, abs=0.1)


def progress(steps: int, epochs: float, validated: list[tuple[float, float]]) -> Progress:
    """The news of a training of 100 steps an epoch, 30 epochs in all."""
    history = [(step, 0.5 / step) for step in range(1, steps + 1)]
    return Progress(
        step=steps,
        steps=3000,
        epoch=epochs,
        epochs=30,
        share=steps / 3000,
        minutes=0,
        loss=0.5,
        validation=None,
        measure="bits_per_dim",
        rate=0.1,
        examples_per_second=None,
        seconds=1.0,
        seconds_left=None,
        history=history,
        validation_history=validated,
        samples=None,
    )


def test_the_axis_of_epochs_is_as_long_as_what_there_is(dock: TrainingDock) -> None:
    curves = dock.shown_live().curves
    assert curves.empty.isVisible()
    for steps, validated in ((20, []), (200, [(1.0, 0.3), (2.0, 0.2)])):
        curves.offer(progress(steps, steps / 100, validated))
        curves.refresh()
        assert curves.viewRange()[0][1] == pytest.approx(steps / 100, rel=0.1)
    assert not curves.empty.isVisible()


def test_a_single_point_of_the_curve_is_seen(dock: TrainingDock) -> None:
    curves = dock.shown_live().curves
    curves.offer(progress(1, 0.01, []))
    curves.refresh()
    assert curves.training.opts["symbol"] == "o"
    curves.offer(progress(2, 0.02, []))
    curves.refresh()
    assert curves.training.opts["symbol"] is None


def test_the_strip_says_when_samples_come(dock: TrainingDock, tmp_path: Path) -> None:
    strip = dock.shown_live().strip
    assert strip.empty.isVisible()
    strip.show_files([tmp_path / "epoch-1.png"])
    assert not strip.empty.isVisible()
    strip.clear()
    assert strip.empty.isVisible()


def test_the_samples_of_an_epoch_that_takes_long_are_shown_anew(
    dock: TrainingDock, tmp_path: Path
) -> None:
    strip, path = dock.shown_live().strip, tmp_path / "epoch-001.png"
    for written, colour in enumerate((Qt.GlobalColor.black, Qt.GlobalColor.white)):
        picture = QImage(8, 8, QImage.Format.Format_RGB32)
        picture.fill(colour)
        picture.save(str(path))
        os.utime(path, (written, written))
        strip.show_files([path])
    assert strip.count() == 1
    assert strip.item(0).icon().pixmap(8, 8).toImage().pixelColor(4, 4) == Qt.GlobalColor.white


def test_of_many_samples_the_window_reads_a_few_at_a_time(
    dock: TrainingDock, qtbot: QtBot, tmp_path: Path
) -> None:
    strip = dock.shown_live().strip
    files = [tmp_path / f"epoch-{number:03}.png" for number in range(9)]
    strip.show_files(files)
    assert 0 < strip.count() < 4
    qtbot.waitUntil(lambda: strip.count() == 9)
    assert [strip.item(row).text() for row in range(9)] == [f"Epoch {row}" for row in range(9)]
    strip.show_files([*files, tmp_path / "epoch-009.png", *files])
    strip.clear()
    qtbot.wait(100)
    assert strip.count() == 0


def test_a_long_outcome_ends_in_an_ellipsis_and_its_tooltip_has_it_all(dock: TrainingDock) -> None:
    live = dock.shown_live()
    said = '"made-20261126-125901" was stopped after 0.086 epochs; the model is kept.'
    live.say(said)
    assert live.standing.seen == said
    dock.resize(950, 400)
    dock.grab()
    assert live.standing.seen.endswith("…")
    assert "the model is kept." in live.standing.toolTip()


def test_a_narrow_line_keeps_the_figures_that_matter_most(qtbot: QtBot) -> None:
    figures = Figures()
    qtbot.addWidget(figures)
    figures.resize(600, 20)
    figures.show_parts(["Epoch 1.50 of 4", "0.0912 bits/dim", "validation 0.0902"])
    assert figures.text() == "Epoch 1.50 of 4  ·  0.0912 bits/dim  ·  validation 0.0902"
    figures.resize(
        figures.fontMetrics().horizontalAdvance("Epoch 1.50 of 4  ·  0.0912 bits/dim") + 1, 20
    )
    figures.grab()  # a hidden widget hears of its size when it is painted
    assert figures.text() == "Epoch 1.50 of 4  ·  0.0912 bits/dim"
    figures.resize(10, 20)
    figures.grab()
    assert figures.text() == "Epoch 1.50 of 4"


def test_samples_are_enlarged_by_a_click(dock: TrainingDock, qtbot: QtBot, tmp_path: Path) -> None:
    fill(dock, tiny_data(tmp_path), epochs="2")
    live = start(qtbot, dock)
    wait_for_the_end(qtbot, dock)
    strip = live.strip
    where = strip.visualItemRect(strip.item(1)).center()
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert strip.large.isVisible()
    assert strip.large.windowTitle() == "Samples after epoch 2"
    large, small = strip.large.picture.pixmap().size(), strip.iconSize()
    assert large.width() >= small.width()
    strip.setCurrentRow(0)
    assert strip.large.windowTitle() == "Samples after epoch 1"
    qtbot.keyClick(strip.large, Qt.Key.Key_Escape)
    assert not strip.large.isVisible()


def test_every_control_says_what_it_is(dock: TrainingDock, qtbot: QtBot, tmp_path: Path) -> None:
    fill(dock, tiny_data(tmp_path), epochs="1")
    live = start(qtbot, dock)
    wait_for_the_end(qtbot, dock)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QListWidget, QProgressBar)
    controls: list[QWidget] = [
        live.curves,
        *(child for kind in kinds for child in dock.findChildren(kind)),
    ]
    # pyqtgraph keeps a menu that is never shown
    controls = [control for control in controls if control.window() is dock]
    assert len(controls) > 25
    for control in controls:
        assert control.accessibleName(), control
        assert control.toolTip(), control.accessibleName()
    shown = [label.text() for label in dock.findChildren(QLabel)]
    assert {"Model", "Data", "Preparation", "How long?", "Batch", "Rate", "Device", "Name"} <= set(
        shown
    )


def test_the_time_left_is_said_in_words() -> None:
    assert [time_left(seconds) for seconds in (3, 65, 1200, 3590, 5400, 7300)] == [
        "less than a minute left",
        "about 1 minute left",
        "about 20 minutes left",
        "about 1 hour left",
        "about 1 hour 30 minutes left",
        "about 2 hours left",
    ]


def test_a_setting_that_cannot_be_is_complained_of_beside_its_field(
    qtbot: QtBot, dock: TrainingDock, tmp_path: Path
) -> None:
    fill(dock, tiny_data(tmp_path))
    for name, text in (("hidden", "0"), ("rate", "nan"), ("betas", "2, 3"), ("dropout", "7")):
        field = dock.form.fields[name]
        before = field.text()
        field.setText(text)
        qtbot.mouseClick(dock.start, Qt.MouseButton.LeftButton)
        assert dock.form.complaint.text().startswith(f"{name} is {text}, but")
        assert dock.form.wrong is field
        assert not dock.running
        field.setText(before)


@pytest.mark.parametrize("anyway", [False, True])
def test_what_is_too_large_is_asked_about(
    qtbot: QtBot,
    dock: TrainingDock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    anyway: bool,
) -> None:
    monkeypatch.setattr(costs, "training", lambda *_: costs.Training("made", 1e15))
    asked: list[str] = []

    def answer(parent: QWidget, title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.Yes if anyway else QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", answer)
    fill(dock, tiny_data(tmp_path))
    qtbot.mouseClick(dock.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dock.running, timeout=PATIENCE)
    assert len(asked) == 1
    assert "Training made like this would take about" in asked[0]
    assert (dock.live is not None and dock.live.run is not None) or not anyway
    assert bool(dock.form.complaint.text()) != anyway
