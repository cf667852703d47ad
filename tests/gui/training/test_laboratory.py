"""The laboratory in the window: runs that lie in folders, compared and gone on from with the mouse.
The runs are made here: a few lines of a table and a few pictures."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QFileDialog,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

import models
from studio.engine.training.queue import Queue
from studio.gui.session import Session
from studio.gui.training.laboratory.page import LaboratoryPage
from studio.gui.training.laboratory.room import Room
from studio.gui.training.laboratory.watching import Watching
from tests.gui.windows import SECONDS, click, drag, open_window, press, run_xdotool, until
from tests.tiny import tiny_checkpoint

EPOCHS, STEPS = 3, 30
SIDE = 12  # pixels of the pictures of an epoch
NAMES = ["step", "epoch", "seconds", "train_bits_per_dim", "val_bits_per_dim", "rate"]


def made_run(
    folder: Path,
    loss: float,
    gradients: bool = True,
    sweep: tuple[str, dict[str, str]] | None = None,
) -> Path:
    """The folder of a run of three epochs, whose loss falls to this one; epoch by epoch its samples
    get lighter, and what it had learnt is kept of each."""
    for name in ("samples", "epochs"):
        (folder / name).mkdir(parents=True)
    recipe = models.recipe("pixelcnn").with_changes(epochs=EPOCHS, rate=loss / 10)
    document = {
        "model": "pixelcnn",
        "config": {"shape": [1, 8, 8], "levels": 2, "width": 4, "hidden": 4},
        "recipe": recipe.to_dict(),
        "device": "cpu",
    }
    (folder / "config.json").write_text(json.dumps(document))
    names = [*NAMES, *(["gradient_norm"] if gradients else [])]
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        for step in range(1, STEPS + 1):
            row = {"step": step, "epoch": step / 10, "seconds": 2 * step, "rate": 0.001}
            row["train_bits_per_dim"] = loss + 1 / step
            writer.writerow({**row, **({"gradient_norm": 5.0} if gradients else {})})
            if step % 10 == 0:
                row["val_bits_per_dim"] = row.pop("train_bits_per_dim") + 0.01
                writer.writerow(row)
    for epoch in range(1, EPOCHS + 1):
        picture = Image.new("L", (SIDE, SIDE), 60 * epoch)
        picture.save(folder / "samples" / f"epoch-{epoch:03}.png")
    if sweep is not None:
        (folder / "sweep.json").write_text(json.dumps({"name": sweep[0], "changes": sweep[1]}))
    return folder


@pytest.fixture
def runs(user_data_folder: Path) -> list[Path]:
    """Two runs of the person's, "second" being the newer one."""
    there = user_data_folder / "runs"
    return [made_run(there / "first", 0.2), made_run(there / "second", 0.1, gradients=False)]


def test_a_picture_that_is_written_again_is_read_again(runs: list[Path]) -> None:
    watching, path = Watching(), runs[0] / "samples" / "epoch-001.png"
    before = watching._read(path)
    assert watching._read(path) is before
    Image.new("L", (SIDE, SIDE), 7).save(path)
    os.utime(path, (1, 1))
    assert watching._read(path).pixelColor(0, 0).red() == 7
    watching.close()
    assert watching.join(10)


@pytest.fixture
def room(qtbot: QtBot, runs: list[Path]) -> Iterator[Room]:
    """What the page has on it, with the runs in it, in a window of its own."""
    room = Room(Watching())
    qtbot.addWidget(room)
    room.resize(750, 620)
    with qtbot.waitExposed(room):
        room.show()
    until(qtbot, lambda: room.runs.count() == 2 and bool(room.chart.lines))
    yield room
    room.hide()
    room.watching.close()
    assert room.watching.join(10)


def row_of(room: Room, name: str) -> int:
    found = [room.runs.item(row).text() for row in range(room.runs.count())]
    return next(row for row, text in enumerate(found) if text.startswith(name))


def tick(room: Room, name: str) -> None:
    """Click into the box of a run."""
    runs, index = room.runs, room.runs.model().index(row_of(room, name), 0)
    option = QStyleOptionViewItem()
    runs.initViewItemOption(option)
    option.rect = runs.visualRect(index)
    delegate = runs.itemDelegate()
    assert isinstance(delegate, QStyledItemDelegate)
    delegate.initStyleOption(option, index)
    box = runs.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, runs)
    drag(runs.viewport(), [box.center()])


def tick_both(qtbot: QtBot, room: Room) -> None:
    for name in ("first", "second"):
        if name not in {run.name for run in room.runs.chosen}:
            tick(room, name)
    until(qtbot, lambda: len({line.run for line in room.chart.lines}) == 2)
    until(qtbot, lambda: len(room.sight.pictures) == 2)


def point_at(widget: QWidget, place: QPoint) -> None:
    """Move the pointer of the X server there, and a little on."""
    for each in (place - QPoint(2, 0), place):
        there = widget.mapToGlobal(each)
        run_xdotool("mousemove", str(there.x()), str(there.y()))


def test_from_the_key_to_the_model_of_an_earlier_epoch_on_the_stage(
    qtbot: QtBot, tmp_path: Path, runs: list[Path]
) -> None:
    kept = tiny_checkpoint(tmp_path)
    shutil.copy(kept, runs[1] / "epochs" / "epoch-001.safetensors")
    with open_window(qtbot, kept) as window:
        press("ctrl+l")
        page = window.laboratory
        until(qtbot, lambda: page.room is not None and page.room.runs.count() == 2)
        room = page.room
        assert room is not None
        until(qtbot, lambda: runs[1] in room.sight.pictures)
        slider = room.samples.slider
        drag(slider, [QPoint(slider.width() - 6, slider.height() // 2), QPoint(2, 8)])
        until(qtbot, lambda: room.sight.pictures[runs[1]][0] == 1)
        assert room.samples.readout.text() == "Epoch 1 of 3"
        click(room.samples.pictures[runs[1]])
        expected = runs[1] / "epochs" / "epoch-001.safetensors"
        until(qtbot, lambda: window.session.checkpoint == expected)
        until(qtbot, window.drawing_page.isVisible)
        assert not room.isVisible()


def test_both_runs_are_read_off_where_the_pointer_is(qtbot: QtBot, room: Room) -> None:
    tick_both(qtbot, room)
    box = room.chart.plotItem.vb
    there = room.chart.mapFromScene(box.mapViewToScene(box.viewRect().center()))
    point_at(room.chart.viewport(), there)
    until(qtbot, room.chart.readings.isVisible)
    step = round(box.viewRect().center().x())
    assert room.chart.readings.title == f"Step {step}"
    values = {row.run: row.value for row in room.chart.readings.rows}
    assert values == pytest.approx({"first": 0.2 + 1 / step, "second": 0.1 + 1 / step})
    point_at(room, QPoint(5, 5))
    until(qtbot, lambda: not room.chart.readings.isVisible())


def test_the_curves_are_drawn_along_steps_epochs_or_time(qtbot: QtBot, room: Room) -> None:
    last = {}
    for name in ("steps", "epochs", "time"):
        room.axis.setCurrentIndex(room.axis.findData(name))
        last[name] = max(line.x[-1] for line in room.chart.lines)
    assert last == {"steps": 30, "epochs": 3, "time": 60}
    assert room.chart.getAxis("bottom").labelText == "Seconds"


def test_validation_stands_beside_training_and_stays_as_it_is_when_smoothed(room: Room) -> None:
    before = {line.validation: line.y for line in room.chart.lines if line.run == "second"}
    room.smoothing.setValue(room.smoothing.maximum())
    after = {line.validation: line.y for line in room.chart.lines if line.run == "second"}
    assert set(before) == {False, True}
    assert (after[True] == before[True]).all()
    assert after[False][-1] > before[False][-1]  # it fell, and the past counts


def test_what_is_not_new_is_not_drawn_again(qtbot: QtBot, room: Room, runs: list[Path]) -> None:
    tick_both(qtbot, room)
    before = room.chart.drawings
    with (runs[0] / "metrics.csv").open("a") as file:
        file.write("31,3.1,62,0.19,,0.001,5.0\n")
    until(qtbot, lambda: room.chart.drawings > before)
    assert room.chart.drawings - before == 2  # the training and the validation of one run


def test_a_run_that_is_trained_elsewhere_is_watched_by_opening_its_folder(
    qtbot: QtBot, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_run(tmp_path / "shared" / "far", 0.3)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    click(room.open_folder)
    until(qtbot, lambda: "far" in {line.run for line in room.chart.lines})
    with (folder / "metrics.csv").open("a") as file:
        file.write("40,4,80,0.1,,0.001,5.0\n")
    until(qtbot, lambda: max(line.x[-1] for line in room.chart.lines if line.run == "far") == 40)


def test_a_folder_without_runs_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    watching, said = Watching(), []

    def told() -> bool:
        said.append(watching.failures.take())
        return said[-1] is not None

    watching.rest(True)
    watching.open(tmp_path)
    until(qtbot, told)
    watching.close()
    assert watching.join(10)
    assert said[-1] == (
        f'"{tmp_path.name}" is not the folder of a run: choose one with a config.json.',
        "",
    )


def test_gradients_have_a_curve_of_their_own_and_old_runs_say_that_they_have_none(
    qtbot: QtBot, room: Room
) -> None:
    tick_both(qtbot, room)
    room.what.setCurrentIndex(room.what.findData("gradient norm"))
    assert [line.run for line in room.chart.lines] == ["first"]
    tick(room, "first")
    until(qtbot, lambda: not room.chart.lines)
    assert "trained by an earlier version" in room.chart.empty.text()


def test_the_queue_is_reordered_and_emptied_with_the_mouse(qtbot: QtBot, room: Room) -> None:
    queue = Queue()
    for name in ("one", "two", "three"):
        queue.add({"model": "made", "name": name})
    click(room.queue_chip)
    pane = room.queue
    until(qtbot, lambda: pane.list.count() == 3)
    click_row(pane.list, 2)
    click(pane.up)
    until(qtbot, lambda: names_of(pane.list) == ["one", "three", "two"])
    click_row(pane.list, 0)
    click(pane.remove)
    until(qtbot, lambda: names_of(pane.list) == ["three", "two"])
    assert [entry.name for entry in queue.entries()] == ["three", "two"]


@pytest.fixture
def page(qtbot: QtBot, runs: list[Path]) -> Iterator[LaboratoryPage]:
    """The page by itself, not seen yet."""
    session = Session()
    page = LaboratoryPage(session)
    qtbot.addWidget(page)
    page.resize(750, 620)
    yield page
    page.hide()
    page.close_down()
    assert session.shut_down(10)
    page.close()


def test_a_sweep_is_put_into_a_queue_that_begins_although_nobody_looks_and_has_its_table(
    qtbot: QtBot, page: LaboratoryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(Queue, "start_worker", lambda queue, files=(): started.append(files))
    with qtbot.waitSignal(page.message, timeout=SECONDS) as said:
        of_all = {"model": "made", "sweep": "mine", "changes": {}}
        page.put_into_queue([{**of_all, "name": name} for name in ("one", "two")])
    assert said.args == ["2 trainings are in the queue of the laboratory."]
    until(qtbot, lambda: bool(started))
    assert [entry.name for entry in Queue().entries()] == ["one", "two"]
    page.show()
    until(qtbot, lambda: page.room is not None and page.room.table.table.rowCount() == 2)
    assert page.room is not None
    assert page.room.table.table.isVisible()
    assert page.room.queue.isVisible()


@pytest.mark.parametrize("end", [LaboratoryPage.training_over, LaboratoryPage.close_down])
def test_the_queue_begins_when_the_training_of_the_window_is_over_or_the_window_is_closed(
    qtbot: QtBot,
    page: LaboratoryPage,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[LaboratoryPage], None],
) -> None:
    started: list[object] = []
    monkeypatch.setattr(Queue, "start_worker", lambda queue, files=(): started.append(files))
    page.trains = lambda: True
    with qtbot.waitSignal(page.message, timeout=SECONDS) as said:
        page.put_into_queue([{"model": "made", "name": "one"}])
    assert said.args[0].endswith("The queue begins when the training here is over.")
    until(qtbot, lambda: [entry.name for entry in Queue().entries()] == ["one"])
    assert not started
    for _ in range(2):
        end(page)
    until(qtbot, lambda: len(started) == 1)


def test_samples_of_an_epoch_that_goes_with_its_run_are_the_latest_of_the_others(
    qtbot: QtBot, room: Room, runs: list[Path]
) -> None:
    first, _ = runs
    for epoch in (2, 3):
        (first / "samples" / f"epoch-{epoch:03}.png").unlink()
    tick_both(qtbot, room)
    until(qtbot, lambda: {len(run.samples) for run in room.runs.chosen} == {1, 3})
    room.samples.slider.setValue(1)
    until(qtbot, lambda: room.samples.pictures[first].image.isNull())  # it has no second epoch
    tick(room, "second")
    until(qtbot, lambda: not room.samples.pictures[first].image.isNull())


def test_duplicate_and_change_asks_for_the_form_with_what_the_run_was_asked_for(
    qtbot: QtBot, page: LaboratoryPage
) -> None:
    page.show()
    until(qtbot, lambda: page.room is not None and page.room.runs.count() == 2)
    assert page.room is not None
    page.room.runs.setCurrentRow(row_of(page.room, "first"))
    with qtbot.waitSignal(page.form_wanted, timeout=SECONDS) as wanted:
        click(page.room.duplicate)
    request, name = wanted.args
    assert (name, request.model) == ("first", "pixelcnn")
    assert {key: request.changes[key] for key in ("rate", "epochs", "width")} == {
        "rate": "0.02",
        "epochs": "3",
        "width": "4",
    }


def click_row(listed: QListWidget, row: int) -> None:
    drag(listed.viewport(), [listed.visualItemRect(listed.item(row)).center()])


def names_of(listed: QListWidget) -> list[str]:
    return [listed.item(row).text().split("\n")[0] for row in range(listed.count())]


def test_the_table_of_a_sweep_has_the_best_first_and_sorts_by_a_heading(
    qtbot: QtBot, room: Room, user_data_folder: Path
) -> None:
    losses = {"0.01": 0.3, "0.002": 0.1, "0.0005": 0.2}
    for rate, loss in losses.items():
        made_run(user_data_folder / "runs" / f"sweep-{rate}", loss, sweep=("sweep", {"rate": rate}))
    click(room.table_chip)
    table = room.table.table
    room.watching.look()
    until(qtbot, lambda: table.rowCount() == 3)

    def rates() -> list[str]:
        return [str(table.model().index(row, 0).data()) for row in range(3)]

    assert rates() == sorted(losses, key=losses.__getitem__)
    header = table.horizontalHeader()
    drag(header.viewport(), [QPoint(header.sectionViewportPosition(0) + 8, header.height() // 2)])
    until(qtbot, lambda: rates() == ["0.0005", "0.002", "0.01"])
    drag(table.viewport(), [table.visualRect(table.model().index(2, 0)).center()])
    until(qtbot, lambda: "sweep-0.01" in {run.name for run in room.runs.chosen})
