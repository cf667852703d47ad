"""A training has a name wherever it is seen; and the window that is closed meanwhile keeps it, and
offers to go on at the next start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints import load
from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.places import rename
from studio.engine.runtime.jobs import stop_all
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import click, open_window, until
from tests.tiny import tiny_checkpoint, tiny_data


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, user_data_folder: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window
        stop_all(window.training.jobs(), 20)  # of a test that failed


def train(qtbot: QtBot, window: MainWindow, folder: Path, epochs: str, name: str = "mine") -> None:
    """Fill in the form, and press Start."""
    window.show_training()
    form = window.training.form
    until(qtbot, lambda: form.choices is not None)
    form.choose("made")
    settings = {"data": str(tiny_data(folder)), "hidden": "16", "epochs": epochs, "batch": "12"}
    for key, text in settings.items():
        form.fields[key].setText(text)
    form.folder.setText(name)
    click(window.training.start)
    until(qtbot, lambda: window.training.running)


def press_in_the_question(qtbot: QtBot, window: MainWindow, text: str) -> str:
    """Press a button of the question that is open; returns what it says."""
    question = window.findChild(QMessageBox)
    assert question is not None
    button = next(b for b in question.findChildren(QPushButton) if b.text() == text)
    said = f"{question.text()} {question.informativeText()}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return said


def test_a_training_is_seen_in_the_status_bar_whatever_is_closed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    status = window.trainings.status
    assert not status.isVisible()
    train(qtbot, window, tmp_path, epochs="100000")
    for dock in window.docks.values():
        dock.hide()
    until(qtbot, lambda: status.text().endswith("left"))
    assert status.isVisible()
    assert status.text().startswith("mine · epoch ")
    assert "of 100000 · " in status.text()
    click(status)
    assert window.docks["Training"].isVisible()
    window.training.stop()
    until(qtbot, lambda: not window.training.running)
    assert not status.isVisible()


def test_a_run_is_called_by_its_name_everywhere(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="1", name="my digits")
    assert '"my digits"' in window.messages.label.text()
    assert window.training.form.folder.text() == ""
    live = window.training.live
    assert live is not None
    until(qtbot, lambda: not window.training.running)
    assert live.standing.text().startswith('"my digits" is trained')
    cards = window.library
    until(qtbot, lambda: "my digits" in [item.data(256).title for item in cards._items()])
    window.training.checkpoint_chosen.emit(live.run.latest if live.run else None)
    until(qtbot, lambda: window.windowTitle().startswith("my digits"))
    assert window.inspector.title.text() == "<b>my digits</b>"


def test_a_run_in_a_folder_of_the_persons_own_enters_the_library(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="1", name=str(tmp_path / "elsewhere"))
    until(qtbot, lambda: not window.training.running)
    cards = window.library
    until(qtbot, lambda: "elsewhere" in [item.data(256).title for item in cards._items()])


def test_a_name_that_is_taken_is_refused_in_the_form(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, user_data_folder: Path
) -> None:
    (user_data_folder / "runs" / "mine").mkdir(parents=True)
    window.show_training()
    form = window.training.form
    until(qtbot, lambda: form.choices is not None)
    form.folder.setText("mine")
    click(window.training.start)
    assert not window.training.running
    assert 'There is a run "mine" already' in form.complaint.text()
    assert form.wrong is form.folder


def test_the_model_on_the_stage_is_renamed_with_its_run(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="1")
    until(qtbot, lambda: not window.training.running)
    run = window.training.live.run if window.training.live else None
    assert run is not None
    window.load(run.latest)
    until(qtbot, lambda: window.session.checkpoint == run.latest)
    new = rename(run.latest, "yours")
    window.library.renaming.renamed.emit(run.latest, new)
    assert window.session.checkpoint == new
    assert window.windowTitle().startswith("yours")
    assert window.inspector.title.text() == "<b>yours</b>"


def test_a_run_is_not_renamed_while_it_is_trained(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="100000")
    training = window.training.training
    assert training is not None
    in_use = window.library.renaming.in_use
    assert '"mine" is being trained' in in_use(training.run.latest)
    assert in_use(training.run.folder.with_name("other") / "latest.safetensors") == ""
    window.training.stop()
    until(qtbot, lambda: not window.training.running)


def test_closing_during_a_training_asks_first(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="100000")
    window.close()
    assert window.isVisible()
    said = press_in_the_question(qtbot, window, "Keep training")
    assert said.startswith('"mine" is still being trained.')
    assert "kept" in said
    assert window.training.running
    window.training.stop()
    until(qtbot, lambda: not window.training.running)


def test_the_next_start_offers_to_go_on_and_does(
    qtbot: QtBot, tmp_path: Path, user_data_folder: Path
) -> None:
    checkpoint = tiny_checkpoint(tmp_path)
    with open_window(qtbot, checkpoint) as window:
        train(qtbot, window, tmp_path, epochs="16")
        until(qtbot, lambda: "epoch" in window.trainings.status.text())
        window.close()
        press_in_the_question(qtbot, window, "Stop and close")
        until(qtbot, lambda: not window.isVisible())
    latest = user_data_folder / "runs" / "mine" / "latest.safetensors"
    assert read_card(latest)["epochs"] < 16
    with open_window(qtbot, checkpoint) as window:
        assert 'The training "mine" stopped when the studio ended' in (window.messages.label.text())
        assert window.messages.button.text() == "Go on"
    with open_window(qtbot, checkpoint) as window:  # it was not answered
        assert window.messages.button.text() == "Go on"
        click(window.messages.button)
        until(qtbot, lambda: window.training.running)
        until(qtbot, lambda: not window.training.running)
    assert read_card(latest)["epochs"] == 16
    with open_window(qtbot, checkpoint) as window:
        assert not window.messages.isVisible()


def test_what_was_learnt_before_closing_is_kept_whole(
    qtbot: QtBot, tmp_path: Path, user_data_folder: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        train(qtbot, window, tmp_path, epochs="100000")
        until(qtbot, lambda: "epoch" in window.trainings.status.text())
        training = window.training.training
        assert training is not None
        run = training.run
        window.close()
        press_in_the_question(qtbot, window, "Stop and close")
        until(qtbot, lambda: not window.isVisible())
    rows = run.metrics_file.read_text().splitlines()
    epochs = read_card(run.latest)["epochs"]
    assert epochs >= int(float(rows[-1].split(",")[1])), "no epoch that was told is missing"
    assert run.state.is_file()
    assert load(run.latest).name == "made"


def test_a_run_that_another_window_trains_is_not_offered_and_not_forgotten(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(qtbot, window, tmp_path, epochs="100000")
    until(qtbot, lambda: "epoch" in window.trainings.status.text())
    training = window.training.training
    assert training is not None
    until(qtbot, training.run.state.is_file)
    with open_window(qtbot, tiny_checkpoint(tmp_path, "made")) as second:
        assert not second.messages.isVisible()
    assert QSettings().value("training/unfinished") == [str(training.run.folder.absolute())]
    window.training.stop()
    until(qtbot, lambda: not window.training.running)
    assert QSettings().value("training/unfinished") is None


@pytest.fixture
def unfinished(user_data_folder: Path) -> Path:
    """A run that the studio was closed in the middle of."""
    run = user_data_folder / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "resume.safetensors").touch()
    QSettings().setValue("training/unfinished", str(run))
    return run


def test_a_run_that_is_declined_is_not_offered_again(
    qtbot: QtBot, tmp_path: Path, unfinished: Path
) -> None:
    checkpoint = tiny_checkpoint(tmp_path)
    with open_window(qtbot, checkpoint) as window:
        assert window.messages.button.text() == "Go on"
        click(window.messages.close_button)
        assert not window.messages.isVisible()
    with open_window(qtbot, checkpoint) as window:
        assert not window.messages.isVisible()


def test_the_offer_covers_nothing_of_the_start_page(
    qtbot: QtBot, tmp_path: Path, unfinished: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(1366, 740)
        window.pages.setCurrentWidget(window.start_page)
        until(qtbot, lambda: window.width() == 1366 and window.start_page.isVisible())
        window.messages._settle()
        page = window.start_page
        parts = [
            part
            for kind in (QLabel, QAbstractButton)
            for part in page.findChildren(kind)
            if part.isVisible()
        ]
        assert len(parts) >= 7
        offer = window.messages.geometry()
        assert not any(
            offer.intersects(QRect(part.mapTo(window.centre, QPoint()), part.size()))
            for part in parts
        )


def test_the_offer_leaves_the_heading_free_where_there_is_little_room(
    qtbot: QtBot, tmp_path: Path, unfinished: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(1366, 740)
        window.pages.setCurrentWidget(window.start_page)
        window.show_dock("Training")
        until(qtbot, lambda: window.width() == 1366 and window.centre.height() < 500)
        window.messages._settle()
        heading, about = window.start_page.findChildren(QLabel)[:2]
        for text in (heading, about):
            place = QRect(text.mapTo(window.centre, QPoint()), text.size())
            assert not window.messages.geometry().intersects(place)
